/**
 * /proc/sysvipc/shm, sem and msg: a line for each object, made anew at every read from the tables, and a
 * line of names above them. A read shows one moment; lines move when objects come and go between two.
 *
 * Guard: the table's lock. Crash: constant, nothing is stored but the reader's bytes, and where the
 * next one goes, which stands in the task's Walk. ILP32: size, rss and swap are of 32 bits. See proc(5),
 * and for the widths proc_sysvipc(5).
 */
import { EINVAL } from "./abi/errno.ts";
import { SEEK_CUR, SEEK_SET } from "./abi/unistd.ts";
import { current } from "./current.ts";
import { File } from "./file.ts";
import { Inode } from "./inode.ts";
import { lock_enter, lock_leave, RANK_TABLE } from "./lock.ts";
import { Queue } from "./msg.ts";
import { LOCK_MSG, LOCK_SEM, LOCK_SHM, TABLE_MSG, TABLE_SEM, TABLE_SHM } from "./region.ts";
import { SemSet } from "./sem.ts";
import { Segment } from "./shm.ts";
import { IpcObject, object_id, table_of, table_slot } from "./table.ts";
import { task_walk } from "./task.ts";

/** Which file it is: st_rdev of its inode, where others that are regular have 0. */
export const SYSVIPC_SHM: i32 = 1;
export const SYSVIPC_SEM: i32 = 2;
export const SYSVIPC_MSG: i32 = 3;

/** Names of columns, up to eight bytes. */
const KEY: u64 = 0x79656b;
const SHMID: u64 = 0x64696d6873;
const SEMID: u64 = 0x64696d6573;
const MSQID: u64 = 0x646971736d;
const PERMS: u64 = 0x736d726570;
const SIZE: u64 = 0x657a6973;
const CPID: u64 = 0x64697063;
const LPID: u64 = 0x6469706c;
const NATTCH: u64 = 0x68637474616e;
const UID: u64 = 0x646975;
const GID: u64 = 0x646967;
const CUID: u64 = 0x64697563;
const CGID: u64 = 0x64696763;
const ATIME: u64 = 0x656d697461;
const DTIME: u64 = 0x656d697464;
const CTIME: u64 = 0x656d697463;
const OTIME: u64 = 0x656d69746f;
const STIME: u64 = 0x656d697473;
const RTIME: u64 = 0x656d697472;
const RSS: u64 = 0x737372;
const SWAP: u64 = 0x70617773;
const NSEMS: u64 = 0x736d65736e;
const CBYTES: u64 = 0x736574796263;
const QNUM: u64 = 0x6d756e71;
const LSPID: u64 = 0x646970736c;
const LRPID: u64 = 0x646970726c;

const SPACE: u8 = 0x20;
const NEWLINE: u8 = 0x0a;
const MINUS: u8 = 0x2d;
const ZERO: u8 = 0x30;

/** Where the reader's next byte goes; it is in nobody else's sight. */
@unmanaged
class Out {
  /** 0 */ skip: i64; // bytes before those that are asked for
  /** 8 */ at: usize;
  /** 12 */ left: u32;
}

function put(out: Out, byte: u8): void {
  if (out.skip > 0) {
    out.skip -= 1;
  } else if (out.left > 0) {
    store<u8>(out.at, byte);
    out.at += 1;
    out.left -= 1;
  }
}

function pad(out: Out, width: i32, length: i32): void {
  for (let spaces = width - length; spaces > 0; spaces--) put(out, SPACE);
}

/** A column's name, to the right of its width. */
function title(out: Out, width: i32, name: u64): void {
  const length = 8 - <i32>(clz(name) >> 3);
  pad(out, width, length);
  for (let rest = name; rest != 0; rest >>= 8) put(out, <u8>rest);
}

function number(out: Out, width: i32, value: i64, base: u64): void {
  const size = <u64>(value < 0 ? -value : value);
  let length = value < 0 ? 2 : 1;
  let unit: u64 = 1;
  while (size / unit >= base) {
    unit *= base;
    length += 1;
  }
  pad(out, width, length);
  if (value < 0) put(out, MINUS);
  for (; unit != 0; unit /= base) put(out, ZERO + <u8>((size / unit) % base));
}

/** A column: its name in the first line, which is of no object. */
function column(out: Out, width: i32, name: u64, object: IpcObject | null, value: i64): void {
  if (object == null) title(out, width, name);
  else number(out, width, value, 10);
}

/** The first three columns of every kind. */
function begin(out: Out, object: IpcObject | null, name: u64): void {
  column(out, 10, KEY, object, object == null ? 0 : object.key);
  put(out, SPACE);
  column(out, 10, name, object, object == null ? 0 : object_id(object));
  put(out, SPACE);
  if (object == null) title(out, 5, PERMS);
  else number(out, 5, object.mode, 8);
}

