/**
 * The only mutable globals of the kernel: which task this instance acts for. An instance belongs to
 * one thread; it is switched to the task of a pending asynchronous call around that call's entries.
 * Crash: constant, nothing is stored but the instance's own globals.
 */
import { REGION_TASK_JOURNAL, region } from "./region.ts";
import { Task, task_at } from "./task.ts";

/** The current task's slot; 0 only while a machine is being formatted. */
export let current: Task = changetype<Task>(0);

/** Address of its journal entries. */
export let current_journal: usize = 0;

/** Acts for task `id` from now on. */
export function current_set(id: i32): void {
  current = task_at(id);
  current_journal = changetype<usize>(current) + region(REGION_TASK_JOURNAL);
}
