/**
 * sigaction(2), sigprocmask(2), sigpending(2), sigsuspend(2), pause(2), setitimer(2), alarm(2), signal(7): as
 * scripts, which a C program carries out on Linux, because Node runs no handler inside of a call.
 */
import {
  SIGUSR1 as A,
  SIGUSR2 as B,
  SA_NOCLDWAIT,
  SA_NODEFER,
  SA_RESETHAND,
  SA_RESTART,
  SIG_BLOCK,
  SIG_SETMASK,
  SIG_UNBLOCK,
  SIGALRM,
  SIGCHLD,
  SIGKILL,
  SIGPIPE,
  SIGSTOP,
  SIGTERM,
  SIGWINCH,
} from "../../../assembly/abi/signal.ts";
import { WNOHANG } from "../../../assembly/abi/wait.ts";
import { equal } from "../check.ts";
import { type Row, row } from "../row.ts";

/** What a script has printed, a line each, and the status word with which it ended. */
interface Printed {
  lines: string[];
  status: number;
}

/** A row whose script prints these lines and ends with a status word. */
function script(
  name: string,
  [main, ...sections]: readonly string[],
  lines: readonly string[],
  status = 0,
): Row {
  return row(name, async ({ proc }) => {
    const p = await proc();
    const printed = await p.do<Printed>("signalScript", [main, ...sections]);
    equal(printed.lines, [...lines]);
    equal(printed.status, status);
  });
}

const CATCH = (sig: number, flags = 0, mask = "-") => `action ${sig} h ${flags} ${mask}`;
const BOTH = `${CATCH(A)}; ${CATCH(B)}`;
const CAUGHT = (sig: number) => [`handler ${sig}`, `end ${sig}`];
const ACTIONS = ["action d", "action d"];

