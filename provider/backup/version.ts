/** What a program of PostgreSQL says that it is. */

import { Running } from "./process";

/** What a program on this machine prints when it is asked for its version. */
export async function versionOf(program: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of new Running([program, "--version"], { reads: true }).output()) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
