/** Connection service files, as libpq reads them: sections of parameters, `[name]` above each. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Environment, type LibpqValues, take } from "./connection-parameters";
import { InvalidValueError } from "./errors";
import { quoted } from "./sql";
import { SYSTEM_FOLDERS } from "./user-files";

/**
 * The parameters of a service: from `PGSERVICEFILE`, or else the user's file, and then the system's.
 *
 * @throws InvalidValueError that names the service or the line, never a value
 */
export function readService(service: string, environment: Environment, userFile: string): LibpqValues {
  const named = environment.PGSERVICEFILE;
  if (named && !existsSync(named)) throw new InvalidValueError(`service file ${named} (PGSERVICEFILE) is not there`);
  const folders = environment.PGSYSCONFDIR ? [environment.PGSYSCONFDIR] : SYSTEM_FOLDERS;
  const files = [named || userFile, ...folders.map((folder) => join(folder, "pg_service.conf"))];
  for (const file of files.filter(existsSync)) {
    const values = serviceIn(readFileSync(file, "utf8"), service, file);
    if (values !== undefined) return values;
  }
  throw new InvalidValueError(`service ${quoted(service)} is defined in none of ${files.join(", ")}`);
}

/** Reads one section of a file; undefined when there is none of this name. The first value of a parameter counts. */
export function serviceIn(text: string, service: string, file: string): LibpqValues | undefined {
  let values: LibpqValues | undefined;
  for (const [index, whole] of text.split("\n").entries()) {
    const line = whole.trim();
    const where = `service file ${file}, line ${index + 1},`;
    if (line === "" || line.startsWith("#")) continue;
    if (line.startsWith("[")) {
      if (values !== undefined) break;
      if (line.startsWith(`[${service}]`)) values = {};
    } else if (values !== undefined) {
      const [, name, value = ""] = /^([^=]*)=(.*)$/s.exec(line) ?? [];
      if (name === undefined) throw new InvalidValueError(`${where} is not "parameter=value"`);
      if (name === "service") throw new InvalidValueError(`${where} names another service, which is not possible`);
      if (!(name in values)) take(values, name, value, where);
    }
  }
  return values;
}
