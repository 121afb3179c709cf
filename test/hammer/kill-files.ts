/**
 * Steps of the kill hammer on files: pairs of words in two files, under a record lock of their bytes or
 * under flock(); records that are appended to a log, and counted as messages; names that come and go.
 */
import {
  F_RDLCK,
  F_SETLK,
  F_SETLKW,
  F_UNLCK,
  F_WRLCK,
  LOCK_EX,
  LOCK_NB,
  LOCK_SH,
  LOCK_UN,
  O_APPEND,
  O_CREAT,
  O_EXCL,
  O_RDONLY,
  O_RDWR,
  O_WRONLY,
  type Syscalls,
} from "../../runtime/index.ts";
import { type Arena, SENT } from "./kill-arena.ts";
import { countRecord, newRecord, RECORD } from "./kill-records.ts";
import { again, dawdle, type Job, type Step, succeeds } from "./kill-steps.ts";

const FOLDER = "/tmp/kill";
const RANGES = `${FOLDER}/ranges`;
const WHOLE = `${FOLDER}/whole`;
const LOG = `${FOLDER}/log`;
/** Pairs in the file of ranges, and bytes of each: two words that add up to 0, and who is inside. */
const PAIRS = 4;
const PAIR = 12;

/** The folder with its files. */
export function createFiles(sys: Syscalls): void {
  sys.mkdir(FOLDER, 0o777);
  for (const path of [RANGES, WHOLE, LOG]) {
    const fd = sys.open(path, O_CREAT | O_EXCL | O_RDWR, 0o666);
    if (path !== LOG) sys.write(fd, new Uint8Array(PAIRS * PAIR));
    sys.close(fd);
  }
}

/** Gives /tmp the frames that it needs for the folder, before anybody looks how many are free. */
export function prepareFolder(sys: Syscalls): void {
  sys.mkdir(FOLDER, 0o777);
  sys.rmdir(FOLDER);
}

function readPair({ sys }: Job, fd: number, at: number): Int32Array {
  const words = new Int32Array(PAIR / 4);
  const size = sys.pread(fd, new Uint8Array(words.buffer), PAIR, at);
  if (size !== PAIR) throw new Error(`${size} bytes of a pair at ${at}`);
  return words;
}

function writePair({ sys }: Job, fd: number, at: number, words: Int32Array): void {
  sys.pwrite(fd, new Uint8Array(words.buffer), PAIR, at);
}

/** Changes a pair in two steps, under a lock; what one who died inside has left is put right first. */
function changePair(job: Job, fd: number, at: number): void {
  const words = readPair(job, fd, at);
  const [first = 0, second = 0, inside = 0] = words;
  if (first + second !== 0 && inside === 0) throw new Error(`nobody inside, ${first}, ${second}`);
  words.set([first + 1, -first, job.number]);
  writePair(job, fd, at, words);
  dawdle(job);
  job.middle();
  const seen = readPair(job, fd, at);
  if (seen.some((word, index) => word !== words[index])) {
    throw new Error(`the pair at ${at} is ${seen} instead of ${words}, under a lock`);
  }
  words.set([first + 1, -first - 1, 0]);
  writePair(job, fd, at, words);
}

/** One pair under a record lock, which is given up by fcntl() or by close(). */
const range: Step = (job) => {
  const { sys, next } = job;
  const fd = sys.open(RANGES, O_RDWR);
  const at = PAIR * next(PAIRS);
  const bytes = { l_start: at, l_len: PAIR };
  if (next(4) === 0) {
    const shared = { l_type: F_RDLCK, ...bytes };
    if (succeeds(["EAGAIN"], () => sys.fcntl(fd, F_SETLK, shared))) {
      const [first = 0, second = 0, inside = 0] = readPair(job, fd, at);
      if (inside === 0 && first + second !== 0) throw new Error(`shared: ${first}, ${second}`);
    }
  } else {
    again(job, () => sys.fcntl(fd, F_SETLKW, { l_type: F_WRLCK, ...bytes }));
    changePair(job, fd, at);
  }
  if (next(2) === 0) sys.fcntl(fd, F_SETLK, { l_type: F_UNLCK, ...bytes });
  sys.close(fd);
};

