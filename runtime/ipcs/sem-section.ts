/** `ipcs -s`: semaphore arrays, which semget(2) calls sets. */
import { IPC_INFO } from "../../assembly/abi/ipc.ts";
import {
  GETNCNT,
  GETPID,
  GETVAL,
  GETZCNT,
  SEM_INFO,
  SEM_STAT_ANY,
} from "../../assembly/abi/sem.ts";
import type { Indexed, SemidDs, Syscalls } from "../../host/contract.ts";
import { columns, keyText, left, longTime, modeText, permsText } from "./format.ts";
import {
  creatorHead,
  creatorRow,
  ownerColumn,
  ownersText,
  type Section,
  type SectionStyle,
  statAll,
  table,
} from "./section.ts";

type SemaphoreArray = Indexed<SemidDs>;

/** Every set, readable or not. */
function arrays(sys: Syscalls): SemaphoreArray[] {
  const { index } = sys.semctl(0, 0, SEM_INFO);
  return statAll(index, (at) => sys.semctl(at, 0, SEM_STAT_ANY));
}

function limits(sys: Syscalls): string {
  const info = sys.semctl(0, 0, IPC_INFO);
  return (
    `------ Semaphore Limits --------\nmax number of arrays = ${info.semmni}\n` +
    `max semaphores per array = ${info.semmsl}\nmax semaphores system wide = ${info.semmns}\n` +
    `max ops per semop call = ${info.semopm}\nsemaphore max value = ${info.semvmx}\n`
  );
}

/** SEM_INFO tells how many sets and semaphores exist in two fields that mean other limits. */
function summary(sys: Syscalls): string {
  const { semusz, semaem } = sys.semctl(0, 0, SEM_INFO);
  return `------ Semaphore Status --------\nused arrays = ${semusz}\nallocated semaphores = ${semaem}\n`;
}

function creators(sys: Syscalls, style: SectionStyle): string {
  return table(
    "Semaphore Arrays Creators/Owners",
    creatorHead("semid"),
    arrays(sys),
    ({ id, sem_perm }) => creatorRow(style, id, sem_perm),
  );
}

function times(sys: Syscalls, style: SectionStyle): string {
  const head: [string, number][] = [
    ["semid", 8],
    ["owner", 10],
    ["last-op", 26],
    ["last-changed", 26],
  ];
  const row = (sem: SemaphoreArray) =>
    `${left(sem.id, 8)} ${ownerColumn(style, sem.sem_perm)}  ` +
    `${longTime(sem.sem_otime)} ${longTime(sem.sem_ctime)}\n`;
  return table("Semaphore Operation/Change Times", columns(head), arrays(sys), row);
}

function overview(sys: Syscalls, style: SectionStyle): string {
  const head = columns(["key", "semid", "owner", "perms", "nsems"].map((name) => [name, 10]));
  const row = (sem: SemaphoreArray) =>
    `${keyText(sem.sem_perm.key)} ${left(sem.id, 10)} ${ownerColumn(style, sem.sem_perm)} ` +
    `${left(permsText(sem.sem_perm.mode), 10)} ${left(sem.sem_nsems, 10)}\n`;
  return table("Semaphore Arrays", head, arrays(sys), row);
}

/** A set has no pid of its own, and util-linux prints nothing at all. */
const noPids = () => "";

const FORMATS = { limits, summary, creator: creators, time: times, pid: noPids, default: overview };

function elements(sys: Syscalls, sem: SemaphoreArray): string {
  let text = columns(["semnum", "value", "ncount", "zcount", "pid"].map((name) => [name, 10]));
  for (let number = 0; number < sem.sem_nsems; number++) {
    const cells = [
      number,
      sys.semctl(sem.id, number, GETVAL),
      sys.semctl(sem.id, number, GETNCNT),
      sys.semctl(sem.id, number, GETZCNT),
      sys.semctl(sem.id, number, GETPID),
    ];
    text += columns(cells.map((value) => [value, 10]));
  }
  return text;
}

export const semSection: Section = {
  list: (sys, style) => FORMATS[style.format](sys, style),

  detail(sys, id) {
    const sem = arrays(sys).find((array) => array.id === id);
    if (sem === undefined) return undefined;
    const { mode } = sem.sem_perm;
    return (
      `\nSemaphore Array semid=${id}\n${ownersText(sem.sem_perm, "\t ")}\n` +
      `mode=${modeText(mode)}, access_perms=${modeText(mode & 0o777)}\nnsems = ${sem.sem_nsems}\n` +
      `otime = ${longTime(sem.sem_otime)}\nctime = ${longTime(sem.sem_ctime)}\n` +
      `${elements(sys, sem)}\n`
    );
  },
};
