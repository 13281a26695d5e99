/** The password file (`~/.pgpass`), as libpq reads it: the first line that fits a login. */

import { readFile, stat } from "node:fs/promises";
import { DEFAULT_SOCKET_FOLDERS } from "./user-files";

/** What a line of the password file is compared with. */
export interface PasswordFor {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

/** What a password file has for a login, or why it is not used. */
export interface PasswordFound {
  readonly password?: string;
  /** Why the file is ignored, for people; undefined when it is not. */
  readonly ignored?: string;
}

/** Looks a login up. A file that is not there has nothing; one that others may read is ignored. */
export async function passwordFromFile(file: string, login: PasswordFor): Promise<PasswordFound> {
  const status = await stat(file).catch(() => undefined);
  if (status === undefined) return {};
  const open = process.platform !== "win32" && (status.mode & 0o077) !== 0;
  if (!status.isFile()) return { ignored: `the password file ${file} is ignored, because it is no plain file` };
  if (open) return { ignored: `the password file ${file} is ignored, because others may read it (chmod 600)` };
  const text = await readFile(file, "utf8").catch(() => undefined);
  return text === undefined ? {} : { password: passwordIn(text, login) };
}

/** The password of the first line that fits. */
export function passwordIn(text: string, { host, port, database, user }: PasswordFor): string | undefined {
  const wanted = [DEFAULT_SOCKET_FOLDERS.includes(host) ? "localhost" : host, String(port), database, user];
  for (const line of text.split("\n")) {
    if (line.startsWith("#")) continue;
    const fields = fieldsOf(line.replace(/\r+$/, ""));
    const fits = wanted.every((value, index) => fields[index]?.raw === "*" || fields[index]?.text === value);
    if (fields.length > 4 && fits) return fields[4]?.text;
  }
  return undefined;
}

/** The fields of a line, between colons that no backslash stands before. A backslash takes the next character as it is. */
function fieldsOf(line: string): { raw: string; text: string }[] {
  const fields = [{ raw: "", text: "" }];
  for (const [found, escaped = found] of line.matchAll(/\\(.)|./gsu)) {
    if (found === ":") fields.push({ raw: "", text: "" });
    else {
      const last = fields.at(-1)!;
      last.raw += found;
      last.text += escaped;
    }
  }
  return fields;
}