/** The same under flock(). */
const whole: Step = (job) => {
  const { sys, next } = job;
  const fd = sys.open(WHOLE, O_RDWR);
  const way = next(4);
  if (way === 0) {
    again(job, () => sys.flock(fd, LOCK_SH));
    readPair(job, fd, 0);
  } else if (way === 1) {
    if (succeeds(["EAGAIN"], () => sys.flock(fd, LOCK_EX | LOCK_NB))) changePair(job, fd, 0);
  } else {
    again(job, () => sys.flock(fd, LOCK_EX));
    changePair(job, fd, 0);
  }
  if (next(2) === 0) sys.flock(fd, LOCK_UN);
  sys.close(fd);
};

/** A record at the end of the log, which is read when nobody lives. */
const append: Step = ({ sys, arena, middle }) => {
  const fd = sys.open(LOG, O_WRONLY | O_APPEND);
  const id = arena.nextMessage();
  const size = sys.write(fd, newRecord(id));
  if (size !== RECORD) throw new Error(`${size} bytes were appended`);
  Atomics.store(arena.said, id, SENT);
  middle();
  sys.close(fd);
};

/** A file of one's own under one name after the other, and at last under none. */
const names: Step = ({ sys, number, middle }) => {
  const name = `${FOLDER}/${sys.getpid()}`;
  const fd = sys.open(name, O_RDWR | O_CREAT | O_EXCL, 0o600);
  sys.write(fd, newRecord(number));
  sys.link(name, `${name}b`);
  sys.unlink(name);
  middle();
  sys.rename(`${name}b`, `${name}c`);
  sys.symlink(`${name}c`, name);
  const linked = sys.open(name, O_RDONLY);
  if (sys.fstat(linked).st_nlink !== 1) throw new Error("names are left");
  sys.unlink(`${name}c`);
  sys.unlink(name);
  const record = new Uint8Array(RECORD);
  const wanted = newRecord(number);
  const size = sys.read(linked, record);
  if (size !== RECORD || record.some((byte, at) => byte !== wanted[at])) {
    throw new Error(`${size} bytes, not those that were written`);
  }
  sys.close(linked);
  sys.close(fd);
};

export const FILE_STEPS = { range, whole, append, names };

/** Counts the log's records; what the dead have left in the folder is whole, and is removed. */
export function verifyFiles(sys: Syscalls, arena: Arena, wrong: (text: string) => void): void {
  const log = sys.open(LOG, O_RDONLY);
  for (;;) {
    const record = new Uint8Array(RECORD);
    const size = sys.read(log, record);
    if (size === 0) break;
    try {
      countRecord(arena, record, size);
    } catch (error) {
      wrong(`in the log: ${(error as Error).message}`);
    }
  }
  sys.close(log);
  const folder = sys.open(FOLDER, O_RDONLY);
  for (let entries = sys.getdents(folder); entries.length > 0; entries = sys.getdents(folder)) {
    for (const { d_name: name } of entries) {
      if (name === "." || name === "..") continue;
      const path = `${FOLDER}/${name}`;
      const { st_size, st_nlink } = sys.lstat(path);
      const isWhole = [RANGES, WHOLE, LOG].includes(path) || st_size === 0 || st_size === RECORD;
      // A symbolic link's size is that of its text.
      const isLink = st_size === path.length + 1;
      if (!(isWhole || isLink) || st_nlink > 2)
        wrong(`${path}: ${st_size} bytes, ${st_nlink} links`);
      sys.unlink(path);
    }
  }
  sys.close(folder);
  sys.rmdir(FOLDER);
}
