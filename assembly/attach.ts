/**
 * Attachments: which segments a process has at which addresses. An address is a label in the
 * process's own map of 2 GiB; the bytes are always the segment's own frames.
 *
 *   entry, 32 bytes: one contiguous range of labels; a slot of zeros is free
 *
 * SHM_REMAP may cover part of an attachment: what is left keeps its entry, a middle part splits it,
 * and `base` stays the address that shmdt(2) takes, as Linux finds the pieces by their page offset.
 * Guard: LOCK_SHM; changes are logged, part of the caller's transaction.
 * Crash: journalled.
 */
import { LIMIT_SHMSEG, SB_WASM_PAGES } from "./abi/layout.ts";
import { PAGE_SIZE } from "./abi/limits.ts";
import { put32 } from "./journal.ts";
import { limit, REGION_ATTACH, region, WORD_ATTACH_HIGH } from "./region.ts";

@unmanaged
export class Attachment {
  /** 0 */ proc: usize; // slot of the process, 0 for a free entry
  /** 4 */ base: u32; // address that shmat returned
  /** 8 */ addr: u32; // first label of this piece
  /** 12 */ size: u32; // bytes, whole pages
  /** 16 */ segment: usize; // slot of the segment, which lives at least as long
  /** 20 */ flags: i32; // SHM_RDONLY, SHM_EXEC
  /** 24 */ serial: i32; // of the shmat that made it; the pieces that SHM_REMAP leaves share it
}

export const ATTACHMENT_SIZE: usize = 32;

/** One past the highest label: addresses stay positive in an i32. */
const LABEL_END: u32 = 0x7ffff000;

export function attachment_at(index: i32): Attachment {
  return changetype<Attachment>(region(REGION_ATTACH) + <usize>index * ATTACHMENT_SIZE);
}

/** Entries in use lie below. */
export function attachment_high(): i32 {
  return load<i32>(WORD_ATTACH_HIGH);
}

/** A free entry other than `spare`, or null when the table is full. */
export function attachment_free_slot(spare: Attachment | null): Attachment | null {
  const count = limit(LIMIT_SHMSEG);
  for (let index = 0; index < count; index++) {
    const entry = attachment_at(index);
    if (entry.proc == 0 && entry != spare) return entry;
  }
  return null;
}

/** Publishes a free entry whose other fields the caller has filled. */
export function attachment_add(entry: Attachment, proc: usize): void {
  const index = <i32>((changetype<usize>(entry) - region(REGION_ATTACH)) / ATTACHMENT_SIZE);
  if (index >= attachment_high()) put32(WORD_ATTACH_HIGH, index + 1);
  put32(changetype<usize>(entry), <i32>proc);
}

/** The lowest piece of the process whose shmat returned `base`, or null: the one that shmdt means. */
export function attachment_lowest(proc: usize, base: u32): Attachment | null {
  const high = attachment_high();
  let lowest: Attachment | null = null;
  for (let index = 0; index < high; index++) {
    const entry = attachment_at(index);
    if (entry.proc != proc || entry.base != base) continue;
    if (lowest == null || entry.addr < lowest.addr) lowest = entry;
  }
  return lowest;
}

/** The highest piece that is left of one shmat, or null. */
export function attachment_highest(proc: usize, serial: i32): Attachment | null {
  const high = attachment_high();
  let highest: Attachment | null = null;
  for (let index = 0; index < high; index++) {
    const entry = attachment_at(index);
    if (entry.proc != proc || entry.serial != serial) continue;
    if (highest == null || entry.addr > highest.addr) highest = entry;
  }
  return highest;
}

/** Frees an entry. */
export function attachment_drop(entry: Attachment): void {
  put32(changetype<usize>(entry), 0);
  let high = attachment_high();
  while (high > 0 && attachment_at(high - 1).proc == 0) high -= 1;
  if (high != attachment_high()) put32(WORD_ATTACH_HIGH, high);
}

/** An entry of the process that overlaps the labels [addr, addr + size), or null. */
export function attachment_overlap(proc: usize, addr: u32, size: u32): Attachment | null {
  const high = attachment_high();
  for (let index = 0; index < high; index++) {
    const entry = attachment_at(index);
    if (entry.proc == proc && addr < entry.addr + entry.size && entry.addr < addr + size)
      return entry;
  }
  return null;
}

/** Whether the labels [addr, addr + size) exist. */
export function labels_valid(addr: u32, size: u32): bool {
  return addr != 0 && size <= LABEL_END && addr <= LABEL_END - size;
}

/**
 * Labels for `size` bytes: the segment's own place in memory when the process has it free, so that a
 * label mostly is the offset, else the lowest gap past the memory's end, else anywhere; 0 when none.
 */
export function labels_find(proc: usize, place: u32, size: u32): u32 {
  if (labels_valid(place, size) && attachment_overlap(proc, place, size) == null) return place;
  const memory_end = (<u64>load<u32>(SB_WASM_PAGES)) << 16;
  if (memory_end < LABEL_END) {
    const found = labels_gap(proc, <u32>memory_end, size);
    if (found != 0) return found;
  }
  return labels_gap(proc, PAGE_SIZE, size);
}

function labels_gap(proc: usize, from: u32, size: u32): u32 {
  let addr = from;
  while (labels_valid(addr, size)) {
    const entry = attachment_overlap(proc, addr, size);
    if (entry == null) return addr;
    addr = entry.addr + entry.size;
  }
  return 0;
}
