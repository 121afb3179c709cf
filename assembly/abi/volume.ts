/** Volumes: what the kernel and the threads that serve a disk say to each other. No C header has them. */

/** Volumes of a machine; st_dev of the first one. */
export const VOLUME_MAX = 16;
export const DEV_VOLUME = 16;

/** A volume's flags: mounted; nothing may be changed; the supervisor carries what is asked for. */
export const VOLUME_LIVE = 1;
export const VOLUME_READONLY = 2;
export const VOLUME_SERVED = 4;

/** What a sleeping call asks for: contents; a file, to stay; a file, which is closed; a volume; all of them. */
export const VOLUME_LOAD = 1;
export const VOLUME_SYNC = 2;
export const VOLUME_CLOSE = 3;
export const VOLUME_SYNCFS = 4;
export const VOLUME_SYNC_ALL = 5;

/** A request as volume_next() leaves it: who asks, and the inode. */
export const REQUEST_TASK = 0;
export const REQUEST_TICKET = 4;
export const REQUEST_OP = 8;
export const REQUEST_NUMBER = 12;
export const REQUEST_SERIAL = 16;
export const REQUEST_DEV = 20;

/** What volume_look() returns: changed contents, changed attributes, contents not loaded, has a name. */
export const LOOK_DIRTY = 1;
export const LOOK_META = 2;
export const LOOK_ABSENT = 4;
export const LOOK_NAMED = 8;

/** An entry as volume_entries() leaves it, after a word that says where to go on. */
export const ENTRY_NUMBER = 0;
export const ENTRY_SERIAL = 4;
export const ENTRY_MODE = 8;
export const ENTRY_LENGTH = 12;
export const ENTRY_NAME = 16;
