/** Names of users and groups, which `ipcs` prints when it can. */

/** Resolves numbers; undefined where there is no name, and the number is printed. */
export interface Names {
  user(uid: number): string | undefined;
  group(gid: number): string | undefined;
}

/** Numbers only: a page knows no users. */
export const numericNames: Names = {
  user: () => undefined,
  group: () => undefined,
};

/** What the owner columns show. */
export function userText(names: Names, uid: number): string {
  return names.user(uid) ?? String(uid >>> 0);
}

export function groupText(names: Names, gid: number): string {
  return names.group(gid) ?? String(gid >>> 0);
}
