/** One thread that is two processes by turns, to the calls on files of the running Linux kernel. */
import koffi from "koffi";
import { O_DIRECTORY, O_RDONLY } from "../../assembly/abi/fcntl.ts";
import type { Syscalls } from "../../host/linux/index.ts";
import { USERS } from "../model/file-play.ts";

const library = koffi.load(null);
/** Of the calling thread alone, and with CAP_DAC_OVERRIDE for 0 only: credentials(7). */
const setfsuid = library.func("int setfsuid(uint32_t fsuid)");
const setfsgid = library.func("int setfsgid(uint32_t fsgid)");

/** Whose turn it is: the thread becomes one process or the other. */
export class Turns {
  readonly #sys: Syscalls;
  /** Of those whose turn it is not. */
  readonly #rest: { cwd: number; mask: number }[] = [];
  #process = 0;

  constructor(sys: Syscalls) {
    this.#sys = sys;
  }

  #leave(): void {
    this.#become(0);
    const cwd = this.#sys.open(".", O_RDONLY | O_DIRECTORY);
    this.#rest[this.#process] = { cwd, mask: this.#sys.umask(0) };
  }

  #become(uid: number): void {
    setfsgid(uid);
    setfsuid(uid);
  }

  begin(): void {
    this.#process = 1;
    this.#sys.umask(0o022);
    this.#leave();
    this.#process = 0;
    this.#sys.umask(0o022);
  }

  take(process: number): void {
    if (process === this.#process) return;
    this.#leave();
    const { cwd, mask } = this.#rest[process]!;
    this.#sys.fchdir(cwd);
    this.#sys.close(cwd);
    this.#sys.umask(mask);
    this.#become(USERS[process]!);
    this.#process = process;
  }

  /** This thread is root again, and has no other's directory open. */
  end(): void {
    this.#become(0);
    const other = this.#rest[1 - this.#process];
    if (other !== undefined) this.#sys.close(other.cwd);
  }
}
