/**
 * Signals: kill(2), sigaction(2), sigprocmask(2) and delivery. A handler runs in its own process, at the
 * end of a call; the kernel keeps which signals are caught, ignored or blocked, and which have come.
 *
 * Guard: LOCK_PROC, for who sends and for a process that says what signals do to it; the words of those
 * that have come are atomic as well, because their process takes from them, and sends itself SIGPIPE,
 * without a lock. `killed` is set once. A signal pending before a task sleeps is seen by its runtime, which
 * looks at the mask after the task is queued; one that comes later lists the task to be woken. Real-time
 * signals and stopping do not exist here.
 * Crash: one store commits, of a mask's bit; who is to be notified is listed before. What a process
 * changes of its own means nothing once it is dead.
 */
import { EINVAL, EPERM, ESRCH } from "./abi/errno.ts";
import { LIMIT_PROC_MAX, LIMIT_TASK_MAX, SB_SUPERVISOR } from "./abi/layout.ts";
import {
  NSIG,
  SA_NOCLDWAIT,
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
} from "./abi/signal.ts";
import { lock_enter, lock_leave, RANK_TABLE } from "./lock.ts";
import {
  PROC_FREE,
  PROC_LIVE,
  PROC_ZOMBIE,
  Proc,
  proc_current,
  proc_find,
  proc_slot,
  SIGPIPE_UNSAID,
} from "./proc.ts";
import { LOCK_PROC, limit } from "./region.ts";
import { TASK_LIVE, task_at } from "./task.ts";
import { wake_list, wake_word } from "./wake.ts";

/** Default action is to do nothing: signal(7), and the stopping signals, which cannot stop here. */
const DEFAULT_IGNORED: i32 =
  (1 << SIGCHLD) |
  (1 << SIGURG) |
  (1 << SIGWINCH) |
  (1 << SIGCONT) |
  (1 << SIGSTOP) |
  (1 << SIGTSTP) |
  (1 << SIGTTIN) |
  (1 << SIGTTOU);

/** The bits of a set that can be blocked: not SIGKILL and SIGSTOP, and there is no signal 0. */
export function signal_maskable(set: i32): i32 {
  return set & ~((1 << SIGKILL) | (1 << SIGSTOP) | 1);
}

/**
 * sigaction(2), the kernel's part; of `flags` SA_NOCLDWAIT counts.
 * @returns the old disposition, SIG_DFL, SIG_IGN or SIG_HANDLER.
 */
export function sys_sigaction(sig: i32, disposition: i32, flags: i32): i32 {
  // EINVAL: no such signal, or SIGKILL or SIGSTOP, which can be neither caught nor ignored.
  if (sig < 1 || sig >= NSIG || sig == SIGKILL || sig == SIGSTOP) return -EINVAL;
  if (disposition < SIG_DFL || disposition > SIG_HANDLER) return -EINVAL;
  const locked = lock_enter(LOCK_PROC, RANK_TABLE);
  if (locked != 0) return locked;
  const proc = proc_current();
  const bit = 1 << sig;
  const caught = (proc.sig_caught & bit) != 0;
  const old = caught ? SIG_HANDLER : (proc.sig_ignored & bit) != 0 ? SIG_IGN : SIG_DFL;
  proc.sig_caught = disposition == SIG_HANDLER ? proc.sig_caught | bit : proc.sig_caught & ~bit;
  proc.sig_ignored = disposition == SIG_IGN ? proc.sig_ignored | bit : proc.sig_ignored & ~bit;
  if (sig == SIGPIPE) proc.sig_ignored &= ~SIGPIPE_UNSAID;
  if (sig == SIGCHLD) proc.sig_flags = flags & SA_NOCLDWAIT;
  if (disposition != SIG_HANDLER) signal_let_go(proc, sig);
  lock_leave(LOCK_PROC, RANK_TABLE);
  return old;
}

/** A signal is caught no more: POSIX discards it when it is ignored, else it does what it does. */
function signal_let_go(proc: Proc, sig: i32): void {
  const bit = 1 << sig;
  const pending = atomic.and<i32>(signal_pending_at(), ~bit);
  if (((proc.sig_ignored | DEFAULT_IGNORED) & bit) != 0) {
    atomic.and<i32>(changetype<usize>(proc) + offsetof<Proc>("sig_held"), ~bit);
  } else if ((pending & bit) != 0) {
    signal_send(proc, sig);
  }
}

/** The signals that the current process has blocked. */
export function signal_mask(): i32 {
  return proc_current().sig_mask;
}

/** The signals that it ignores. */
export function signal_ignored(): i32 {
  return proc_current().sig_ignored;
}

/** The signals that have come while they were blocked: sigpending(2). */
export function signal_held(): i32 {
  return proc_current().sig_held;
}

