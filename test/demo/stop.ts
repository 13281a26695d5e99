import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { readRecord } from "../support/postgres-data";
import { signalServer } from "../support/postgres-process";
import { interruptedRun } from "./marker";
import { configFile, findServerFolder, home, projectDir } from "./place";
import { changingStack, openSession } from "./session";
import { command, heading } from "./terminal";

async function destroyStack(): Promise<void> {
  try {
    const { server, deployer } = await openSession();
    heading("Destroy");
    const { succeeded } = await changingStack(server, () => deployer.destroy());
    if (succeeded) return;
  } catch (error) {
    console.error((error as Error).message);
  }
  console.log("\nThe stack could not be destroyed object by object; it goes with the server that it was on.");
}

/** `npm stop`: destroys what the program made, then removes the server and everything that `npm start` keeps. */
async function stop(): Promise<number> {
  if (!existsSync(home)) {
    console.log("There is nothing to stop.");
    return 0;
  }
  await interruptedRun();
  const folder = await findServerFolder();
  if (folder !== undefined) {
    if ((await readRecord(folder)) !== undefined) await destroyStack();
    await signalServer(join(folder, "data"), "SIGQUIT");
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
  await rm(configFile, { force: true });
  await rm(home, { recursive: true, force: true, maxRetries: 5 });
  console.log("\nThe server is stopped, and everything that `npm start` made is gone.");
  return 0;
}

process.chdir(projectDir);
command(stop);
