import { pathToFileURL } from "node:url";
import { backendDir, passphrase } from "./place";

/** What the Pulumi CLI must be told to find the quickstart's stack. */
export const pulumiVariables = {
  PULUMI_BACKEND_URL: pathToFileURL(backendDir).href,
  PULUMI_CONFIG_PASSPHRASE: passphrase,
};

/** Takes the PG* variables out of the environment: the connection is in the stack's configuration, and nowhere else. */
export function withoutPgVariables(): Record<string, undefined> {
  const names = Object.keys(process.env).filter((name) => name.startsWith("PG"));
  return Object.fromEntries(names.map((name) => [name, undefined]));
}
