/**
 * What a new machine has for files: the root, /tmp, /dev with null, zero and tty, /proc/sysvipc, both of them
 * mounts of their own, and /etc/services, whose text the runtime has, because the kernel has no static
 * data. They are made by the calls that make others, on a task of no thread. No locks: nobody else may
 * attach before the machine runs. Crash: nobody ever attaches to what is not whole.
 */
import { PAGE_SIZE } from "./abi/limits.ts";
import { S_IFCHR, S_IFDIR, S_IFREG, S_ISVTX } from "./abi/stat.ts";
import { current, current_set } from "./current.ts";
import { dir_add, dir_prepare } from "./directory.ts";
import {
  DEV_PROC,
  INODE_ROOT,
  Inode,
  inode_at,
  inode_create,
  inode_extend,
  inode_fill,
  inode_links_add,
  inode_number,
} from "./inode.ts";
import { journal_commit } from "./journal.ts";
import { page_hold } from "./page.ts";
import { path_first, path_second } from "./path.ts";
import { proc_slot } from "./proc.ts";
import { now, WORD_INODES_USED } from "./region.ts";
import { SYSVIPC_MSG, SYSVIPC_SEM, SYSVIPC_SHM } from "./sysvipc.ts";
import { TASK_HEADER, TASK_LIVE } from "./task.ts";

/** st_dev of the two mounts. */
const DEV_ROOT: i32 = 1;
const DEV_DEVICES: i32 = 2;

/** st_rdev as makedev(3) makes it: memory devices 3 and 5, and the terminal of the process. */
export const RDEV_NULL: i32 = 0x103;
const RDEV_ZERO: i32 = 0x105;
export const RDEV_TTY: i32 = 0x500;

/** Names of up to eight bytes, as a word. */
const NAME_TMP: u64 = 0x706d74;
const NAME_DEV: u64 = 0x766564;
const NAME_NULL: u64 = 0x6c6c756e;
const NAME_ZERO: u64 = 0x6f72657a;
const NAME_TTY: u64 = 0x797474;
const NAME_PROC: u64 = 0x636f7270;
const NAME_SYSVIPC: u64 = ((<u64>0x637069) << 32) | 0x76737973;
const NAME_MSG: u64 = 0x67736d;
const NAME_SEM: u64 = 0x6d6573;
const NAME_SHM: u64 = 0x6d6873;
const NAME_ETC: u64 = 0x637465;
const NAME_SERVICES: u64 = ((<u64>0x73656369) << 32) | 0x76726573;

/** Fewer leave no room for what is made here. */
export const INODES_MIN: i32 = 16;
export const FILE_PAGES_MIN: i32 = 16;

/** What follows is done by the task of no thread. */
function format_begin(): void {
  current_set(1);
  const task = current;
  task.id = 1;
  task.proc = changetype<usize>(proc_slot(0));
  task.state = TASK_LIVE;
}

function format_end(): void {
  journal_commit();
  memory.fill(changetype<usize>(current), 0, TASK_HEADER);
}

/** Precondition: four page frames are free. */
export function fs_format(): void {
  format_begin();
  const root = inode_at(INODE_ROOT);
  inode_fill(root, 0, 0, DEV_ROOT, now());
  root.nlink = 2;
  root.parent = INODE_ROOT;
  root.mode = S_IFDIR | 0o755;
  store<i32>(WORD_INODES_USED, 1);
  format_directory(root, NAME_TMP, S_IFDIR | S_ISVTX | 0o777, DEV_ROOT);
  const dev = format_directory(root, NAME_DEV, S_IFDIR | 0o755, DEV_DEVICES);
  format_device(dev, NAME_NULL, RDEV_NULL);
  format_device(dev, NAME_ZERO, RDEV_ZERO);
  format_device(dev, NAME_TTY, RDEV_TTY);
  const proc = format_directory(root, NAME_PROC, S_IFDIR | 0o555, DEV_PROC);
  const sysvipc = format_directory(proc, NAME_SYSVIPC, S_IFDIR | 0o555, DEV_PROC);
  format_entry(sysvipc, NAME_MSG, S_IFREG | 0o444, DEV_PROC).rdev = SYSVIPC_MSG;
  format_entry(sysvipc, NAME_SEM, S_IFREG | 0o444, DEV_PROC).rdev = SYSVIPC_SEM;
  format_entry(sysvipc, NAME_SHM, S_IFREG | 0o444, DEV_PROC).rdev = SYSVIPC_SHM;
  format_end();
}

/**
 * Makes /etc/services of the `size` bytes that stand where a second path does in the first task's transfer
 * area. Precondition: no thread has joined; they fit into a page; two page frames are free.
 */
export function machine_services(size: u32): void {
  assert(size > 0 && size <= <u32>PAGE_SIZE);
  format_begin();
  const root = inode_at(INODE_ROOT);
  const etc = format_directory(root, NAME_ETC, S_IFDIR | 0o755, DEV_ROOT);
  const file = format_entry(etc, NAME_SERVICES, S_IFREG | 0o644, DEV_ROOT);
  page_hold(1);
  inode_extend(file);
  memory.copy(file.base, path_second(), size);
  file.size = size;
  format_end();
}

/** One entry is one transaction: journal_commit() ends it, under no lock. */
function format_entry(dir: Inode, name: u64, mode: i32, dev: i32): Inode {
  const length = 8 - (<u32>clz(name) >> 3);
  const at = path_first();
  store<u64>(at, name);
  if (dir_prepare(dir, length) != 0) {
    page_hold(1);
    dir_prepare(dir, length);
  }
  const inode = inode_create(mode, 0, dev);
  dir_add(dir, at, length, inode_number(inode));
  journal_commit();
  return inode;
}

function format_directory(parent: Inode, name: u64, mode: i32, dev: i32): Inode {
  const inode = format_entry(parent, name, mode, dev);
  inode.parent = inode_number(parent);
  inode.nlink = 2;
  inode_links_add(parent, 1);
  journal_commit();
  return inode;
}

function format_device(dev: Inode, name: u64, rdev: i32): void {
  format_entry(dev, name, S_IFCHR | 0o666, DEV_DEVICES).rdev = rdev;
}