function owners(out: Out, object: IpcObject | null): void {
  column(out, 6, UID, object, object == null ? 0 : <u32>object.uid);
  column(out, 6, GID, object, object == null ? 0 : <u32>object.gid);
  column(out, 6, CUID, object, object == null ? 0 : <u32>object.cuid);
  column(out, 6, CGID, object, object == null ? 0 : <u32>object.cgid);
}

function shm_line(out: Out, object: IpcObject | null): void {
  const it = changetype<Segment>(changetype<usize>(object));
  const is = object != null;
  begin(out, object, SHMID);
  column(out, 22, SIZE, object, is ? it.size : 0);
  column(out, 6, CPID, object, is ? it.cpid : 0);
  column(out, 6, LPID, object, is ? it.lpid : 0);
  column(out, 7, NATTCH, object, is ? it.nattch : 0);
  owners(out, object);
  column(out, 11, ATIME, object, is ? <i64>it.atime : 0);
  column(out, 11, DTIME, object, is ? <i64>it.dtime : 0);
  column(out, 11, CTIME, object, is ? <i64>it.ctime : 0);
  // Every frame is there from the start, and none is ever elsewhere.
  column(out, 22, RSS, object, is ? (<i64>it.frames) << 12 : 0);
  column(out, 22, SWAP, object, 0);
}

function sem_line(out: Out, object: IpcObject | null): void {
  const it = changetype<SemSet>(changetype<usize>(object));
  const is = object != null;
  begin(out, object, SEMID);
  column(out, 11, NSEMS, object, is ? it.nsems : 0);
  owners(out, object);
  column(out, 11, OTIME, object, is ? <i64>it.otime : 0);
  column(out, 11, CTIME, object, is ? <i64>it.ctime : 0);
}

function msg_line(out: Out, object: IpcObject | null): void {
  const it = changetype<Queue>(changetype<usize>(object));
  const is = object != null;
  begin(out, object, MSQID);
  column(out, 12, CBYTES, object, is ? it.cbytes : 0);
  column(out, 11, QNUM, object, is ? it.qnum : 0);
  column(out, 6, LSPID, object, is ? it.lspid : 0);
  column(out, 6, LRPID, object, is ? it.lrpid : 0);
  owners(out, object);
  column(out, 11, STIME, object, is ? <i64>it.stime : 0);
  column(out, 11, RTIME, object, is ? <i64>it.rtime : 0);
  column(out, 11, CTIME, object, is ? <i64>it.ctime : 0);
}

function line(out: Out, which: i32, object: IpcObject | null): void {
  if (which == SYSVIPC_SHM) shm_line(out, object);
  else if (which == SYSVIPC_SEM) sem_line(out, object);
  else msg_line(out, object);
  put(out, NEWLINE);
}

function table_at(which: i32): usize {
  return which == SYSVIPC_SHM ? TABLE_SHM : which == SYSVIPC_SEM ? TABLE_SEM : TABLE_MSG;
}

function lock_of(which: i32): usize {
  return which == SYSVIPC_SHM ? LOCK_SHM : which == SYSVIPC_SEM ? LOCK_SEM : LOCK_MSG;
}

/** read(2) at the description's offset, which moves, for `at` below 0; else pread(2). */
export function sysvipc_read(file: File, to: usize, count: u32, at: i64): i32 {
  const which = changetype<Inode>(file.inode).rdev;
  const lock = lock_of(which);
  const locked = lock_enter(lock, RANK_TABLE);
  if (locked != 0) return locked;
  const out = changetype<Out>(task_walk(current));
  out.skip = at < 0 ? file.offset : at;
  out.at = to;
  out.left = count;
  line(out, which, null);
  const table = table_of(table_at(which));
  for (let index = 0; index < table.high && out.left > 0; index++) {
    const object = table_slot(table, index);
    if (object.tag != 0) line(out, which, object);
  }
  const given = count - out.left;
  // One store: it commits.
  if (at < 0) file.offset += given;
  lock_leave(lock, RANK_TABLE);
  return <i32>given;
}

/** lseek(2). EINVAL: it has no end, no holes, and nothing before its beginning. */
export function sysvipc_seek(file: File, offset: i64, whence: i32): i64 {
  if (whence != SEEK_SET && whence != SEEK_CUR) return -EINVAL;
  const next = whence == SEEK_CUR ? file.offset + offset : offset;
  if (next < 0) return -EINVAL;
  file.offset = next;
  return next;
}
