import { spawnSync } from "node:child_process";
import { join, relative } from "node:path";
import type { Server } from "../support/postgres";
import { missingConfig } from "./config";
import type { Deployer } from "./deployer";
import { pulumiVariables } from "./environment";
import { hbaFile, inventory } from "./inventory";
import { projectDir, stackName } from "./place";
import { serverView } from "./server-view";
import { canRefresh, changingStack, openSession } from "./session";
import { command, heading } from "./terminal";

function nextSteps(server: Server, deployer: Deployer): string {
  const sql = "ALTER ROLE shop_app NOLOGIN";
  const script = relative(process.cwd(), join(__dirname, "sql.js"));
  const psql = spawnSync("psql", ["--version"]).status === 0;
  const byHand = psql ? `psql '${server.url()}' -c '${sql}'` : `node ${JSON.stringify(script)} '${sql}'`;
  const steps = [
    `Connect:       ${server.url("shop")}`,
    "Edit:          examples/quickstart/index.ts, then run `npm start` again: it does just what you edited",
    `Drift by hand: ${byHand}`,
    "               then `npm run drift` shows it, and `npm start` puts it right",
    "Stop:          npm stop (destroys everything, stops the server)",
  ];
  if (deployer.usesCli) {
    const variables = Object.entries(pulumiVariables).map(([name, value]) => `${name}='${value}'`);
    steps.push(
      "Pulumi itself: in this folder, with this environment",
      `               export ${variables.join(" ")}`,
      `               pulumi up --stack ${stackName}`,
    );
  }
  return steps.join("\n");
}

/** `npm start`: a real server, then preview, then up, then what the server says. */
async function start(): Promise<number> {
  const session = await openSession();
  const { server, deployer, fresh } = session;
  await deployer.setConfig(await missingConfig(server, fresh));
  const refresh = await canRefresh(session);

  heading("Preview: what the program would change");
  const preview = await deployer.preview({ refresh });
  if (!preview.succeeded) return failed("preview");

  heading("Up: the change itself");
  const up = await changingStack(server, () => deployer.up({ refresh }));

  heading("What the server says");
  console.log(serverView(await inventory(server), await hbaFile(server)));
  if (!up.succeeded) return failed("up");

  heading("What next");
  console.log(nextSteps(server, deployer));
  return 0;
}

function failed(what: string): number {
  console.error(
    `\nThe ${what} failed, for the reason above. Run \`npm start\` again when that is gone; nothing else is needed.`,
  );
  return 1;
}

process.chdir(projectDir);
command(start);
