/**
 * Files by one thread, over `Syscalls`: in the machine, and in a tmpfs of Linux. What is asked is in a
 * folder of its own, two names below the root.
 */
import { F_SETLK, F_UNLCK, F_WRLCK, O_CREAT, O_RDONLY, O_RDWR } from "../assembly/abi/fcntl.ts";
import { POLLIN } from "../assembly/abi/poll.ts";
import type { Syscalls } from "../host/contract.ts";
import { nowNs, type Parties, type Party } from "./party.ts";

const BLOCK = 4096;
const MARK = 0x78;

/** `work` on a file of one block, which is there while the clock runs. */
function onFile(
  sys: Syscalls,
  folder: string,
  work: (n: number, path: string, fd: number) => void,
): Party {
  return (n) => {
    const path = `${folder}/file`;
    sys.mkdir(folder, 0o700);
    const fd = sys.open(path, O_CREAT | O_RDWR, 0o600);
    sys.write(fd, new Uint8Array(BLOCK).fill(MARK));
    const start = nowNs();
    work(n, path, fd);
    const ns = nowNs() - start;
    sys.close(fd);
    sys.unlink(path);
    sys.rmdir(folder);
    return ns;
  };
}

function reads(sys: Syscalls, n: number, fd: number): void {
  const block = new Uint8Array(BLOCK);
  for (let i = 0; i < n; i++) sys.pread(fd, block, BLOCK, 0);
  if (block[BLOCK - 1] !== MARK) throw new Error("the bytes were not read");
}

/** One descriptor that is ready. */
function polls(sys: Syscalls): Party {
  return (n) => {
    const [r, w] = sys.pipe();
    sys.write(w, new Uint8Array(1));
    const fds = [{ fd: r, events: POLLIN, revents: 0 }];
    let ready = 0;
    const start = nowNs();
    for (let i = 0; i < n; i++) ready += sys.poll(fds, 0);
    const ns = nowNs() - start;
    sys.close(r);
    sys.close(w);
    if (ready !== n) throw new Error("a poll has not seen the byte");
    return ns;
  };
}

/** Named as the rows of rows.ts and the parties of bench/native. */
export function fileParties(sys: Syscalls, folder: string): Parties {
  const lock = { l_type: F_WRLCK, l_start: 0, l_len: 1 };
  const unlock = { l_type: F_UNLCK, l_start: 0, l_len: 1 };
  return {
    "file-stat": onFile(sys, folder, (n, path) => {
      let size = 0;
      for (let i = 0; i < n; i++) size += sys.stat(path).st_size;
      if (size !== n * BLOCK) throw new Error("stat() tells another size");
    }),
    "file-open": onFile(sys, folder, (n, path) => {
      for (let i = 0; i < n; i++) sys.close(sys.open(path, O_RDONLY));
    }),
    "file-create": onFile(sys, folder, (n, path) => {
      for (let i = 0; i < n; i++) {
        sys.close(sys.open(`${path}2`, O_CREAT | O_RDWR, 0o600));
        sys.unlink(`${path}2`);
      }
    }),
    "file-read": onFile(sys, folder, (n, _path, fd) => reads(sys, n, fd)),
    "file-write": onFile(sys, folder, (n, _path, fd) => {
      const block = new Uint8Array(BLOCK).fill(MARK);
      for (let i = 0; i < n; i++) sys.pwrite(fd, block, BLOCK, 0);
    }),
    "file-lock": onFile(sys, folder, (n, _path, fd) => {
      for (let i = 0; i < n; i++) {
        sys.fcntl(fd, F_SETLK, lock);
        sys.fcntl(fd, F_SETLK, unlock);
      }
    }),
    "poll-one": polls(sys),
  };
}
