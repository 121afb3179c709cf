/** sys/wait.h: options of waitpid(2) and the layout of its status word. */
export const WNOHANG = 1;
export const WUNTRACED = 2;
export const WCONTINUED = 8;

/** Status word: exit code in bits 8 to 15 when bits 0 to 6 are 0, else the signal in bits 0 to 6. */
export const W_EXIT_SHIFT = 8;
export const W_SIGNAL_MASK = 0x7f;
