/** Mutants that are right, too, with the reason. */
export const REDUNDANT: Readonly<Record<string, string>> = {};
