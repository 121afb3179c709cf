/**
 * Kernels that are wrong in one place: a journal record that is not written, a transaction that is not
 * published or committed, a waiter that is not listed, a step of the repair that is left out. The list
 * is made from the text of the kernel, so that it has every place that there is.
 */

export interface Mutant {
  /** The function, what it calls there, and which of those calls it is. */
  name: string;
  text: string;
}

/** What stands in for a call, so that the stack stays as it was. */
const RULES: readonly [string, string, readonly string[]][] = [
  ["journal/put32", "is not logged", ["i32.store"]],
  ["journal/put64", "is not logged", ["i64.store"]],
  ["journal/putf64", "is not logged", ["f64.store"]],
  ["journal/journal_log64", "is not logged", ["drop"]],
  ["journal/journal_guard", "is not logged", ["drop", "drop", "drop", "drop", "drop"]],
  ["journal/journal_publish", "is left out", []],
  ["journal/journal_commit", "is left out", []],
  ["journal/journal_undo", "is left out", ["drop"]],
  ["wake/wake_list", "is left out", ["drop"]],
  ["wake/wake_word", "is left out", ["drop"]],
  ["wake/wake_inherit", "is left out", ["drop"]],
  ["lock/lock_inherit", "inherits nothing", ["drop", "drop", "drop", "i32.const 0"]],
  ["page/page_drop", "is left out", ["drop", "i32.const 0"]],
  ["page/page_hand_over", "keeps the hold", ["call $assembly/mutant/hold_first"]],
  ["pool/pool_release_claims", "is left out", ["drop"]],
  ["pool/pool_release_dead", "is left out", ["drop"]],
  ["exit/exit_repair", "is left out", []],
  ["repair/repair_sets", "is left out", ["drop"]],
  ["repair/repair_queues", "is left out", []],
  ["repair/repair_segments", "is left out", []],
  ["repair/thread_end_process", "is left out", ["drop", "i32.const 0"]],
  ["exit/exit_tasks", "is left out", ["drop", "i32.const 0"]],
  ["exit/exit_attachments", "is left out", ["drop", "i32.const 0"]],
  ["exit/exit_finish", "is left out", ["drop", "i32.const 0"]],
  ["sem-exit/sem_exit", "is left out", ["drop", "i32.const 0"]],
];

/** page_hand_over() without its store. */
const HOLD_FIRST = `
 (func $assembly/mutant/hold_first (result i32)
  (call $assembly/task/Task#get:hold_first (global.get $assembly/current/current)))
`;

/** Lines of one function, each replaced by others: what no single call stands for. */
const LINES: readonly [string, RegExp, readonly string[], string][] = [
  [
    "lock/lock_enter",
    /call \$assembly\/task\/Task#set:journal_count$/,
    ["drop", "drop"],
    "keeps the journal of the transaction before",
  ],
  [
    "repair/repair_locks",
    /call \$assembly\/task\/Task#set:journal_count$/,
    ["drop", "drop"],
    "keeps the journal of the transaction before",
  ],
  [
    "journal/journal_push",
    /i32\.atomic\.store offset=\d+$|i32\.atomic\.store$/,
    ["drop", "drop"],
    "counts no entry",
  ],
  [
    "journal/journal_guard_holds",
    /i64\.eq$/,
    ["drop", "drop", "i32.const 1"],
    "believes every guard",
  ],
];

const FUNCTION = /^ \(func \$assembly\/(\S+)/;
/** Before anybody may attach, and what only looks. */
const APART = /^(boot|fs-format|check[\w-]*)\//;

function replaceLine(lines: readonly string[], at: number, by: readonly string[]): string {
  return [...lines.slice(0, at), ...by, ...lines.slice(at + 1)].join("\n");
}

/** A commit right before the release of the lock, which commits as well. */
function commitsTwice(lines: readonly string[], at: number): boolean {
  const called = (line: string) => /^\s*call \$assembly\/(\S+)$/.exec(line)?.[1];
  if (called(lines[at]!) !== "journal/journal_commit") return false;
  const next = lines.slice(at + 1).find((line) => called(line) !== undefined || /^ \)/.test(line));
  return called(next ?? "") === "lock/lock_leave";
}

/** Restoring the oldest entry first: the loop of journal_undo runs upwards. */
function undoForwards(text: string): Mutant[] {
  const name = "journal/journal_undo";
  const start = text.indexOf(` (func $assembly/${name} `);
  const end = text.indexOf("\n )", start);
  const body = text.slice(start, end);
  const turned = body.replace(
    /local\.get \$index\n(\s*)i32\.const 16|local\.get \$index\n(\s*)global\.get \$assembly\/journal\/JOURNAL_ENTRY/,
    (found) =>
      found.replace(
        "local.get $index",
        "local.get $task\ncall $assembly/task/Task#get:journal_count\n" +
          "i32.const 1\ni32.sub\nlocal.get $index\ni32.sub",
      ),
  );
  if (turned === body) throw new Error(`${name} is not as it was`);
  return [
    {
      name: `${name} restores the oldest entry first`,
      text: text.slice(0, start) + turned + text.slice(end),
    },
  ];
}

/** Every mutant of the debug build's text. */
export function mutants(text: string): Mutant[] {
  const lines = text.split("\n");
  const found: Mutant[] = [];
  const counts = new Map<string, number>();
  let inside = "";
  const add = (at: number, what: string, by: readonly string[]) => {
    const key = `${inside}: ${what}`;
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    found.push({ name: `${key} #${count}`, text: replaceLine(lines, at, by) });
  };
  lines.forEach((line, at) => {
    inside = FUNCTION.exec(line)?.[1] ?? inside;
    if (APART.test(inside)) return;
    const callee = /^\s*call \$assembly\/(\S+)$/.exec(line)?.[1];
    const rule = RULES.find(([called]) => called === callee);
    // putf64 is put64: the call inside it is no place of its own.
    if (rule !== undefined && !inside.startsWith("journal/") && !commitsTwice(lines, at)) {
      add(at, `${rule[0].split("/")[1]}() ${rule[1]}`, rule[2]);
    }
    for (const [where, pattern, by, what] of LINES) {
      if (where === inside && pattern.test(line)) add(at, what, by);
    }
  });
  const first = text.indexOf("\n (func ");
  const withHelper = ({ name, text: mutated }: Mutant): Mutant => {
    const needs = mutated.includes("call $assembly/mutant/");
    return {
      name,
      text: needs ? text.slice(0, first) + HOLD_FIRST + mutated.slice(first) : mutated,
    };
  };
  return [...found.map(withHelper), ...undoForwards(text)];
}
