import { existsSync, readFileSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { parse, parseDocument } from "yaml";
import { PassphraseSecrets } from "./secrets";
import { Secret } from "./values";

/** What Pulumi.yaml says about the program. */
export interface Project {
  name: string;
  /** The folder of Pulumi.yaml. */
  root: string;
  /** The folder the program and the provider hosts run in. */
  directory: string;
  /** The program relative to `directory`; `.` means what its package.json says. */
  entry: string;
  /** Arguments for the `node` that runs the program. */
  nodeArguments: string[];
  /** The runtime's options as Pulumi.yaml has them. */
  options: Record<string, unknown>;
}

/** Reads Pulumi.yaml. Throws when it is missing or names a runtime other than `nodejs`. */
export function readProject(root: string): Project {
  const file = path.join(root, "Pulumi.yaml");
  if (!existsSync(file)) throw new Error(`no Pulumi.yaml project file found in ${root}`);
  const yaml = parse(readFileSync(file, "utf8")) as {
    name?: string;
    main?: string;
    runtime?: string | { name?: string; options?: Record<string, unknown> };
  };
  const runtime = typeof yaml.runtime === "string" ? { name: yaml.runtime } : yaml.runtime;
  if (runtime?.name !== "nodejs") throw new Error(`${file}: this engine runs programs with runtime nodejs only`);
  if (!yaml.name) throw new Error(`${file}: the project has no name`);
  const main = path.join(root, yaml.main ?? "");
  const isFile = path.extname(main) !== "" && existsSync(main) && !existsSync(path.join(main, "package.json"));
  const options = ("options" in runtime ? runtime.options : undefined) ?? {};
  return {
    name: yaml.name,
    root,
    directory: isFile ? path.dirname(main) : main,
    entry: isFile ? path.basename(main) : ".",
    nodeArguments: splitArguments(String(options.nodeargs ?? "")),
    options,
  };
}

/** Splits as a shell would: on spaces, except within quotes. */
function splitArguments(text: string): string[] {
  return [...text.matchAll(/(?:[^\s"']+|"[^"]*"|'[^']*')+/g)].map(([word]) => word.replace(/["']/g, ""));
}

/** One value of the stack's configuration: a text, or a secret one. */
export type ConfigValue = string | Secret;

/** The configuration of one stack, `Pulumi.STACK.yaml` beside Pulumi.yaml, in the form the Pulumi CLI uses. */
export class StackConfig {
  private constructor(
    private readonly file: string,
    private readonly project: string,
    /** What encrypts this stack's secrets. */
    readonly secrets: PassphraseSecrets,
  ) {}

  /**
   * Opens the file; where it has no salt the one of the state is taken, or a new one is made and written down.
   * Rejects when the passphrase is wrong.
   */
  static async open(project: Project, stack: string, passphrase: string, stateSalt?: string): Promise<StackConfig> {
    const file = path.join(project.root, `Pulumi.${stack}.yaml`);
    const document = readDocument(file);
    const salt = (document.get("encryptionsalt") as string | undefined) ?? stateSalt;
    const secrets = salt ? await PassphraseSecrets.open(passphrase, salt) : await PassphraseSecrets.create(passphrase);
    if (!document.has("encryptionsalt")) {
      document.set("encryptionsalt", secrets.salt);
      await replaceFile(file, document.toString());
    }
    return new StackConfig(file, project.name, secrets);
  }

  /** All values by their full key, `namespace:name`. Objects and lists are given as JSON. */
  read(): Map<string, ConfigValue> {
    const config = (readDocument(this.file).toJS() as { config?: Record<string, unknown> } | null)?.config ?? {};
    return new Map(Object.entries(config).map(([key, raw]) => [this.fullKey(key), this.decode(raw)]));
  }

  /** Sets one value; a key without a namespace belongs to the project. */
  async set(key: string, value: string, options: { secret?: boolean } = {}): Promise<void> {
    const document = readDocument(this.file);
    const written = options.secret ? { secure: this.secrets.encrypt(value) } : value;
    document.setIn(["config", this.fullKey(key)], document.createNode(written));
    await replaceFile(this.file, document.toString());
  }

  private fullKey(key: string): string {
    return key.includes(":") ? key : `${this.project}:${key}`;
  }

  private decode(raw: unknown): ConfigValue {
    let secret = false;
    const plain = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(plain);
      if (typeof value !== "object" || value === null) return value;
      const { secure, ...rest } = value as { secure?: unknown };
      if (typeof secure === "string" && Object.keys(rest).length === 0) {
        secret = true;
        return this.secrets.decrypt(secure);
      }
      return Object.fromEntries(Object.entries(value).map(([key, v]) => [key, plain(v)]));
    };
    const value = plain(raw);
    const text = typeof value === "object" && value !== null ? JSON.stringify(value) : String(value ?? "");
    return secret ? new Secret(text) : text;
  }
}

function readDocument(file: string) {
  return parseDocument(existsSync(file) ? readFileSync(file, "utf8") : "{}");
}

/** Replaces a file as a whole, so that nobody ever reads half of it. */
export async function replaceFile(file: string, text: string): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  await writeFile(temporary, text, { mode: 0o600 });
  await rename(temporary, file);
}
