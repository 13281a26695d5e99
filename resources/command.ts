import * as pulumi from "@pulumi/pulumi";
import type { CommandComputed, CommandProperties } from "../provider/command/definition";
import { completeClass, type ResourceDefinition, registration } from "./base";
import type { Database } from "./database";
import { inDatabase } from "./in-database";
import type { InputsOf, OutputsOf } from "./inputs";
import { withoutBigints } from "./int64";
import { hasSecret } from "./secrecy";
import { fullTraces } from "./traces";

/** What can be declared of a {@link Command}. */
export interface CommandArgs extends InputsOf<Omit<CommandProperties, "database" | "triggers">> {
  /**
   * The database that SQL runs in: a name, or a {@link Database}, whose drop then needs no `delete` before it. Default: the
   * connection's. Follows a rename; a command moves to another database only together with a change of `triggers`.
   */
  database?: pulumi.Input<string> | Database;
  /**
   * Any values. When one has changed, the resource is replaced: first `delete` is run as it was applied last, then `create`
   * (`deleteBeforeReplace`). Default none.
   */
  triggers?: pulumi.Input<pulumi.Input<unknown>[] | null>;
}

/** The outputs of a {@link Command}: what is declared, and what the step that was run last has given back. */
export interface Command extends OutputsOf<CommandProperties & CommandComputed> {}

const definition: ResourceDefinition<CommandProperties, CommandComputed> = {
  type: "Command",
  attributes: { database: undefined, create: undefined, update: undefined, delete: undefined, triggers: undefined },
  computed: { rows: undefined, rowCount: undefined, stdout: undefined, stderr: undefined, exitCode: undefined },
};

/**
 * SQL, or a shell command on the server's host, when the resource is created, changed and deleted: for what has no resource
 * of its own. Nothing is ever run in a preview, or by a refresh.
 *
 * @example
 * const search = new pgmob.Command("search", {
 *   database: shop,
 *   create: {
 *     sql: "CREATE EXTENSION pg_trgm SCHEMA $1; GRANT USAGE ON SCHEMA $1 TO $2",
 *     parameters: [{ identifier: sales.name }, { identifier: owner.name }],
 *   },
 *   delete: { sql: "DROP EXTENSION pg_trgm" },
 *   triggers: ["once more, when this changes"],
 * });
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the outputs are set by the SDK from `properties`
export class Command extends pulumi.CustomResource {
  /** Declares a command. Messages call it by the resource's name. */
  constructor(name: string, args: CommandArgs, options?: pulumi.CustomResourceOptions) {
    const [declared, given] = inDatabase(args, options);
    super(...registration(definition, name, prepared(declared, given), given));
    fullTraces();
  }
}

completeClass(Command, definition);

/** Arguments as they travel: without bigints, and with a word about secrets, which no hook sees as such. */
function prepared(args: CommandArgs | undefined, options: pulumi.CustomResourceOptions | undefined): object {
  const { create, update, delete: last, triggers, ...rest } = args ?? {};
  const parts = withoutBigints({ create, update, delete: last, triggers }) as object;
  const outputs = options?.additionalSecretOutputs ?? [];
  const secret = outputs.some((output) => output in definition.computed) || hasSecret([create, update, last]);
  return { ...rest, ...parts, secret: secret || undefined };
}
