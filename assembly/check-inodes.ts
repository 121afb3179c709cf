/**
 * The check's part on inodes, directories and their frames.
 * Crash: constant, nothing is stored.
 */
import { LIMIT_FILE_MAX, LIMIT_INODES, LIMIT_PROC_MAX } from "./abi/layout.ts";
import { S_IFDIR, S_IFIFO, S_IFREG } from "./abi/stat.ts";
import { DEV_VOLUME } from "./abi/volume.ts";
import { check_frames_own } from "./check-frames.ts";
import {
  CHECK_DIRECTORY,
  CHECK_FILE_PAGES,
  CHECK_INODE_LINKS,
  CHECK_INODE_OPENS,
  CHECK_INODES_USED,
  CHECK_LOCK_HELD,
  CHECK_VOLUME,
} from "./check-rules.ts";
import { dir_find_number, dir_next, dir_offset_after, record_inode } from "./directory.ts";
import { file_at } from "./file.ts";
import { INODE_ROOT, Inode, inode_at, inode_is, inode_number, inode_removed } from "./inode.ts";
import { Pipe } from "./pipe.ts";
import { PROC_FREE, proc_slot } from "./proc.ts";
import { limit, WORD_FILE_PAGES, WORD_INODES_USED } from "./region.ts";

/** Directories form one tree, links are entries, uses are descriptions and current directories. */
export function check_inodes(): i32 {
  const count = limit(LIMIT_INODES);
  let used = 0;
  let frames = 0;
  for (let number = 1; number <= count; number++) {
    const inode = inode_at(number);
    if (inode.lock != 0) return CHECK_LOCK_HELD;
    if (inode.mode == 0) continue;
    const is_dir = inode_is(inode, S_IFDIR);
    used += is_dir ? 1 : max(inode.nlink, 1);
    frames += <i32>inode.frames;
    const broken = is_dir ? check_directory(inode) : check_file(inode);
    if (broken != 0) return broken;
    if (inode.opens != check_opens(inode)) return CHECK_INODE_OPENS;
    // Nobody can reach it any more.
    if (inode.nlink == 0 && inode.opens == 0) return CHECK_INODE_OPENS;
  }
  if (used != load<i32>(WORD_INODES_USED)) return CHECK_INODES_USED;
  return frames == load<i32>(WORD_FILE_PAGES) ? 0 : CHECK_FILE_PAGES;
}

function check_file(inode: Inode): i32 {
  if (inode.nlink != check_names(inode)) return CHECK_INODE_LINKS;
  if (inode.absent != 0) return check_absent(inode);
  if (inode.size < 0 || inode.size > (<i64>inode.frames) << 12) return CHECK_DIRECTORY;
  if (!inode_is(inode, S_IFIFO)) return inode.pipe == 0 ? 0 : CHECK_INODE_OPENS;
  // A FIFO has a pipe while it is open.
  if ((inode.pipe != 0) != (inode.opens != 0)) return CHECK_INODE_OPENS;
  return inode.pipe != 0 && changetype<Pipe>(inode.pipe).live == 0 ? CHECK_INODE_OPENS : 0;
}

/** What a disk has: a regular file of a volume, without frames, that nobody has open. */
function check_absent(inode: Inode): i32 {
  if (!inode_is(inode, S_IFREG) || inode.dev < DEV_VOLUME) return CHECK_VOLUME;
  return inode.frames == 0 && inode.opens == 0 && inode.size > 0 ? 0 : CHECK_VOLUME;
}

/** How many entries of all directories name the inode. */
function check_names(inode: Inode): i32 {
  const count = limit(LIMIT_INODES);
  let names = 0;
  for (let number = 1; number <= count; number++) {
    const dir = inode_at(number);
    if (dir.mode == 0 || !inode_is(dir, S_IFDIR) || dir.entries == 0) continue;
    names += check_names_in(dir, inode_number(inode));
  }
  return names;
}

function check_names_in(dir: Inode, number: i32): i32 {
  let names = 0;
  for (let record = dir_next(dir, 0); record != 0; ) {
    if (record_inode(record) == number) names += 1;
    record = dir_next(dir, dir_offset_after(dir, record));
  }
  return names;
}

function check_directory(dir: Inode): i32 {
  let entries = 0;
  let directories = 0;
  for (let record = dir_next(dir, 0); record != 0; ) {
    const inode = inode_at(record_inode(record));
    if (inode.mode == 0) return CHECK_DIRECTORY;
    if (inode_is(inode, S_IFDIR)) directories += 1;
    entries += 1;
    record = dir_next(dir, dir_offset_after(dir, record));
  }
  if (entries != dir.entries) return CHECK_DIRECTORY;
  if (inode_removed(dir)) {
    const parent = inode_at(dir.parent);
    return entries == 0 && parent.mode != 0 && inode_is(parent, S_IFDIR) ? 0 : CHECK_INODE_LINKS;
  }
  if (dir.nlink != 2 + directories) return CHECK_INODE_LINKS;
  return check_way_up(dir);
}

/** The parent has the directory once, and leads to the root. */
function check_way_up(dir: Inode): i32 {
  let inode = dir;
  for (let steps = limit(LIMIT_INODES); steps > 0; steps--) {
    if (inode_number(inode) == INODE_ROOT) return inode.parent == INODE_ROOT ? 0 : CHECK_DIRECTORY;
    const parent = inode_at(inode.parent);
    if (parent.mode == 0 || !inode_is(parent, S_IFDIR)) return CHECK_DIRECTORY;
    if (dir_find_number(parent, inode_number(inode)) == 0) return CHECK_DIRECTORY;
    inode = parent;
  }
  return CHECK_DIRECTORY;
}

function check_opens(inode: Inode): i32 {
  const files = limit(LIMIT_FILE_MAX);
  let opens = 0;
  for (let index = 0; index < files; index++) {
    const file = file_at(index);
    if (file.refs != 0 && file.inode == changetype<usize>(inode)) opens += 1;
  }
  const procs = limit(LIMIT_PROC_MAX);
  for (let index = 0; index < procs; index++) {
    const proc = proc_slot(index);
    if (proc.state != PROC_FREE && proc.cwd == inode_number(inode)) opens += 1;
  }
  return opens + check_removed(inode_number(inode));
}

/** Directories that were removed, of which the inode was the parent. */
function check_removed(number: i32): i32 {
  const count = limit(LIMIT_INODES);
  let removed = 0;
  for (let index = 1; index <= count; index++) {
    const dir = inode_at(index);
    if (dir.mode != 0 && inode_is(dir, S_IFDIR) && inode_removed(dir) && dir.parent == number) {
      removed += 1;
    }
  }
  return removed;
}

/** The extents' frames. */
export function check_inode_frames(): bool {
  const count = limit(LIMIT_INODES);
  for (let number = 1; number <= count; number++) {
    const inode = inode_at(number);
    if (inode.mode == 0 || inode.frames == 0) continue;
    if (!check_frames_own(inode.first, inode.frames)) return false;
  }
  return true;
}
