/** Programs of /bin that are started, command lines, and signals. */
import { O_CLOEXEC } from "../assembly/abi/fcntl.ts";
import { SIG_DFL, SIGUSR1 } from "../assembly/abi/signal.ts";
import type { Syscalls } from "../host/contract.ts";
import type { Machine } from "./build-under-test.ts";
import { nowNs, type Parties, type Party } from "./party.ts";

/** kill() of oneself, until the handler has run. */
function signalSelf(sys: Syscalls): Party {
  return (n) => {
    let seen = 0;
    sys.sigaction(SIGUSR1, () => {
      seen++;
    });
    const pid = sys.getpid();
    const start = nowNs();
    for (let i = 0; i < n; i++) sys.kill(pid, SIGUSR1);
    const ns = nowNs() - start;
    sys.sigaction(SIGUSR1, SIG_DFL);
    if (seen !== n) throw new Error(`${seen} of ${n} signals were delivered`);
    return ns;
  };
}

/** echo, until the first byte that it writes is here; then its end. */
function spawnByte(machine: Machine): Party {
  const { sys } = machine;
  const byte = new Uint8Array(1);
  return async (n) => {
    let ns = 0;
    for (let i = 0; i < n; i++) {
      const start = nowNs();
      const [reader, writer] = sys.pipe2(O_CLOEXEC);
      const child = await machine.spawn("echo", ["x"], { stdio: [0, writer, 2] });
      sys.close(writer);
      if (sys.read(reader, byte) !== 1) throw new Error("echo wrote nothing");
      ns += nowNs() - start;
      sys.close(reader);
      await child.wait();
    }
    return ns;
  };
}

function popenClose(machine: Machine): Party {
  return async (n) => {
    const start = nowNs();
    for (let i = 0; i < n; i++) {
      const list = await machine.popen("echo x", "r");
      if (list.stream.readAll().length !== 2) throw new Error("popen(): echo wrote something else");
      await list.close();
    }
    return nowNs() - start;
  };
}

export function processParties(machine: Machine): Parties {
  return {
    "signal-self": signalSelf(machine.sys),
    "spawn-byte": spawnByte(machine),
    popen: popenClose(machine),
  };
}
