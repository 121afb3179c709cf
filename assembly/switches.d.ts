/** What `asc --use` defines, for editors and for tsc; asc itself does not read this file. */
declare const IPC_DEBUG: i32;