export const signalRows: readonly Row[] = [
  script(
    "sigaction() calls the handler before kill() of the caller itself returns",
    [`${CATCH(A)}; kill ${A}`],
    ["action d", ...CAUGHT(A), "kill 0"],
  ),
  script(
    "sigaction() blocks the signal itself while its handler runs",
    [`${BOTH}; kill ${A}`, `${A}:mask ${SIG_BLOCK} -; kill ${B}`, `${B}:mask ${SIG_BLOCK} -`],
    [
      ...ACTIONS,
      `handler ${A}`,
      `mask ${A}`,
      `handler ${B}`,
      `mask ${A},${B}`,
      `end ${B}`,
      "kill 0",
      `end ${A}`,
      "kill 0",
    ],
  ),
  script(
    "sigaction() blocks the signals of sa_mask while the handler runs",
    [
      `${CATCH(A, 0, String(B))}; ${CATCH(B)}; kill ${A}; mask ${SIG_BLOCK} -`,
      `${A}:kill ${B}; pending`,
    ],
    [
      ...ACTIONS,
      `handler ${A}`,
      "kill 0",
      `pending ${B}`,
      `end ${A}`,
      ...CAUGHT(B),
      "kill 0",
      "mask -",
    ],
  ),
  script(
    "sigaction() with SA_NODEFER does not block the signal itself",
    [`${CATCH(A, SA_NODEFER)}; kill ${A}`, `${A}:mask ${SIG_BLOCK} -`],
    ["action d", `handler ${A}`, "mask -", `end ${A}`, "kill 0"],
  ),
  script(
    "sigaction() with SA_RESETHAND catches one signal, and the next does what it does by default",
    [`${CATCH(A, SA_RESETHAND)}; kill ${A}; action ${A} ? 0 -; kill ${A}; pending`],
    ["action d", ...CAUGHT(A), "kill 0", "action d"],
    A,
  ),
  script(
    "sigaction() that ignores a blocked signal takes it away when it has come",
    [
      `mask ${SIG_BLOCK} ${A}; kill ${A}; pending; action ${A} i 0 -; pending; mask ${SIG_UNBLOCK} ${A}`,
    ],
    ["mask -", "kill 0", `pending ${A}`, "action d", "pending -", `mask ${A}`],
  ),
  script(
    "sigaction() to the default of being ignored takes a blocked signal away",
    [
      `${CATCH(SIGWINCH)}; mask ${SIG_BLOCK} ${SIGWINCH}; kill ${SIGWINCH}; action ${SIGWINCH} d 0 -; pending; ${CATCH(SIGWINCH)}; mask ${SIG_SETMASK} -`,
    ],
    ["action d", "mask -", "kill 0", "action h", "pending -", "action d", `mask ${SIGWINCH}`],
  ),
  script(
    "sigaction() of SIGKILL and SIGSTOP may be asked for, and no signal beyond them",
    [
      `action ${SIGKILL} ? 0 -; action ${SIGSTOP} ? 0 -; action 0 ? 0 -; action 65 ? 0 -; action ${SIGKILL} d 0 -`,
    ],
    ["action d", "action d", "action EINVAL", "action EINVAL", "action EINVAL"],
  ),
  script(
    "sigprocmask() holds a signal back until it is unblocked",
    [
      `${CATCH(A)}; mask ${SIG_BLOCK} ${A}; kill ${A}; kill ${A}; pending; mask ${SIG_SETMASK} -; pending`,
    ],
    [
      "action d",
      "mask -",
      "kill 0",
      "kill 0",
      `pending ${A}`,
      ...CAUGHT(A),
      `mask ${A}`,
      "pending -",
    ],
  ),
  script(
    "sigprocmask() adds, takes away and sets",
    [
      `mask ${SIG_BLOCK} ${A},${B}; mask ${SIG_UNBLOCK} ${A}; mask ${SIG_SETMASK} ${SIGTERM}; mask ${SIG_BLOCK} -; mask ${SIG_SETMASK} -; mask ${SIG_BLOCK} -`,
    ],
    ["mask -", `mask ${A},${B}`, `mask ${B}`, `mask ${SIGTERM}`, `mask ${SIGTERM}`, "mask -"],
  ),
  script(
    "sigprocmask() returns EINVAL for another operation",
    [`mask 3 ${A}; mask -1 ${A}`],
    ["mask EINVAL", "mask EINVAL"],
  ),
  script(
    "sigprocmask() passes over SIGKILL and SIGSTOP",
    [`mask ${SIG_BLOCK} ${SIGKILL},${SIGSTOP},${A}; mask ${SIG_BLOCK} -`],
    ["mask -", `mask ${A}`],
  ),
  script(
    "sigprocmask() delivers a signal that ends the process when it unblocks it",
    [
      `mask ${SIG_BLOCK} ${SIGTERM}; kill ${SIGTERM}; pending; mask ${SIG_UNBLOCK} ${SIGTERM}; pending`,
    ],
    ["mask -", "kill 0", `pending ${SIGTERM}`],
    SIGTERM,
  ),
  script(
    "sigprocmask() keeps an ignored signal that was blocked, which a handler then sees",
    [
      `action ${A} i 0 -; mask ${SIG_BLOCK} ${A}; kill ${A}; pending; ${CATCH(A)}; mask ${SIG_SETMASK} -`,
    ],
    ["action d", "mask -", "kill 0", `pending ${A}`, "action i", ...CAUGHT(A), `mask ${A}`],
  ),
  script(
    "sigprocmask() in a handler holds until the handler returns",
    [
      `${CATCH(A)}; kill ${A}; mask ${SIG_BLOCK} -`,
      `${A}:mask ${SIG_SETMASK} ${B}; mask ${SIG_BLOCK} -`,
    ],
    ["action d", `handler ${A}`, `mask ${A}`, `mask ${B}`, `end ${A}`, "kill 0", "mask -"],
  ),
  script(
    "sigsuspend() returns EINTR when the handler has run, at once for one that has come",
    [
      `${CATCH(A)}; mask ${SIG_BLOCK} ${A},${B}; kill ${A}; suspend ${B}; mask ${SIG_BLOCK} -`,
      `${A}:mask ${SIG_BLOCK} -`,
    ],
    [
      "action d",
      "mask -",
      "kill 0",
      `handler ${A}`,
      `mask ${A},${B}`,
      `end ${A}`,
      "suspend EINTR",
      `mask ${A},${B}`,
    ],
  ),
  script(
    "sigsuspend() waits for a signal that comes later",
    [`${CATCH(SIGALRM)}; mask ${SIG_BLOCK} ${SIGALRM}; timer 30 0; suspend -; pending`],
    ["action d", "mask -", "timer unset", ...CAUGHT(SIGALRM), "suspend EINTR", "pending -"],
  ),
  script(
    "sigsuspend() goes on after a signal that is ignored",
    [`${CATCH(SIGALRM)}; mask ${SIG_BLOCK} ${SIGWINCH}; kill ${SIGWINCH}; timer 30 0; suspend -`],
    ["action d", "mask -", "kill 0", "timer unset", ...CAUGHT(SIGALRM), "suspend EINTR"],
  ),
  script(
    "pause() returns EINTR when a handler has run, also with SA_RESTART",
    [`${CATCH(SIGALRM, SA_RESTART)}; timer 30 0; pause`],
    ["action d", "timer unset", ...CAUGHT(SIGALRM), "pause EINTR"],
  ),
  script(
    "setitimer() sends SIGALRM again and again, until it is unset",
    [`${CATCH(SIGALRM)}; timer 20 20; pause; pause; pause; timer 0 0; timer 0 0; poll 60`],
    [
      "action d",
      "timer unset",
      ...CAUGHT(SIGALRM),
      "pause EINTR",
      ...CAUGHT(SIGALRM),
      "pause EINTR",
      ...CAUGHT(SIGALRM),
      "pause EINTR",
      "timer set",
      "timer unset",
      "poll 0",
    ],
  ),
  script(
    "setitimer() without a period sends one signal",
    [`${CATCH(SIGALRM)}; timer 20 0; pause; timer 0 0`],
    ["action d", "timer unset", ...CAUGHT(SIGALRM), "pause EINTR", "timer unset"],
  ),
  script(
    "setitimer() ends a process that does not catch SIGALRM",
    ["timer 20 0; pause"],
    ["timer unset"],
    SIGALRM,
  ),
  script(
    "alarm() tells the seconds that were left, a begun one as a whole",
    ["alarm 10; alarm 20; alarm 0; alarm 0"],
    ["alarm 0", "alarm 10", "alarm 20", "alarm 0"],
  ),
  script(
    "alarm() is the timer of setitimer()",
    ["timer 5700 0; alarm 3; timer 400 0; alarm 0"],
    ["timer unset", "alarm 6", "timer set", "alarm 1"],
  ),
  script(
    "read() returns EINTR after a handler",
    [`${CATCH(SIGALRM)}; timer 30 0; read`, `${SIGALRM}:feed`],
    ["action d", "timer unset", `handler ${SIGALRM}`, "feed 1", `end ${SIGALRM}`, "read EINTR"],
  ),
  script(
    "read() goes on after a handler with SA_RESTART",
    [`${CATCH(SIGALRM, SA_RESTART)}; timer 30 0; read`, `${SIGALRM}:feed`],
    ["action d", "timer unset", `handler ${SIGALRM}`, "feed 1", `end ${SIGALRM}`, "read 1"],
  ),
  script(
    "read() goes on when a handler without SA_RESTART runs inside of one that has it",
    [`${CATCH(SIGALRM, SA_RESTART)}; ${CATCH(A)}; timer 30 0; read`, `${SIGALRM}:feed; kill ${A}`],
    [
      "action d",
      "action d",
      "timer unset",
      `handler ${SIGALRM}`,
      "feed 1",
      ...CAUGHT(A),
      "kill 0",
      `end ${SIGALRM}`,
      "read 1",
    ],
  ),
  script(
    "poll() returns EINTR after a handler with SA_RESTART too",
    [`${CATCH(SIGALRM, SA_RESTART)}; timer 30 0; poll 10000`],
    ["action d", "timer unset", ...CAUGHT(SIGALRM), "poll EINTR"],
  ),
  script(
    "write() to a pipe that nobody reads sends SIGPIPE, which may be blocked",
    [
      `${CATCH(SIGPIPE)}; mask ${SIG_BLOCK} ${SIGPIPE}; unread; feed; pending; mask ${SIG_SETMASK} -`,
    ],
    [
      "action d",
      "mask -",
      "feed EPIPE",
      `pending ${SIGPIPE}`,
      ...CAUGHT(SIGPIPE),
      `mask ${SIGPIPE}`,
    ],
  ),
  script(
    "write() to a pipe that nobody reads ends a process by SIGPIPE",
    ["unread; feed; feed"],
    [],
    SIGPIPE,
  ),
  script(
    "waitpid() goes on after a handler of SIGALRM with SA_RESTART, and returns EINTR without",
    [
      `${CATCH(SIGALRM, SA_RESTART)}; child nap; timer 30 0; wait 0; ${CATCH(SIGALRM)}; child nap; timer 30 0; wait 0; wait 0`,
      "nap:poll 150; exit 3",
    ],
    [
      "action d",
      "timer unset",
      ...CAUGHT(SIGALRM),
      "poll 0",
      "wait 768",
      "action h",
      "timer unset",
      ...CAUGHT(SIGALRM),
      "wait EINTR",
      "poll 0",
      "wait 768",
    ],
  ),
  script(
    "waitpid() returns ECHILD when SIGCHLD has SA_NOCLDWAIT, once all children have ended",
    [`${CATCH(SIGCHLD, SA_NOCLDWAIT | SA_RESTART)}; child a; wait 0; wait ${WNOHANG}`, "a:poll 20"],
    ["action d", "poll 0", ...CAUGHT(SIGCHLD), "wait ECHILD", "wait ECHILD"],
  ),
  script(
    "kill() of the caller itself with a signal that ends it does not return",
    [`kill ${SIGTERM}; pending`],
    [],
    SIGTERM,
  ),
];
