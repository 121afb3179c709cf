/** The cases of every program. */
import type { BinCase } from "./case.ts";
import { FILE_CASES } from "./file-cases.ts";
import { GREP_CASES } from "./grep-cases.ts";
import { IPC_CASES } from "./ipc-cases.ts";
import { LS_CASES } from "./ls-cases.ts";
import { PRINT_CASES } from "./print-cases.ts";
import { PS_CASES } from "./ps-cases.ts";
import { SORT_CASES } from "./sort-cases.ts";
import { TEXT_CASES } from "./text-cases.ts";

export const TABLES: Readonly<Record<string, readonly BinCase[]>> = {
  ...TEXT_CASES,
  ...PRINT_CASES,
  ...FILE_CASES,
  ...LS_CASES,
  ...SORT_CASES,
  ...GREP_CASES,
  ...IPC_CASES,
  ...PS_CASES,
};
