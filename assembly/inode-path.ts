/**
 * From an inode back to a path, for getcwd(3) and for snapshots. A directory knows its parent; a name of
 * anything else is looked for in every directory, which only snapshots ask for.
 * Guard: LOCK_NAME. Crash: constant, nothing is stored but the transfer area.
 */
import { ENAMETOOLONG, ENOENT } from "./abi/errno.ts";
import { LIMIT_INODES } from "./abi/layout.ts";
import { PATH_MAX } from "./abi/limits.ts";
import { S_IFDIR } from "./abi/stat.ts";
import { dir_find_number, record_name, record_name_size } from "./directory.ts";
import { INODE_ROOT, Inode, inode_at, inode_is, inode_number, inode_removed } from "./inode.ts";
import { name_begin, name_end } from "./name.ts";
import { path_first } from "./path.ts";
import { limit } from "./region.ts";

/** A directory that has a name of the inode, or null. */
function parent_of(inode: Inode): Inode | null {
  if (inode_is(inode, S_IFDIR)) return inode_removed(inode) ? null : inode_at(inode.parent);
  const count = limit(LIMIT_INODES);
  for (let number = INODE_ROOT; number <= count; number++) {
    const dir = inode_at(number);
    if (!inode_is(dir, S_IFDIR) || dir.entries == 0) continue;
    if (dir_find_number(dir, inode_number(inode)) != 0) return dir;
  }
  return null;
}

/** The path goes to the transfer area. LOCK_NAME is held. @returns its bytes; -ENOENT, -ENAMETOOLONG */
export function inode_path(from: Inode): i32 {
  let inode = from;
  const end = path_first() + PATH_MAX;
  let at = end;
  while (inode_number(inode) != INODE_ROOT) {
    const parent = parent_of(inode);
    // ENOENT: it has no name any more.
    if (parent == null) return -ENOENT;
    const record = dir_find_number(parent, inode_number(inode));
    const size = record_name_size(record);
    // ENAMETOOLONG: the tree is deeper than a path can say.
    if (at - path_first() < <usize>size + 1) return -ENAMETOOLONG;
    at -= size;
    memory.copy(at, record_name(record), size);
    at -= 1;
    store<u8>(at, 0x2f);
    inode = parent;
  }
  if (at == end) {
    at -= 1;
    store<u8>(at, 0x2f);
  }
  memory.copy(path_first(), at, end - at);
  return <i32>(end - at);
}

/** A path of the inode `number`. @returns its bytes; -ENOENT, -ENAMETOOLONG, -ELOCK or -EINTR */
export function snapshot_path(number: i32): i32 {
  if (number < INODE_ROOT || number > limit(LIMIT_INODES)) return -ENOENT;
  const locked = name_begin();
  if (locked != 0) return locked;
  const inode = inode_at(number);
  return name_end(inode.mode == 0 ? -ENOENT : inode_path(inode));
}
