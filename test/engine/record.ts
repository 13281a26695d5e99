/** Records anew what the real Pulumi CLI prints and stores: `node dist/test/engine/record.js`, `pulumi` on the PATH. */
import { createWorkspace } from "../support/workspace";
import { installFixture, runStep, STEPS, writeRecorded } from "./recording";

async function record(): Promise<void> {
  const workspace = await createWorkspace("cli", { name: "library" });
  try {
    installFixture(workspace);
    for (const step of STEPS) {
      writeRecorded(step, await runStep(workspace, step));
      process.stdout.write(`${step.name}\n`);
    }
  } finally {
    await workspace.close();
  }
}

record().catch((error: unknown) => {
  process.stderr.write(`${error}\n`);
  process.exitCode = 1;
});
