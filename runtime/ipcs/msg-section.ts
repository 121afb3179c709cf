/** `ipcs -q`: message queues. */
import { IPC_INFO } from "../../assembly/abi/ipc.ts";
import { MSG_INFO, MSG_STAT_ANY } from "../../assembly/abi/msg.ts";
import type { Indexed, MsqidDs, Syscalls } from "../../host/contract.ts";
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

type Queue = Indexed<MsqidDs>;

/** Every queue, readable or not. */
function queues(sys: Syscalls): Queue[] {
  const { index } = sys.msgctl(0, MSG_INFO);
  return statAll(index, (at) => sys.msgctl(at, MSG_STAT_ANY));
}

function limits(sys: Syscalls, style: SectionStyle): string {
  const info = sys.msgctl(0, IPC_INFO);
  return (
    `------ Messages Limits --------\nmax queues system wide = ${info.msgmni}\n` +
    sizeLine(style.unit, "max size of message", info.msgmax) +
    sizeLine(style.unit, "default max size of queue", info.msgmnb)
  );
}

/** MSG_INFO tells queues, messages and their bytes in three fields that mean other limits. */
function summary(sys: Syscalls, style: SectionStyle): string {
  const { msgpool, msgmap, msgtql } = sys.msgctl(0, MSG_INFO);
  const space =
    style.unit === "default"
      ? `used space = ${msgtql} bytes\n`
      : sizeLine(style.unit, "used space", msgtql);
  return (
    `------ Messages Status --------\nallocated queues = ${msgpool}\n` +
    `used headers = ${msgmap}\n${space}`
  );
}

function creators(sys: Syscalls, style: SectionStyle): string {
  return table(
    "Message Queues Creators/Owners",
    creatorHead("msqid"),
    queues(sys),
    ({ id, msg_perm }) => creatorRow(style, id, msg_perm),
  );
}

function times(sys: Syscalls, style: SectionStyle): string {
  const head: [string, number][] = [
    ["msqid", 8],
    ["owner", 10],
    ["send", 20],
    ["recv", 20],
    ["change", 20],
  ];
  const row = (msg: Queue) =>
    `${left(msg.id, 8)} ${ownerColumn(style, msg.msg_perm)} ${shortTime(msg.msg_stime)} ` +
    `${shortTime(msg.msg_rtime)} ${shortTime(msg.msg_ctime)}\n`;
  return table("Message Queues Send/Recv/Change Times", columns(head), queues(sys), row);
}

/** The rows do not stand under their heads; neither do util-linux's. */
function pids(sys: Syscalls, style: SectionStyle): string {
  const head = columns(["msqid", "owner", "lspid", "lrpid"].map((name) => [name, 10]));
  const row = (msg: Queue) =>
    `${left(msg.id, 8)} ${ownerColumn(style, msg.msg_perm)}  ` +
    `${String(msg.msg_lspid).padStart(5)}     ${String(msg.msg_lrpid).padStart(5)}\n`;
  return table("Message Queues PIDs", head, queues(sys), row);
}

function overview(sys: Syscalls, style: SectionStyle): string {
  const isHuman = style.unit === "human";
  const head: [string, number][] = [
    ["key", 10],
    ["msqid", 10],
    ["owner", 10],
    ["perms", 10],
    [isHuman ? "size" : "used-bytes", 12],
    ["messages", 12],
  ];
  const size = ({ msg_cbytes }: Queue) =>
    isHuman ? `${humanSize(msg_cbytes).padStart(6)}      ` : left(msg_cbytes, 12);
  const row = (msg: Queue) =>
    `${keyText(msg.msg_perm.key)} ${left(msg.id, 10)} ${ownerColumn(style, msg.msg_perm)} ` +
    `${left(permsText(msg.msg_perm.mode), 10)} ${size(msg)} ${left(msg.msg_qnum, 12)}\n`;
  return table("Message Queues", columns(head), queues(sys), row);
}

const FORMATS = { limits, summary, creator: creators, time: times, pid: pids, default: overview };

export const msgSection: Section = {
  list: (sys, style) => FORMATS[style.format](sys, style),

  detail(sys, id, style) {
    const msg = queues(sys).find((queue) => queue.id === id);
    if (msg === undefined) return undefined;
    const kind = style.unit === "human" ? "size" : "bytes";
    return (
      `\nMessage Queue msqid=${id}\n${ownersText(msg.msg_perm, "\t")}\t` +
      `mode=${modeText(msg.msg_perm.mode)}\n` +
      `c${kind}=${sizeText(style.unit, msg.msg_cbytes)}\t` +
      `q${kind}=${sizeText(style.unit, msg.msg_qbytes)}\t` +
      `qnum=${msg.msg_qnum}\tlspid=${msg.msg_lspid}\tlrpid=${msg.msg_lrpid}\n` +
      `send_time=${longTime(msg.msg_stime)}\nrcv_time=${longTime(msg.msg_rtime)}\n` +
      `change_time=${longTime(msg.msg_ctime)}\n\n`
    );
  },
};
