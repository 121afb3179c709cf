/**
 * Where the C library sees a mutex. It keeps the mutexes that a thread holds in a list of addresses,
 * which the kernel walks when the thread ends, to tell the next owner (get_robust_list(2)). What
 * shmat() gave to JavaScript is gone by then, because Node frees its memories first. So a segment
 * whose mutexes a thread uses is attached a second time, where it stays until the thread has
 * detached it and holds none of its mutexes; if it ends before, until the process ends.
 */
import { EINVAL } from "../../assembly/abi/errno.ts";
import { mutexOffset, mutexSegment } from "../arguments.ts";
import type { Attachment, RobustMutex, ShmCalls } from "../contract.ts";
import { SystemError } from "../errno.ts";
import type { Libc } from "./libc.ts";
import { checked } from "./table.ts";

/** A segment's second attachment, and how many of its mutexes this thread holds. */
export interface Place {
  readonly addr: number;
  readonly attachments: Set<Attachment>;
  held: number;
}

export class MutexPlaces {
  readonly #libc: Libc;
  /** By the segment's id, which is no other segment's while this one is attached. */
  readonly #places = new Map<number, Place>();

  constructor(libc: Libc) {
    this.#libc = libc;
  }

  /** The place of a mutex's segment, and its address there. @throws {SystemError} EINVAL, EACCES */
  find(mutex: RobustMutex, call: string): { place: Place; at: number } {
    const offset = mutexOffset(mutex, call);
    const { attachment } = mutex;
    const bytes = mutexSegment(attachment, call);
    const known = this.#places.get(attachment.shmid);
    if (known?.attachments.has(attachment)) return { place: known, at: known.addr + offset };
    if (this.#libc.addressOf(bytes) !== attachment.addr) {
      throw new SystemError(EINVAL, call, "the segment is not one of the running kernel");
    }
    const place = known ?? this.#add(attachment.shmid, call);
    place.attachments.add(attachment);
    return { place, at: place.addr + offset };
  }

  #add(shmid: number, call: string): Place {
    const addr = checked(this.#libc.shmat(shmid, 0, 0), call);
    const place = { addr, attachments: new Set<Attachment>(), held: 0 };
    this.#places.set(shmid, place);
    return place;
  }

  /** The same calls, which give places back of what they have detached. */
  watch(calls: ShmCalls): ShmCalls {
    return {
      ...calls,
      shmat: (shmid, shmaddr, shmflg) => {
        const attachment = calls.shmat(shmid, shmaddr, shmflg);
        this.#sweep();
        return attachment;
      },
      shmdt: (shmaddr) => {
        calls.shmdt(shmaddr);
        this.#sweep();
        return 0;
      },
    };
  }

  #sweep(): void {
    for (const [shmid, { addr, attachments, held }] of this.#places) {
      for (const each of attachments) {
        if (!isAttached(each)) attachments.delete(each);
      }
      if (attachments.size > 0 || held > 0) continue;
      this.#places.delete(shmid);
      checked(this.#libc.shmdt(addr), "shmdt");
    }
  }
}

function isAttached(attachment: Attachment): boolean {
  try {
    return attachment.bytes !== undefined;
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    return false;
  }
}
