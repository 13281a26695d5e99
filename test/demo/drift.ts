import { existsSync } from "node:fs";
import { home, projectDir } from "./place";
import { canRefresh, openSession } from "./session";
import { command, heading } from "./terminal";

/** `npm run drift`: what differs between the server and the program, property by property. */
async function drift(): Promise<number> {
  if (!existsSync(home)) throw new Error("There is nothing to compare yet: run `npm start` first.");
  const session = await openSession();
  if (!(await canRefresh(session))) {
    throw new Error(
      "The last `npm start` did not get to its end, or the server has moved to another port: run it again first.",
    );
  }
  heading("Preview with refresh: what differs from the program");
  const { succeeded, changes } = await session.deployer.preview({ refresh: true });
  if (!succeeded) throw new Error("The preview failed, for the reason above.");
  const found = Object.entries(changes).map(([word, count]) => `${count} to ${word}`);
  console.log(
    found.length === 0
      ? "\nNo drift: the server is as the program says."
      : `\nThe server is not as the program says: ${found.join(", ")}. \`npm start\` puts it right.`,
  );
  return 0;
}

process.chdir(projectDir);
command(drift);
