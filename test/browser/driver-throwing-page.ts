/** A page entry that fails after it has printed an error. */
export function run(): never {
  console.error("printed before");
  throw new RangeError("thrown on purpose");
}
