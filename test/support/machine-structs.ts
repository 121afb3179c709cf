/** What goes through a task's transfer area, for tests that call the kernel's exports. */
import * as ipc from "../../assembly/abi/ipc.ts";
import * as msg from "../../assembly/abi/msg.ts";
import * as sem from "../../assembly/abi/sem.ts";
import * as shm from "../../assembly/abi/shm.ts";
import type { TestTask } from "./machine.ts";

export interface Op {
  num: number;
  op: number;
  flg: number;
}

export interface Perm {
  key: number;
  uid: number;
  gid: number;
  cuid: number;
  cgid: number;
  mode: number;
}

function field(task: TestTask, offset: number): number {
  return task.machine.view.getInt32(task.transfer + offset, true);
}

function time(task: TestTask, offset: number): number {
  return Number(task.machine.view.getBigInt64(task.transfer + offset, true));
}

export function writeOps(task: TestTask, ops: readonly Op[]): void {
  const { view } = task.machine;
  ops.forEach(({ num, op, flg }, index) => {
    const at = task.transfer + index * sem.SEMBUF_SIZE;
    view.setUint16(at + sem.SEMBUF_NUM, num, true);
    view.setInt16(at + sem.SEMBUF_OP, op, true);
    view.setInt16(at + sem.SEMBUF_FLG, flg, true);
  });
}

/** semop(2) through the transfer area, or for one operation without it. */
export function semop(task: TestTask, semid: number, ops: readonly Op[], single = false): number {
  const [first] = ops;
  if (single && first !== undefined && ops.length === 1) {
    return task.call((kernel) => kernel.sys_semop1(semid, first.num, first.op, first.flg));
  }
  writeOps(task, ops);
  return task.call((kernel) => kernel.sys_semop(semid, ops.length));
}

export function writeValues(task: TestTask, values: readonly number[]): void {
  values.forEach((value, index) => {
    task.machine.view.setUint16(task.transfer + index * 2, value, true);
  });
}

export function readValues(task: TestTask, count: number): number[] {
  return Array.from({ length: count }, (_, index) =>
    task.machine.view.getUint16(task.transfer + index * 2, true),
  );
}

function readPerm(task: TestTask): Perm {
  return {
    key: field(task, ipc.IPC_PERM_KEY),
    uid: field(task, ipc.IPC_PERM_UID),
    gid: field(task, ipc.IPC_PERM_GID),
    cuid: field(task, ipc.IPC_PERM_CUID),
    cgid: field(task, ipc.IPC_PERM_CGID),
    mode: field(task, ipc.IPC_PERM_MODE),
  };
}

export function writePerm(task: TestTask, uid: number, gid: number, mode: number): void {
  const { view } = task.machine;
  view.setInt32(task.transfer + ipc.IPC_PERM_UID, uid, true);
  view.setInt32(task.transfer + ipc.IPC_PERM_GID, gid, true);
  view.setInt32(task.transfer + ipc.IPC_PERM_MODE, mode, true);
  view.setInt32(task.transfer + ipc.IPC_PERM_KEEP, 0, true);
}

export function readSemid(task: TestTask) {
  return {
    perm: readPerm(task),
    otime: time(task, sem.SEMID_DS_OTIME),
    ctime: time(task, sem.SEMID_DS_CTIME),
    nsems: field(task, sem.SEMID_DS_NSEMS),
  };
}

export function readShmid(task: TestTask) {
  return {
    perm: readPerm(task),
    size: field(task, shm.SHMID_DS_SEGSZ),
    atime: time(task, shm.SHMID_DS_ATIME),
    dtime: time(task, shm.SHMID_DS_DTIME),
    ctime: time(task, shm.SHMID_DS_CTIME),
    cpid: field(task, shm.SHMID_DS_CPID),
    lpid: field(task, shm.SHMID_DS_LPID),
    nattch: field(task, shm.SHMID_DS_NATTCH),
  };
}

export function readMsqid(task: TestTask) {
  return {
    perm: readPerm(task),
    stime: time(task, msg.MSQID_DS_STIME),
    rtime: time(task, msg.MSQID_DS_RTIME),
    ctime: time(task, msg.MSQID_DS_CTIME),
    cbytes: field(task, msg.MSQID_DS_CBYTES),
    qnum: field(task, msg.MSQID_DS_QNUM),
    qbytes: field(task, msg.MSQID_DS_QBYTES),
    lspid: field(task, msg.MSQID_DS_LSPID),
    lrpid: field(task, msg.MSQID_DS_LRPID),
  };
}

/** IPC_SET's qbytes, beside writePerm(). */
export function writeQbytes(task: TestTask, qbytes: number): void {
  task.machine.view.setInt32(task.transfer + msg.MSQID_DS_QBYTES, qbytes, true);
}

/** A message whose text is `size` bytes that follow from `fill`. */
export function writeMessage(task: TestTask, mtype: number, size: number, fill: number): void {
  const { view, u8 } = task.machine;
  view.setInt32(task.transfer + msg.MSGBUF_MTYPE, mtype, true);
  for (let index = 0; index < size; index++) {
    u8[task.transfer + msg.MSGBUF_MTEXT + index] = (fill + index * 7) & 0xff;
  }
}

/** The type, and whether `size` bytes of text follow from `fill`. */
export function readMessage(task: TestTask, size: number, fill: number) {
  const { view, u8 } = task.machine;
  let intact = true;
  for (let index = 0; index < size; index++) {
    const expected = (fill + index * 7) & 0xff;
    if (u8[task.transfer + msg.MSGBUF_MTEXT + index] !== expected) intact = false;
  }
  return { mtype: view.getInt32(task.transfer + msg.MSGBUF_MTYPE, true), intact };
}

/** Where sys_shmat put the bytes. */
export function readAttach(task: TestTask): { offset: number; size: number } {
  return { offset: field(task, shm.SHMAT_OFFSET), size: field(task, shm.SHMAT_SEGSZ) };
}
