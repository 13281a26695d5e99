const random = () => Math.random().toString(36).slice(2, 5).padEnd(3, "0");

/** In every name that this process makes, and in no other's: what is left behind with it in its name is our leak. */
export const token = `t${process.pid.toString(36)}${random()}`;

let count = 0;

/** A name for an object on a shared server: short, lower case, `[a-z0-9_]`, never given twice. */
export function uniqueName(prefix: string): string {
  count += 1;
  return `${prefix}_${token}_${count.toString(36)}`;
}
