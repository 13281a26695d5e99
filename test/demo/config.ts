import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import type { Server } from "../support/postgres";
import type { ConfigValue } from "./deployer";
import { configFile, projectName } from "./place";

async function storedConfig(): Promise<Record<string, unknown>> {
  const text = await readFile(configFile, "utf8").catch(() => "");
  return (parse(text) as { config?: Record<string, unknown> } | null)?.config ?? {};
}

/**
 * The values of the stack's configuration that are missing or of date: the connection to the server, and a password for
 * the role that the program declares. `fresh`: the server is new, and what is stored is of one that is gone.
 */
export async function missingConfig(server: Server, fresh: boolean): Promise<ConfigValue[]> {
  const stored = fresh ? {} : await storedConfig();
  const wanted: ConfigValue[] = [
    { key: "pgmob:host", value: "127.0.0.1", secret: false },
    { key: "pgmob:port", value: String(server.port), secret: false },
    { key: "pgmob:user", value: server.superuser, secret: false },
    { key: "pgmob:password", value: server.password, secret: true },
    { key: `${projectName}:appPassword`, value: randomBytes(9).toString("base64url"), secret: true },
  ];
  return wanted.filter(({ key, value, secret }) => (secret ? !(key in stored) : String(stored[key]) !== value));
}
