/** What `actions/github-script` does with its `script`: it runs it with GitHub's client, the context and a few modules. */

import { context, getOctokit } from "@actions/github";

const AsyncFunction = Object.getPrototypeOf(async () => undefined).constructor as FunctionConstructor;

async function main(): Promise<void> {
  const { INPUT_SCRIPT = "", INPUT_TOKEN = "" } = process.env;
  const given = { require, github: getOctokit(INPUT_TOKEN), context };
  await new AsyncFunction(...Object.keys(given), INPUT_SCRIPT)(...Object.values(given));
}

main().catch((error) => {
  console.log(`Unhandled error: ${error}`);
  process.exitCode = 1;
});
