/** Every row of the contract, in the order of the manual's sections. */
import type { Row } from "./row.ts";
import { argumentRows } from "./tables/arguments.ts";
import { asyncRows } from "./tables/async.ts";
import { ftok } from "./tables/ftok.ts";
import { msgctl } from "./tables/msgctl.ts";
import { msgctlStat } from "./tables/msgctl-stat.ts";
import { msgget } from "./tables/msgget.ts";
import { msgrcv } from "./tables/msgrcv.ts";
import { msgrcvWait } from "./tables/msgrcv-wait.ts";
import { msgsnd } from "./tables/msgsnd.ts";
import { permission } from "./tables/permission.ts";
import { processRows } from "./tables/process.ts";
import { pthreadMutex } from "./tables/pthread-mutex.ts";
import { semctl } from "./tables/semctl.ts";
import { semctlStat } from "./tables/semctl-stat.ts";
import { semget } from "./tables/semget.ts";
import { semop } from "./tables/semop.ts";
import { semopOrder } from "./tables/semop-order.ts";
import { semopUndo } from "./tables/semop-undo.ts";
import { semopWait } from "./tables/semop-wait.ts";
import { shmat } from "./tables/shmat.ts";
import { shmctl } from "./tables/shmctl.ts";
import { shmctlStat } from "./tables/shmctl-stat.ts";
import { shmdt } from "./tables/shmdt.ts";
import { shmget } from "./tables/shmget.ts";

export const TABLES: readonly Row[] = [
  ...shmget,
  ...shmat,
  ...shmdt,
  ...shmctl,
  ...shmctlStat,
  ...semget,
  ...semop,
  ...semopOrder,
  ...semopUndo,
  ...semopWait,
  ...semctl,
  ...semctlStat,
  ...msgget,
  ...msgsnd,
  ...msgrcv,
  ...msgrcvWait,
  ...msgctl,
  ...msgctlStat,
  ...pthreadMutex,
  ...permission,
  ...ftok,
  ...processRows,
  ...asyncRows,
  ...argumentRows,
];
