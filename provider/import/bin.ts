#!/usr/bin/env node
/** The command `pulumi-pgmob`. */

import { importServer } from "./import";
import { parseOptions, USAGE } from "./options";

async function main(args: readonly string[]): Promise<void> {
  if (args.length === 0 || args.includes("--help")) {
    process.stdout.write(USAGE);
    return;
  }
  process.stdout.write(await importServer(parseOptions(args), (text) => process.stderr.write(`${text}\n`)));
}

main(process.argv.slice(2)).catch((error: Error) => {
  process.stderr.write(`${process.env.PGMOB_DEBUG ? error.stack : error.message}\n`);
  process.exitCode = 1;
});
