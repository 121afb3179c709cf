/**
 * Processes in plain TypeScript, after waitpid(2), _exit(2), kill(2), setpgid(2), setsid(2), sigaction(2),
 * sigprocmask(2), posix_spawn(3).
 */
import { EACCES, ECHILD, EINVAL, EPERM, ERETRY, ESRCH, EWAIT } from "../../assembly/abi/errno.ts";
import {
  NSIG,
  SIG_DFL,
  SIG_HANDLER,
  SIG_IGN,
  SIGCHLD,
  SIGCONT,
  SIGKILL,
  SIGPIPE,
  SIGSTOP,
  SIGTSTP,
  SIGTTIN,
  SIGTTOU,
  SIGURG,
  SIGWINCH,
} from "../../assembly/abi/signal.ts";
import { WCONTINUED, WNOHANG, WUNTRACED } from "../../assembly/abi/wait.ts";

export interface ModelProcess {
  readonly pid: number;
  ppid: number;
  readonly uid: number;
  readonly gid: number;
  pgid: number;
  sid: number;
  state: "live" | "zombie";
  status: number;
  killed: number;
  readonly pending: Set<number>;
  readonly blocked: Set<number>;
  /** Those that have come while they were blocked. */
  readonly held: Set<number>;
  /** SA_NOCLDWAIT of SIGCHLD. */
  noZombies: boolean;
  readonly dispositions: Map<number, number>;
  /** SIGPIPE is ignored because nobody has said anything of it: children do not inherit that. */
  sigpipeUnsaid: boolean;
  /** Hears of a child's end: its waitpid looks again. */
  waiters: ((result: number) => void)[];
  /** Hears of a caught signal. */
  readonly nudge: () => void;
}

/** Signals whose default is to do nothing; stopping is not possible here. */
const QUIET = [SIGCHLD, SIGURG, SIGWINCH, SIGCONT, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU];

/** What is ignored. */
function inherited(parent: ModelProcess | undefined): Map<number, number> {
  if (parent === undefined) return new Map([[SIGPIPE, SIG_IGN]]);
  const ignored = [...parent.dispositions].filter(
    ([sig, disposition]) => disposition === SIG_IGN && !(sig === SIGPIPE && parent.sigpipeUnsaid),
  );
  return new Map(ignored);
}

/** What a new process has otherwise than its parent. */
export interface ModelAttributes {
  uid: number;
  gid: number;
  pgroup?: number;
  session?: boolean;
  sigmask?: readonly number[];
  sigdefault?: readonly number[];
}

function isMaskable(sig: number): boolean {
  return sig !== SIGKILL && sig !== SIGSTOP;
}

export class ProcModel {
  readonly processes = new Map<number, ModelProcess>();
  readonly most: number;
  #next = 2;

  /** `most` is PROC_MAX, of which process 1 has one. */
  constructor(most: number) {
    this.most = most - 1;
  }

  /** The pid of a new process, or null when the table is full. Without a parent: one that no spawn started. */
  create(
    parent: ModelProcess | undefined,
    { uid, gid, pgroup, session = false, sigmask, sigdefault = [] }: ModelAttributes,
    nudge: () => void,
  ): number | null {
    if (this.processes.size === this.most) return null;
    const pid = this.#next;
    this.#next += 1;
    const ppid = parent?.pid ?? 1;
    const dispositions = inherited(parent);
    for (const sig of sigdefault) dispositions.delete(sig);
    const blocked = new Set(sigmask === undefined ? parent?.blocked : sigmask.filter(isMaskable));
    const signals = {
      ...{ pending: new Set<number>(), held: new Set<number>(), blocked, dispositions },
      ...{ sigpipeUnsaid: parent === undefined, noZombies: false },
    };
    const rest = { state: "live" as const, status: 0, killed: 0, waiters: [], nudge };
    const leads = session || pgroup === 0 || parent === undefined;
    const pgid = leads ? pid : (pgroup ?? parent.pgid);
    const groups = { pgid, sid: session || parent === undefined ? pid : parent.sid };
    this.processes.set(pid, { pid, ppid, uid, gid, ...groups, ...signals, ...rest });
    return pid;
  }

  /** Whether a child of the process may begin in the group. */
  mayJoin(self: number, pgid: number): boolean {
    const { sid } = this.processes.get(self)!;
    if (pgid === self) return true;
    return [...this.processes.values()].some((each) => each.pgid === pgid && each.sid === sid);
  }

  exit(pid: number, status: number): void {
    const process = this.processes.get(pid)!;
    for (const child of [...this.processes.values()]) {
      if (child.ppid !== pid) continue;
      child.ppid = 1;
      if (child.state === "zombie") this.processes.delete(child.pid);
    }
    const parent = this.processes.get(process.ppid);
    const reapsItself = parent?.dispositions.get(SIGCHLD) === SIG_IGN || parent?.noZombies === true;
    process.state = "zombie";
    process.status = process.killed === 0 ? status : process.killed;
    if (parent === undefined || parent.state === "zombie" || reapsItself) {
      this.processes.delete(pid);
    }
    if (parent === undefined || parent.state === "zombie") return;
    const { waiters } = parent;
    parent.waiters = [];
    for (const wake of waiters) wake(-ERETRY);
    this.#deliver(parent, SIGCHLD);
  }

