/** `ipcs -m`: shared memory segments. */
import { IPC_INFO } from "../../assembly/abi/ipc.ts";
import { SHM_DEST, SHM_INFO, SHM_LOCKED, SHM_STAT_ANY } from "../../assembly/abi/shm.ts";
import type { Indexed, ShmidDs, Syscalls } from "../../host/contract.ts";
import {
  columns,
  humanSize,
  keyText,
  left,
  longTime,
  modeText,
  permsText,
  shortTime,
  sizeLine,
  sizeText,
} from "./format.ts";
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

type Segment = Indexed<ShmidDs>;

const UINT64_MAX = 2n ** 64n - 1n;

/** Every segment, readable or not. */
function segments(sys: Syscalls): Segment[] {
  const { index } = sys.shmctl(0, SHM_INFO);
  return statAll(index, (at) => sys.shmctl(at, SHM_STAT_ANY));
}

function limits(sys: Syscalls, style: SectionStyle): string {
  const info = sys.shmctl(0, IPC_INFO);
  const shmmax = style.limits?.shmmax ?? BigInt(info.shmmax);
  const shmall = style.limits?.shmall ?? BigInt(info.shmall);
  const inKib = style.unit === "default";
  // The total saturates at the largest multiple of its unit that an unsigned 64-bit word holds.
  const factor = BigInt(inKib ? style.pageSize / 1024 : style.pageSize);
  const wanted = shmall * factor;
  const total = wanted > UINT64_MAX ? UINT64_MAX - (UINT64_MAX % factor) : wanted;
  const sizes = inKib
    ? `max seg size (kbytes) = ${shmmax / 1024n}\nmax total shared memory (kbytes) = ${total}\n`
    : sizeLine(style.unit, "max seg size", shmmax) +
      sizeLine(style.unit, "max total shared memory", total);
  return (
    `------ Shared Memory Limits --------\nmax number of segments = ${info.shmmni}\n` +
    sizes +
    sizeLine(style.unit, "min seg size", info.shmmin)
  );
}

function summary(sys: Syscalls): string {
  const info = sys.shmctl(0, SHM_INFO);
  return (
    `------ Shared Memory Status --------\nsegments allocated ${info.used_ids}\n` +
    `pages allocated ${info.shm_tot}\npages resident  ${info.shm_rss}\n` +
    `pages swapped   ${info.shm_swp}\n` +
    `Swap performance: ${info.swap_attempts} attempts\t ${info.swap_successes} successes\n`
  );
}

function creators(sys: Syscalls, style: SectionStyle): string {
  return table(
    "Shared Memory Segment Creators/Owners",
    creatorHead("shmid"),
    segments(sys),
    ({ id, shm_perm }) => creatorRow(style, id, shm_perm),
  );
}

function times(sys: Syscalls, style: SectionStyle): string {
  const head: [string, number][] = [
    ["shmid", 10],
    ["owner", 10],
    ["attached", 20],
    ["detached", 20],
    ["changed", 20],
  ];
  const row = (shm: Segment) =>
    `${left(shm.id, 10)} ${ownerColumn(style, shm.shm_perm)} ${shortTime(shm.shm_atime)} ` +
    `${shortTime(shm.shm_dtime)} ${shortTime(shm.shm_ctime)}\n`;
  return table("Shared Memory Attach/Detach/Change Times", columns(head), segments(sys), row);
}

function pids(sys: Syscalls, style: SectionStyle): string {
  const head = columns(["shmid", "owner", "cpid", "lpid"].map((name) => [name, 10]));
  const row = (shm: Segment) =>
    `${left(shm.id, 10)} ${ownerColumn(style, shm.shm_perm)} ` +
    `${left(shm.shm_cpid, 10)} ${left(shm.shm_lpid, 10)}\n`;
  return table("Shared Memory Creator/Last-op PIDs", head, segments(sys), row);
}

function overview(sys: Syscalls, style: SectionStyle): string {
  const isHuman = style.unit === "human";
  const names = ["key", "shmid", "owner", "perms", isHuman ? "size" : "bytes", "nattch"];
  const head = columns([...names.map((name): [string, number] => [name, 10]), ["status", 12]]);
  const size = ({ shm_segsz }: Segment) =>
    isHuman ? `${humanSize(shm_segsz).padStart(6)}    ` : left(shm_segsz, 10);
  const row = (shm: Segment) => {
    const { mode, key } = shm.shm_perm;
    return (
      `${keyText(key)} ${left(shm.id, 10)} ${ownerColumn(style, shm.shm_perm)} ` +
      `${left(permsText(mode), 10)} ${size(shm)} ${left(shm.shm_nattch, 10)} ` +
      `${left((mode & SHM_DEST) === 0 ? "" : "dest", 6)} ` +
      `${left((mode & SHM_LOCKED) === 0 ? "" : "locked", 6)}\n`
    );
  };
  return table("Shared Memory Segments", head, segments(sys), row);
}

const FORMATS = { limits, summary, creator: creators, time: times, pid: pids, default: overview };

export const shmSection: Section = {
  list: (sys, style) => FORMATS[style.format](sys, style),

  detail(sys, id, style) {
    const shm = segments(sys).find((segment) => segment.id === id);
    if (shm === undefined) return undefined;
    const { mode } = shm.shm_perm;
    const sizeName = style.unit === "human" ? "size" : "bytes";
    return (
      `\nShared memory Segment shmid=${id}\n${ownersText(shm.shm_perm, "\t")}\n` +
      `mode=${modeText(mode)}\taccess_perms=${modeText(mode & 0o777)}\n` +
      `${sizeName}=${sizeText(style.unit, shm.shm_segsz)}\tlpid=${shm.shm_lpid}\t` +
      `cpid=${shm.shm_cpid}\tnattch=${shm.shm_nattch}\n` +
      `att_time=${longTime(shm.shm_atime)}\ndet_time=${longTime(shm.shm_dtime)}\n` +
      `change_time=${longTime(shm.shm_ctime)}\n\n`
    );
  },
};
