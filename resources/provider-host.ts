/**
 * Where the provider host finds this package. It is a process of its own, which looks from the folder that the program is
 * started in: what a program gets by way of another package, as a component library, the host may not see.
 */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";

/** A program may go elsewhere later. */
const STARTED_IN = process.cwd();
/** The root of this copy, as it is published. */
const OWN = join(__dirname, "..", "..");

let seen = false;

/** Refuses to go on where the host will not find this package, and warns where it will find another version of it. */
export function expectHost(): void {
  if (seen || !hasEngine()) return;
  const path = resolved("pulumi-pgmob/provider");
  if (path === undefined) {
    throw new pulumi.RunError(
      `the provider host, which is a process of its own, finds no pulumi-pgmob from ${STARTED_IN}, where the program runs. ` +
        "Add pulumi-pgmob to the dependencies there, also where another package brings it along",
    );
  }
  seen = true;
  if (path !== join(OWN, "dist", "provider", "bundle.js")) warnOfOtherVersion();
}

function warnOfOtherVersion(): void {
  const manifest = resolved("pulumi-pgmob/package.json");
  const own = versionIn(join(OWN, "package.json"));
  const other = manifest === undefined ? undefined : versionIn(manifest);
  if (own === undefined || other === undefined || own === other) return;
  void pulumi.log.warn(
    `the program has pulumi-pgmob ${own}, and the provider host ${other} (${manifest}), which may not know the same ` +
      "attributes. Let the dependencies agree on one version",
  );
}

/** Whether there is an engine, which has a host; the mocks of a unit test have none. */
function hasEngine(): boolean {
  return "getChannel" in (pulumi.runtime.getMonitor() ?? {});
}

function resolved(name: string): string | undefined {
  for (const folder of new Set([STARTED_IN, process.cwd()])) {
    try {
      return createRequire(join(folder, "index.js")).resolve(name);
    } catch {
      // not from there
    }
  }
  return undefined;
}

/** The version of this package by its manifest. None where it is part of a bundle: what lies there then is another's. */
function versionIn(manifest: string): string | undefined {
  try {
    const { name, version } = JSON.parse(readFileSync(manifest, "utf8")) as { name?: string; version?: string };
    return name === "pulumi-pgmob" ? version : undefined;
  } catch {
    return undefined;
  }
}
