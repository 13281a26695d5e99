#!/usr/bin/env node
/** The command `pulumi-pgmob`. */

import { importServer } from "./import";
import { parseOptions, USAGE } from "./options";

async function main(args: readonly string[]): Promise<void> {
  const options = parseOptions(args);
  process.stdout.write(options === undefined ? USAGE : await importServer(options, process.stderr));
}

main(process.argv.slice(2)).catch((error: Error) => {
  process.stderr.write(`${process.env.PGMOB_DEBUG ? error.stack : error.message}\n`);
  process.exitCode = 1;
});
