/** A program that says how it was started. */
import {
  SIG_BLOCK,
  SIG_IGN,
  SIGINT,
  SIGTERM,
  SIGUSR1,
  SIGUSR2,
  type Syscalls,
} from "../../runtime/index.ts";

export function main(sys: Syscalls, [, what]: string[]): void {
  switch (what) {
    case "groups":
      console.log(JSON.stringify({ pid: sys.getpid(), pgid: sys.getpgid(0), sid: sys.getsid(0) }));
      break;
    case "signals": {
      const mask = sys.sigprocmask(SIG_BLOCK, []);
      const ignored = [SIGINT, SIGTERM, SIGUSR1, SIGUSR2].filter(
        (sig) => sys.sigaction(sig, null) === SIG_IGN,
      );
      console.log(JSON.stringify({ mask, ignored }));
      break;
    }
    case "both":
      sys.write(1, new TextEncoder().encode("out\n"));
      sys.write(2, new TextEncoder().encode("err\n"));
      break;
    case "pause":
      sys.pause();
      break;
    default:
      throw new Error(`no action ${what}`);
  }
}