  /** The children that a waitpid with this pid may return now, an errno, 0, or -EWAIT. */
  wait(self: number, pid: number, options: number): ModelProcess[] | number {
    if ((options & ~(WNOHANG | WUNTRACED | WCONTINUED)) !== 0) return -EINVAL;
    const group = pid === 0 ? this.processes.get(self)!.pgid : -pid;
    const isMeant = (child: ModelProcess) =>
      pid > 0 ? child.pid === pid : pid === -1 || child.pgid === group;
    const children = [...this.processes.values()].filter(
      (child) => child.ppid === self && isMeant(child),
    );
    if (children.length === 0) return -ECHILD;
    const ended = children.filter(({ state }) => state === "zombie");
    if (ended.length > 0) return ended;
    return (options & WNOHANG) !== 0 ? 0 : -EWAIT;
  }

  setpgid(self: number, pid: number, pgid: number): number {
    const next = pgid === 0 ? (pid === 0 ? self : pid) : pgid;
    if (next < 0) return -EINVAL;
    const process = this.processes.get(pid === 0 ? self : pid);
    const caller = this.processes.get(self)!;
    if (process === undefined || (process !== caller && process.ppid !== self)) return -ESRCH;
    if (process !== caller) return process.sid === caller.sid ? -EACCES : -EPERM;
    if (process.sid === process.pid) return -EPERM;
    const isThere = [...this.processes.values()].some(
      (each) => each.pgid === next && each.sid === process.sid,
    );
    if (next !== process.pid && !isThere) return -EPERM;
    process.pgid = next;
    return 0;
  }

  setsid(self: number): number {
    const process = this.processes.get(self)!;
    if ([...this.processes.values()].some(({ pgid }) => pgid === self)) return -EPERM;
    process.pgid = self;
    process.sid = self;
    return self;
  }

  kill(self: number, pid: number, sig: number): number {
    if (sig < 0 || sig >= NSIG) return -EINVAL;
    const { uid } = this.processes.get(self)!;
    const may = (target: { uid: number }) => uid === 0 || uid === target.uid;
    if (pid <= 0) {
      const group = pid === 0 ? this.processes.get(self)!.pgid : -pid;
      const others = [...this.processes.values()].filter((each) =>
        pid === -1 ? each.pid !== self : each.pgid === group,
      );
      const targets = others.filter(may);
      for (const target of targets) this.#deliver(target, sig);
      if (targets.length > 0) return 0;
      return others.length > 0 ? -EPERM : -ESRCH;
    }
    if (pid === 1) return uid === 0 ? 0 : -EPERM;
    const target = this.processes.get(pid);
    if (target === undefined) return -ESRCH;
    if (!may(target)) return -EPERM;
    this.#deliver(target, sig);
    return 0;
  }

  #deliver(target: ModelProcess, sig: number): void {
    if (sig === 0 || target.state === "zombie") return;
    const disposition = target.dispositions.get(sig) ?? SIG_DFL;
    if (target.blocked.has(sig)) {
      target.held.add(sig);
    } else if (disposition === SIG_HANDLER) {
      target.pending.add(sig);
      target.nudge();
    } else if (disposition === SIG_DFL && !QUIET.includes(sig) && target.killed === 0) {
      target.killed = sig;
    }
  }

  action(self: number, sig: number, disposition: number, noZombies: boolean): number {
    if (sig < 1 || sig >= NSIG || sig === SIGKILL || sig === SIGSTOP) return -EINVAL;
    if (disposition < SIG_DFL || disposition > SIG_HANDLER) return -EINVAL;
    const process = this.processes.get(self)!;
    const { dispositions, pending } = process;
    const old = dispositions.get(sig) ?? SIG_DFL;
    dispositions.set(sig, disposition);
    if (sig === SIGPIPE) process.sigpipeUnsaid = false;
    if (sig === SIGCHLD) process.noZombies = noZombies;
    if (disposition === SIG_HANDLER) return old;
    const hadCome = pending.delete(sig);
    if (disposition === SIG_IGN || QUIET.includes(sig)) process.held.delete(sig);
    else if (hadCome) this.#deliver(process, sig);
    return old;
  }

  /** Blocks these signals and no others. */
  mask(self: number, blocked: readonly number[]): void {
    const process = this.processes.get(self)!;
    const { pending, held } = process;
    process.blocked.clear();
    for (const sig of blocked.filter(isMaskable)) process.blocked.add(sig);
    for (const sig of [...pending]) {
      if (process.blocked.has(sig) && pending.delete(sig)) held.add(sig);
    }
    for (const sig of [...held].sort((a, b) => a - b)) {
      if (!process.blocked.has(sig) && held.delete(sig)) this.#deliver(process, sig);
    }
  }

  /** The lowest pending signal, taken; 0 for none. */
  take(self: number): number {
    const { pending } = this.processes.get(self)!;
    if (pending.size === 0) return 0;
    const lowest = Math.min(...pending);
    pending.delete(lowest);
    return lowest;
  }
}
