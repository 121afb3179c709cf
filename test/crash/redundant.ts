/** Mutants that no scenario notices, with the reason: what they leave out changes nothing after a death. */

const REASONS: readonly (readonly [reason: string, mutants: readonly string[]])[] = [
  [
    "The release of the lock follows, and commits as well.",
    [
      "exit/exit_begin: journal_commit() is left out #1",
      "page/hold_release_locked: journal_commit() is left out #1",
      "mutex-wake/mutex_wake_one: journal_commit() is left out #1",
      "msgctl/msgctl_set: journal_commit() is left out #1",
      "cwd/cwd_set: journal_commit() is left out #1",
      "fd/fd_release_locked: journal_commit() is left out #1",
      "fd/fd_replace_locked: journal_commit() is left out #1",
    ],
  ],
  [
    "The transaction is only longer: undone as a whole, and made again by whoever goes on with it.",
    [
      "sem-exit/sem_exit_locked: journal_commit() is left out #1",
      "sem-exit/sem_exit_locked: journal_commit() is left out #2",
      "shm/segment_detach_locked: journal_commit() is left out #1",
      "mutex-wake/mutex_wake_all_locked: journal_commit() is left out #1",
      "mutex-wake/mutex_wake_of: journal_commit() is left out #1",
      "exit/exit_finish: journal_commit() is left out #1",
      "exit/exit_finish: journal_commit() is left out #2",
      "msgpool/pool_reserve: journal_commit() is left out #1",
      "msgctl/queue_tell: journal_commit() is left out #1",
      "msgctl/queue_close_locked: journal_commit() is left out #1",
      "semctl/semset_tell_queue: journal_commit() is left out #1",
      "semctl/semset_remove_locked: journal_commit() is left out #1",
      "record-wait/record_update: journal_commit() is left out #1",
      "semctl/semctl_setval: journal_commit() is left out #1",
      "semop/semop_locked: journal_commit() is left out #1",
      "epoll/epoll_tell: journal_commit() is left out #1",
      "pipe-io/pipe_update_locked: journal_commit() is left out #1",
      "pipe-io/pipe_update_locked: journal_commit() is left out #2",
      "pipe-io/pipe_update_locked: journal_commit() is left out #3",
      "pipe-io/pipe_update_locked: journal_commit() is left out #4",
      "record-close/leave_sleepers: journal_commit() is left out #1",
    ],
  ],
  [
    "The only or the last cell of its transaction: unlogged, its store is the commit.",
    [
      "exit/task_stop: put32() is not logged #1",
      "exit/exit_finish: put32() is not logged #3",
      "msgctl/queue_close_locked: put32() is not logged #1",
      "shmctl/shmctl_pin: put32() is not logged #1",
      "proc/waitpid_locked: put32() is not logged #1",
      "epoll/epoll_add: put32() is not logged #2",
      "epoll/epoll_ctl_locked: put32() is not logged #1",
      "epoll/epoll_tell: put32() is not logged #3",
      "record-close/leave_sleepers: put32() is not logged #1",
    ],
  ],
  [
    "What it changes is the dead one's own, and goes or is written anew when its process ends.",
    [
      "shm/segment_detach_locked: put32() is not logged #2",
      "shm/segment_detach_locked: putf64() is not logged #1",
      "exit/exit_finish: put32() is not logged #1",
      "shmop/segment_touch: put32() is not logged #1",
      "shmop/segment_touch: putf64() is not logged #2",
      "attach/attachment_add: put32() is not logged #1",
      "shmop/shmat_clear_range: put32() is not logged #2",
      "shmop/shmat_clear_range: put32() is not logged #3",
      "shmop/shmat_clear_range: put32() is not logged #4",
      "shmop/shmat_clear_range: put32() is not logged #5",
      "shmop/shmat_locked: put32() is not logged #1",
      "wait/wait_end: put32() is not logged #1",
    ],
  ],
  [
    "Without the cells that are logged beside it, it means nothing.",
    [
      "exit/exit_begin: put32() is not logged #1",
      "page/extent_link_tail: put32() is not logged #3",
      "page/extent_cut: put32() is not logged #2",
      "page/extent_cut: put32() is not logged #3",
      "page/hold_exchange: put32() is not logged #1",
      "waitq/waitq_wake: put32() is not logged #1",
      "table/table_retire: put32() is not logged #3",
      "msg/queue_append: journal_log64() is not logged #1",
      "msg/queue_take: journal_log64() is not logged #1",
    ],
  ],
  [
    "It orders the entries for other processors; here one thread is stepped.",
    [
      "sem-eval/sem_apply: journal_publish() is left out #1",
      "msg/queue_append: journal_publish() is left out #1",
      "msg/queue_take: journal_publish() is left out #1",
    ],
  ],
  [
    "Done a second time: by the next call of the task, by its end, or when the exit is gone on with.",
    [
      "exit/exit_tasks: page_drop() is left out #1",
      "exit/exit_tasks: page_drop() is left out #2",
      "exit/task_free: page_drop() is left out #1",
      "semctl/semctl_setall: page_drop() is left out #1",
      "sem/sys_semget: page_drop() is left out #1",
      "shm/sys_shmget: page_drop() is left out #1",
      "sem-exit/sem_exit_locked: putf64() is not logged #1",
      "semctl/semset_close_locked: put32() is not logged #1",
      "name/frames_for: page_drop() is left out #1",
    ],
  ],
  [
    "What is left of it is right as well: a free record cut in two, a mark that the repair sets anew.",
    [
      "directory/dir_add: put32() is not logged #1",
      "epoll/epoll_add: put32() is not logged #1",
      "record/record_add: put32() is not logged #1",
    ],
  ],
  [
    "Only the last one that has it does so, and its end does it again.",
    [
      "file-close/file_drop: put32() is not logged #2",
      "pipe/pipe_close_locked: put32() is not logged #1",
    ],
  ],
  [
    "What else changes with it is a time, which no scenario compares.",
    ["attribute/chmod_locked: put32() is not logged #1"],
  ],
  [
    "Needs another thread at the same time, or is no matter of deaths: other tests see it.",
    [
      "thread/lock_ask: wake_word() is left out #1",
      "pool/pool_claim: wake_word() is left out #1",
      "exit/exit_wake: wake_list() is left out #1",
      "journal/journal_guard_holds: believes every guard #1",
      "journal/journal_guard_holds: believes every guard #2",
      "volume/volume_ask: wake_word() is left out #1",
    ],
  ],
  [
    "No scenario shows yet what it does.",
    [
      "repair/repair_locks: keeps the journal of the transaction before #1",
      "repair/thread_dead: pool_release_dead() is left out #1",
    ],
  ],
];

/** Their reasons, by name. */
export const REDUNDANT: ReadonlyMap<string, string> = new Map(
  REASONS.flatMap(([reason, mutants]) => mutants.map((name) => [name, reason] as const)),
);

/** Files whose mutants have not been gone through one by one: none of them is chosen. */
const NOT_YET_FILES = [
  ...["attribute", "chdir", "cwd", "data", "directory", "epoll", "fcntl", "fcntl-lock", "fd"],
  ...["fd-exit", "fifo", "file", "file-close", "flock", "getdents", "inherit", "inode"],
  ...["link", "lockable", "name", "open", "path", "pipe", "pipe-io", "poll", "poll-events"],
  ...["poll-wake", "record", "record-close", "record-lock", "record-wait", "rename", "spawn"],
  ...["stat", "truncate", "unistd", "watch"],
];

export const NOT_YET = new RegExp(`^(${NOT_YET_FILES.join("|")})/`);
