import type { Item } from "./inventory";

/** A value of the stack's configuration, its key with a namespace. */
export interface ConfigValue {
  readonly key: string;
  readonly value: string;
  readonly secret: boolean;
}

/** How an operation on the stack ended. */
export interface Outcome {
  readonly succeeded: boolean;
  /** How many resources it creates, updates, replaces, deletes, by Pulumi's words; those that stay are not counted. */
  readonly changes: Record<string, number>;
}

/** What the stack's state tells. */
export interface StackState {
  /** The objects of the package in it. */
  readonly objects: Pick<Item, "type" | "name" | "database">[];
  /** The server's port at the last `up`; undefined before the first. */
  readonly port?: string;
}

/** What runs the program: the Pulumi CLI or the test engine. Operations print as they go. */
export interface Deployer {
  /** A line for the user on what it is. */
  readonly introduction: string;
  readonly usesCli: boolean;
  /** Makes the stack when there is none; a stack that the other one made is taken over. */
  open(): Promise<void>;
  setConfig(values: ConfigValue[]): Promise<void>;
  /** Shows each property that would change, drift on the server included if `refresh`. */
  preview(options: { refresh: boolean }): Promise<Outcome>;
  up(options: { refresh: boolean }): Promise<Outcome>;
  destroy(): Promise<Outcome>;
  /** Makes the stack usable after its engine was killed. */
  unlock(): Promise<void>;
  state(): Promise<StackState>;
}

/** The part of a deployment, in Pulumi's export format, that is read here. */
export interface ExportedDeployment {
  version: number;
  deployment: {
    pending_operations?: unknown[];
    resources?: { type: string; inputs?: Record<string, unknown>; outputs?: Record<string, unknown> }[];
  };
}

/** What a deployment tells. */
export function stateOf({ deployment }: ExportedDeployment): StackState {
  const resources = deployment.resources ?? [];
  const objects = resources.flatMap(({ type, outputs }) => {
    const [, kind] = /^pulumi-nodejs:dynamic\/pgmob:(\w+)$/.exec(type) ?? [];
    if (kind === undefined || typeof outputs?.name !== "string") return [];
    const schema = kind === "Sequence" ? `${String(outputs.schema)}.` : "";
    const database = typeof outputs.database === "string" ? outputs.database : undefined;
    return [{ type: kind as Item["type"], name: `${schema}${outputs.name}`, database }];
  });
  const provider = resources.find(({ type }) => type === "pulumi:providers:pulumi-nodejs");
  const port = provider?.inputs?.["pgmob:port"];
  return { objects, port: port === undefined ? undefined : String(port) };
}
