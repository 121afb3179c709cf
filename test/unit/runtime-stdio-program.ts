/** A child whose streams the test has chosen. */
import { EBADF } from "../../assembly/abi/errno.ts";
import { type Syscalls, SystemError } from "../../runtime/index.ts";

const text = (value: string) => new TextEncoder().encode(value);

function copy(sys: Syscalls): number {
  const buffer = new Uint8Array(100);
  for (;;) {
    const size = sys.read(0, buffer);
    if (size === 0) return 0;
    sys.write(1, buffer, size);
  }
}

function closed(sys: Syscalls, fd: number): number {
  try {
    sys.fstat(fd);
  } catch (error) {
    if (error instanceof SystemError) return error.errno === EBADF ? 0 : 2;
    throw error;
  }
  return 1;
}

export function main(sys: Syscalls, [, action, ...args]: string[]): number {
  switch (action) {
    case "copy":
      return copy(sys);
    case "print":
      console.log("one", 1);
      console.error("two");
      process.stdout.write("three\n");
      return 0;
    case "throw":
      throw new Error("as planned");
    case "write":
      for (const fd of args) sys.write(Number(fd), text(`${fd};`));
      return 0;
    case "closed":
      return closed(sys, Number(args[0]));
    default:
      return 99;
  }
}
