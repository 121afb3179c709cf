/** Every row of the contract, in the order of the manual's sections. */
import type { Row } from "./row.ts";
import { semop } from "./tables/semop.ts";
import { shmat } from "./tables/shmat.ts";
import { shmdt } from "./tables/shmdt.ts";
import { shmget } from "./tables/shmget.ts";

export const TABLES: readonly Row[] = [...shmget, ...shmat, ...shmdt, ...semop];
