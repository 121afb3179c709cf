/**
 * Slot tables of the System V kinds. An id is generation * IPCMNI + slot, as Linux makes it, so a
 * stale id meets a slot of another generation and is EINVAL.
 *
 *   table, 64 bytes: 0 base, 4 stride, 8 size (slots), 12 count (objects), 16 high (slots in use lie
 *   below), 20 hint (no free slot lies below), 24 lock
 *   slot: struct IpcObject, then what the kind needs; a slot of zeros is a free one
 *
 * Guard: the table's lock, for everything but IpcObject.tag, which is read without it and looked at
 * again under the object's lock.
 * Crash: journalled.
 */
import { IPCMNI } from "./abi/limits.ts";
import { put32 } from "./journal.ts";

@unmanaged
export class Table {
  /** 0 */ base: usize;
  /** 4 */ stride: usize;
  /** 8 */ size: i32;
  /** 12 */ count: i32;
  /** 16 */ high: i32;
  /** 20 */ hint: i32;
  /** 24 */ lock: usize;
}

/** The head that all three kinds share: ipc_perm and the slot's life. */
@unmanaged
export class IpcObject {
  /** 0 */ lock: i32; // atomic, the object's own lock; kinds with one lock for all do not use it
  /** 4 */ tag: i32; // id + 1 while the object lives, 0 while the slot is free
  /** 8 */ generation: i32; // of the next object in this slot
  /** 12 */ key: i32;
  /** 16 */ uid: i32;
  /** 20 */ gid: i32;
  /** 24 */ cuid: i32;
  /** 28 */ cgid: i32;
  /** 32 */ mode: i32;
  /** 36 */ closing: i32; // 1: removed, its sleepers are being told; the slot is not free yet
}

/** The table at `at`, one of TABLE_*. */
export function table_of(at: usize): Table {
  return changetype<Table>(at);
}

/** The object in slot `index`, which must be below the table's size. */
export function table_slot(table: Table, index: i32): IpcObject {
  assert(index >= 0 && index < table.size);
  return changetype<IpcObject>(table.base + <usize>index * table.stride);
}

/** The live object with this id, or null: a negative, stale or never used id. */
export function table_find(at: usize, id: i32): IpcObject | null {
  const table = table_of(at);
  const index = id & (IPCMNI - 1);
  if (id < 0 || index >= table.size) return null;
  const object = changetype<IpcObject>(table.base + <usize>index * table.stride);
  return object.tag == id + 1 ? object : null;
}

/** The live object in a slot, for the *_STAT commands; as on Linux the generation does not matter. */
export function table_at_index(at: usize, index: i32): IpcObject | null {
  const table = table_of(at);
  const slot = index & (IPCMNI - 1);
  if (index < 0 || slot >= table.size) return null;
  const object = table_slot(table, slot);
  return object.tag != 0 ? object : null;
}

/** The live object with this key, or null. Precondition: the table's lock is held, key is not IPC_PRIVATE. */
export function table_find_key(table: Table, key: i32): IpcObject | null {
  for (let index = 0; index < table.high; index++) {
    const object = table_slot(table, index);
    if (object.tag != 0 && object.key == key) return object;
  }
  return null;
}

/** A free slot, or null when the table is full. Precondition: the table's lock is held. */
export function table_free_slot(table: Table): IpcObject | null {
  for (let index = table.hint; index < table.size; index++) {
    const object = table_slot(table, index);
    if (object.tag == 0 && object.closing == 0) return object;
  }
  return null;
}

/** The slot number of an object. */
function table_index(table: Table, object: IpcObject): i32 {
  return <i32>((changetype<usize>(object) - table.base) / table.stride);
}

/** Publishes a filled slot under a new id, which is returned. Part of the caller's transaction. */
export function table_publish(table: Table, object: IpcObject): i32 {
  const index = table_index(table, object);
  const at = changetype<usize>(object);
  const id = object.generation * IPCMNI + index;
  put32(at + offsetof<IpcObject>("generation"), (object.generation + 1) & 0xffff);
  put32(changetype<usize>(table) + offsetof<Table>("count"), table.count + 1);
  put32(changetype<usize>(table) + offsetof<Table>("hint"), index + 1);
  if (index >= table.high) {
    put32(changetype<usize>(table) + offsetof<Table>("high"), index + 1);
  }
  put32(at + offsetof<IpcObject>("tag"), id + 1);
  return id;
}

/** Ends an object's life: its id is stale from here on. Part of the caller's transaction. */
export function table_retire(table: Table, object: IpcObject): void {
  const index = table_index(table, object);
  put32(changetype<usize>(object) + offsetof<IpcObject>("tag"), 0);
  put32(changetype<usize>(table) + offsetof<Table>("count"), table.count - 1);
  if (index < table.hint) put32(changetype<usize>(table) + offsetof<Table>("hint"), index);
  let high = table.high;
  while (high > 0 && table_slot(table, high - 1).tag == 0) high -= 1;
  if (high != table.high) put32(changetype<usize>(table) + offsetof<Table>("high"), high);
}

/** The id of a live object. */
export function object_id(object: IpcObject): i32 {
  return object.tag - 1;
}
