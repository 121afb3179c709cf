/**
 * Who the caller is: getpid(2), getppid(2), getuid(2), getgid(2), getgroups(2). They cannot fail.
 * Crash: constant, nothing is stored.
 */
import { proc_current, proc_get_groups } from "./proc.ts";

export function sys_getpid(): i32 {
  return proc_current().pid;
}

export function sys_getppid(): i32 {
  return proc_current().ppid;
}

export function sys_getuid(): i32 {
  return proc_current().uid;
}

export function sys_geteuid(): i32 {
  return proc_current().euid;
}

export function sys_getgid(): i32 {
  return proc_current().gid;
}

export function sys_getegid(): i32 {
  return proc_current().egid;
}

/** getgroups(2): the ids go to the transfer area. @returns their count. */
export function sys_getgroups(): i32 {
  return proc_get_groups();
}