/** Blocks these signals and no others, and delivers those that have come and are blocked no more. */
export function signal_mask_set(set: i32): i32 {
  const locked = lock_enter(LOCK_PROC, RANK_TABLE);
  if (locked != 0) return locked;
  const proc = proc_current();
  const held = changetype<usize>(proc) + offsetof<Proc>("sig_held");
  proc.sig_mask = signal_maskable(set);
  // Those that are blocked from now on wait, and the handler of none of them has been called.
  const pending = atomic.and<i32>(signal_pending_at(), ~proc.sig_mask);
  atomic.or<i32>(held, pending & proc.sig_mask);
  let released = atomic.and<i32>(held, proc.sig_mask) & ~proc.sig_mask;
  for (; released != 0; released &= released - 1) signal_send(proc, <i32>ctz(released));
  lock_leave(LOCK_PROC, RANK_TABLE);
  return 0;
}

/** The lowest pending caught signal, which is pending no more; 0 for none. */
export function signal_take(): i32 {
  const at = signal_pending_at();
  const pending = atomic.load<i32>(at);
  if (pending == 0) return 0;
  const sig = <i32>ctz(pending);
  atomic.and<i32>(at, ~(1 << sig));
  return sig;
}

/** Address of the current process's mask of pending caught signals. */
export function signal_pending_at(): usize {
  return changetype<usize>(proc_current()) + offsetof<Proc>("sig_pending");
}

/** kill(2). A pid of 0 is the caller's group, -1 all but pid 1 and the caller, below that group -pid. */
export function sys_kill(pid: i32, sig: i32): i32 {
  // EINVAL: no such signal.
  if (sig < 0 || sig >= NSIG) return -EINVAL;
  // Under the lock: a slot must not become another process's between the look and the signal.
  const locked = lock_enter(LOCK_PROC, RANK_TABLE);
  if (locked != 0) return locked;
  const result =
    pid > 0 ? kill_one(pid, sig) : kill_many(pid == 0 ? -proc_current().pgid : pid, sig);
  lock_leave(LOCK_PROC, RANK_TABLE);
  return result;
}

function kill_one(pid: i32, sig: i32): i32 {
  const target = proc_find(pid);
  // ESRCH: no such process; a zombie is one.
  if (target == null) return -ESRCH;
  // EPERM: another user's process, and not privileged.
  if (!kill_allowed(target)) return -EPERM;
  signal_send(target, sig);
  return 0;
}

/** Signals group -`pid`, or for -1 all. */
function kill_many(pid: i32, sig: i32): i32 {
  const count = limit(LIMIT_PROC_MAX);
  // ESRCH: no process in the group. EPERM: none of them may be signalled.
  let result = -ESRCH;
  for (let index = 0; index < count; index++) {
    const proc = proc_slot(index);
    if (proc.state == PROC_FREE || !kill_is_meant(proc, pid)) continue;
    if (!kill_allowed(proc)) {
      if (result != 0) result = -EPERM;
      continue;
    }
    signal_send(proc, sig);
    result = 0;
  }
  return result;
}

function kill_is_meant(proc: Proc, pid: i32): bool {
  if (pid == -1) return proc.pid != 1 && proc != proc_current();
  return proc.pgid == -pid;
}

/** kill(2): real or effective uid of the sender is real or saved uid of the target, or CAP_KILL. */
function kill_allowed(target: Proc): bool {
  const self = proc_current();
  if (self.euid == 0) return true;
  return (
    self.euid == target.uid ||
    self.euid == target.suid ||
    self.uid == target.uid ||
    self.uid == target.suid
  );
}

/** Delivers `sig`; 0 only asks whether it could. pid 1 has no task and takes none. */
export function signal_send(proc: Proc, sig: i32): void {
  if (sig == 0 || proc.state == PROC_ZOMBIE || proc.pid == 1) return;
  const bit = 1 << sig;
  const at = changetype<usize>(proc);
  if ((proc.sig_mask & bit) != 0) {
    // Even when it is ignored: it may not be by the time it is unblocked.
    atomic.or<i32>(at + offsetof<Proc>("sig_held"), bit);
    return;
  }
  if ((proc.sig_caught & bit) != 0) {
    // Listed first, here and below: the sender may die in between, and looking for nothing is harmless.
    signal_wake(proc);
    atomic.or<i32>(at + offsetof<Proc>("sig_pending"), bit);
    return;
  }
  if (sig != SIGKILL && ((proc.sig_ignored | DEFAULT_IGNORED) & bit) != 0) return;
  // The default ends the process: the supervisor terminates its worker and calls proc_exit.
  wake_word(SB_SUPERVISOR);
  atomic.cmpxchg<i32>(at + offsetof<Proc>("killed"), 0, sig);
}

/** Lists every task of the process, so that the sleeping ones look at the mask. */
function signal_wake(proc: Proc): void {
  const count = limit(LIMIT_TASK_MAX);
  for (let id = 1; id <= count; id++) {
    const task = task_at(id);
    if (task.state == TASK_LIVE && task.proc == changetype<usize>(proc)) wake_list(task);
  }
}

/** Whether a signal has ended the current process, whose worker is about to be terminated. */
export function proc_doomed(): i32 {
  return proc_current().killed;
}

/** The task of a process that a signal has ended and whose worker still runs, or 0. */
export function proc_next_killed(): i32 {
  const count = limit(LIMIT_PROC_MAX);
  for (let index = 0; index < count; index++) {
    const proc = proc_slot(index);
    if (proc.state != PROC_LIVE || proc.killed == 0) continue;
    if (proc.main_task != 0) return proc.main_task;
  }
  return 0;
}
