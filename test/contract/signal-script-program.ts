/** What native/signal-script.c does, on our kernel: a script of signal calls, and a line for each result. */
import { SIG_DFL, SIG_IGN } from "../../assembly/abi/signal.ts";
import type { Syscalls } from "../../host/contract.ts";
import type { Disposition } from "../../host/contract-signal.ts";
import type { Machine } from "../../runtime/index.ts";

/** Numbers as sigprocmask() has them, and a child's own program. */
class Script {
  readonly #sys: Syscalls;
  readonly #program: string;
  readonly #machine: Machine;
  readonly #sections: readonly string[];
  readonly #ends: readonly [number, number];

  constructor(sys: Syscalls, program: string, sections: readonly string[], machine: Machine) {
    this.#sys = sys;
    this.#program = program;
    this.#machine = machine;
    this.#sections = sections;
    this.#ends = sys.pipe();
  }

  #say(name: string, value: string): void {
    this.#sys.write(1, new TextEncoder().encode(`${name} ${value}\n`));
  }

  /** Prints what a call returns, or its error. */
  #result(name: string, call: () => string): void {
    let text: string;
    try {
      text = call();
    } catch (error) {
      const { code } = error as { code?: string };
      if (code === undefined) throw error;
      text = code;
    }
    this.#say(name, text);
  }

  #section(name: string): string {
    const found = this.#sections.find((section) => section.startsWith(`${name}:`));
    return found?.slice(name.length + 1) ?? "";
  }

  readonly #handler = (signal: number): void => {
    this.#say("handler", String(signal));
    for (const words of operations(this.#section(String(signal)))) this.#operate(words);
    this.#say("end", String(signal));
  };

  /** Children are started asynchronously, so none by a handler. @returns an exit status, if it says one */
  async run(text: string): Promise<number> {
    for (const words of operations(text)) {
      const [name, argument = ""] = words;
      if (name === "exit") return Number(argument);
      if (name === "child") {
        await this.#machine.spawn(this.#program, [this.#section(argument), ...this.#sections]);
      } else this.#operate(words);
    }
    return 0;
  }

  #operate([name = "", first = "0", second = "0", third = "0", fourth = "-"]: string[]): void {
    const sys = this.#sys;
    const number = Number(first);
    const byte = new Uint8Array(1);
    const calls: Record<string, () => string> = {
      action: () => kindOf(sys.sigaction(number, this.#disposition(second, third, fourth))),
      mask: () => listed(sys.sigprocmask(number, setOf(second))),
      pending: () => listed(sys.sigpending()),
      kill: () => String(sys.kill(sys.getpid(), number)),
      suspend: () => sys.sigsuspend(setOf(first)),
      pause: () => sys.pause(),
      alarm: () => String(sys.alarm(number)),
      timer: () => this.#setTimer(number, Number(second)),
      read: () => String(sys.read(this.#ends[0], byte)),
      feed: () => String(sys.write(this.#ends[1], byte)),
      poll: () => String(sys.poll([], number)),
      wait: () => {
        const { pid, status } = sys.waitpid(-1, number);
        return pid === 0 ? "none" : String(status);
      },
    };
    const call = calls[name];
    if (name === "unread") sys.close(this.#ends[0]);
    else if (call === undefined) this.#say("unknown", name);
    else this.#result(name, call);
  }

  #disposition(kind: string, flags: string, mask: string): Disposition | null {
    if (kind === "?") return null;
    const handler = kind === "h" ? this.#handler : kind === "i" ? SIG_IGN : SIG_DFL;
    return { sa_handler: handler, sa_flags: Number(flags), sa_mask: setOf(mask) };
  }

  #setTimer(value: number, interval: number): string {
    const time = (ms: number) => ({ tv_sec: Math.floor(ms / 1000), tv_usec: (ms % 1000) * 1000 });
    const next = { it_value: time(value), it_interval: time(interval) };
    const { tv_sec, tv_usec } = this.#sys.setitimer(0, next).it_value;
    return tv_sec + tv_usec > 0 ? "set" : "unset";
  }
}

function operations(text: string): string[][] {
  const trimmed = text.split(";").map((operation) => operation.trim());
  return trimmed.filter((operation) => operation !== "").map((operation) => operation.split(" "));
}

function setOf(text: string): number[] {
  return text === "-" ? [] : text.split(",").map(Number);
}

function listed(signals: readonly number[]): string {
  return signals.length === 0 ? "-" : signals.join(",");
}

function kindOf(disposition: Disposition): string {
  const handler = typeof disposition === "object" ? disposition.sa_handler : disposition;
  return typeof handler === "function" ? "h" : handler === SIG_IGN ? "i" : "d";
}

export function main(
  sys: Syscalls,
  [program = "", script = "", ...sections]: string[],
  machine: Machine,
): Promise<number> {
  return new Script(sys, program, sections, machine).run(script);
}
