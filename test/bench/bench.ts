/**
 * `npm run bench`: hands the arguments to a worker in a process group of its own, and passes an interruption on to the
 * whole group, the Pulumi CLI included, exactly once. Ends with code 0: what is slow is reported, and breaks nothing.
 */

import { fork } from "node:child_process";
import { join } from "node:path";

const worker = fork(join(__dirname, "worker.js"), process.argv.slice(2), { detached: true });
let interrupted = false;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    // npm and the terminal may both send one; a second would make the CLI leave its own processes behind.
    if (interrupted || worker.pid === undefined || worker.exitCode !== null) return;
    interrupted = true;
    process.kill(-worker.pid, "SIGINT");
  });
}
