/** Tries texts in an argument: through check and the hooks, on a real server, judged by the server's own catalogues. */

import assert from "node:assert/strict";
import type fc from "fast-check";
import pg from "pg";
import { Cluster } from "../../provider";
import type { CheckFailure, Values } from "../../provider/definition";
import { Host } from "../../provider/host";
import type { Lanes } from "../../provider/lane";
import { UNKNOWN } from "../../provider/unknown";
import type { Json } from "../../provider/values";
import { hooksOver } from "../provider/through-hooks";
import type { TestServer } from "../support/postgres-fixture";
import type { Tally } from "./counts";
import { look } from "./look";
import { parsed, RolledBack } from "./rolled-back";
import { distinct, scaled } from "./texts";

/** Rows that something adds to catalogues, by their names. */
export type Rows = Readonly<Record<string, number>>;

/** An argument of a resource, or a part of one. */
export interface Argument {
  readonly type: string;
  /** Its name, with the way to the part: `config.*`, `memberOf[].role`. */
  readonly name: string;
  /** The texts to try, and how many. */
  readonly texts: fc.Arbitrary<string>;
  readonly count: number;
  /** The inputs with a text in the argument; `unique` is a name that nothing else has. */
  inputs(text: string, unique: string): Values;
  /** The inputs of an object that there is before, which is then updated. Default: it is created with its inputs. */
  before?(text: string, unique: string): Values;
  /** Statements that make what the text names, each with names for `format`'s `%I`. */
  needs?(text: string, unique: string): readonly (readonly [statement: string, ...names: string[]])[];
  /** Whether check is to accept a text. */
  accepts(text: string): boolean;
  /** The SQLSTATE with which the server, and not check, has to refuse a text. Default: it takes all. */
  refusal?(text: string): string | undefined;
  /** Whether nothing is found by an id alone. */
  readonly nameless?: true;
  /** Deletes the object as well, before it is looked at what there is. */
  readonly deletes?: true;
  /**
   * A query for what the server has: rows of `key`, an oid or a unique name, and `value`, as json, for a list of keys,
   * `$1`. Default: nothing of it is there.
   */
  readonly read?: string;
  /** What the keys are. Default: oids. */
  readonly keys?: "names";
  /** What the server has to have, or whether it has that. Default: the text. */
  expected?(text: string, found: Json | undefined): Json;
  /** Whether no statement may hold the text, or no reason either. */
  readonly unsent?: true | "secret";
  /** The rows that one text adds. */
  adds(text: string): Rows;
  /** Whether each text is tried by itself, because all are about one object. */
  readonly alone?: true;
}

const BATCH = 40;
/** Texts that are shorter stand in any statement. */
const SHORT = 6;

interface Made {
  readonly text: string;
  readonly unique: string;
  readonly inputs: Values;
  readonly outs: Values;
  /** Whether the server has refused the text, so that the object is as it was before, if it was there. */
  readonly refused: boolean;
}

/** One database of a server, and the way to it that leaves nothing behind. */
export class Trial {
  private readonly statements: string[] = [];

  private constructor(
    private readonly server: RolledBack,
    private readonly parser: pg.Client,
    private readonly cluster: Cluster,
    private readonly host: Host,
    /** The name of the role that must stay as it is. */
    private readonly canary: string,
  ) {}

  /** Connects to a database that has a canary; `settings` are those of the session. */
  static async open(
    { host, port, superuser: user, password }: TestServer,
    database: string,
    canary: string,
    settings: Record<string, string> = {},
  ): Promise<Trial> {
    const config = { host, port, user, password, database, ssl: false };
    const server = await RolledBack.connect(config, settings);
    const parser = new pg.Client(config);
    await parser.connect();
    const cluster = await Cluster.connect({ adapter: server });
    const trial = new Trial(server, parser, cluster, Host.over(cluster), canary);
    const { lanes } = cluster as unknown as { lanes: Lanes };
    const run = lanes.run.bind(lanes);
    lanes.run = (where, statements, nature) => {
      trial.statements.push(...statements);
      return run(where, statements, nature);
    };
    return trial;
  }

  /** Tries the texts of an argument, other ones for each salt. Fails at the first that became anything but what it is. */
  async try(argument: Argument, salt: string): Promise<Tally> {
    const tally: Tally = { data: 0, refused: 0, byServer: 0 };
    const texts = distinct(argument.texts, scaled(argument.count), `${argument.type}.${argument.name} ${salt}`);
    const size = argument.alone ? 1 : BATCH;
    for (let at = 0; at < texts.length; at += size) {
      const batch = texts
        .slice(at, at + size)
        .map((text, index) => ({ text, unique: `h${at + index}_${this.canary}` }));
      await this.server.undone(() => this.batch(argument, batch, tally));
      await this.parse(argument, argument.unsent ? batch.map(({ text }) => text) : []);
    }
    return tally;
  }

  async close(): Promise<void> {
    await this.parser.end();
    await this.server.close();
  }

  private async batch(
    argument: Argument,
    batch: readonly { readonly text: string; readonly unique: string }[],
    tally: Tally,
  ): Promise<void> {
    const accepted = [];
    for (const one of batch) {
      const inputs = argument.inputs(one.text, one.unique);
      const failures = await this.check(argument, inputs, one.text);
      // What looks like a value that is not known yet is looked at again when it is.
      const fine = argument.accepts(one.text) || one.text === UNKNOWN;
      if (failures.length > 0 === fine)
        assert.fail(
          `${shown(argument, one.text)} is ${failures.length > 0 ? "refused" : "accepted"}: ${told(failures)}`,
        );
      if (failures.length > 0) tally.refused++;
      else accepted.push({ ...one, inputs });
    }
    for (const { text, unique } of accepted)
      for (const [statement, ...names] of argument.needs?.(text, unique) ?? []) await this.make(statement, names);
    const before = await this.look();
    const outcomes = await Promise.all(accepted.map((one) => this.apply(argument, one)));
    const made = outcomes.filter(({ refused }) => !refused);
    tally.byServer += outcomes.length - made.length;
    tally.data += made.length;
    const rows = { ...before.rows };
    for (const { text } of argument.before === undefined ? made : outcomes)
      for (const [name, added] of Object.entries(argument.adds(text))) rows[name] = (rows[name] ?? 0) + added;
    assert.deepEqual(await this.look(), { ...before, rows }, made.map(({ text }) => shown(argument, text)).join("\n"));
    await this.compare(argument, made);
  }

  private async check({ type, unsent }: Argument, inputs: Values, text: string): Promise<CheckFailure[]> {
    const { failures } = await hooksOver(type, this.host).check({}, inputs);
    for (const { property, reason } of failures) {
      assert.ok(reason.length > 3, reason);
      if (unsent === "secret") assert.ok(property === "" && (text.length < SHORT || !reason.includes(text)), reason);
    }
    return failures;
  }

  private async apply(
    argument: Argument,
    { text, unique, inputs }: { text: string; unique: string; inputs: Values },
  ): Promise<Made> {
    const hooks = hooksOver(argument.type, this.host);
    const refusal = text === UNKNOWN && !argument.accepts(text) ? "." : argument.refusal?.(text);
    try {
      let { id, outs } = await hooks.create(argument.before?.(text, unique) ?? inputs);
      if (argument.before !== undefined) ({ outs } = await hooks.update(id, outs, inputs));
      else if (!argument.nameless) assert.equal((await hooks.read(id, {})).props?.oid, outs.oid, `looked up by ${id}`);
      assert.deepEqual(declared(inputs, (await hooks.read(id, outs)).inputs), inputs, "drift");
      // In another run: what one takes over, the same run does not drop.
      if (argument.deletes) await hooksOver(argument.type, Host.over(this.cluster)).delete(id, outs);
      if (refusal === undefined) return { text, unique, inputs, outs, refused: false };
    } catch (error) {
      if (refusal !== undefined && new RegExp(refusal, "s").test(String((error as Error).message)))
        return { text, unique, inputs, outs: {}, refused: true };
      throw new Error(`${shown(argument, text)}: ${(error as Error).message}`, { cause: error });
    }
    return assert.fail(`${shown(argument, text)} is not refused`);
  }

  private async compare(argument: Argument, made: readonly Made[]): Promise<void> {
    for (const { text, inputs, outs } of made) {
      assert.deepEqual(declared(inputs, outs), inputs, shown(argument, text));
    }
    if (argument.read === undefined || made.length === 0) return;
    const keyOf = ({ unique, outs }: Made) => (argument.keys === "names" ? unique : String(outs.oid));
    const { rows } = await this.server.client.query<{ key: string; value: Json }>(argument.read, [made.map(keyOf)]);
    const all = new Map(rows.map(({ key, value }) => [String(key), value]));
    for (const one of made) {
      const found = all.get(keyOf(one));
      const expected = argument.expected === undefined ? one.text : argument.expected(one.text, found);
      assert.deepEqual(found, expected, shown(argument, one.text));
    }
  }

  private async make(statement: string, names: readonly string[]): Promise<void> {
    const { rows } = await this.server.client.query<{ text: string }>(
      `SELECT format($1, VARIADIC $2::text[]) AS text`,
      [statement, names],
    );
    await this.server.client.query(rows[0]!.text);
  }

  private look(): ReturnType<typeof look> {
    return look(this.server.client, this.canary);
  }

  /** Every statement is one to the server's own parser. */
  private async parse(argument: Argument, secrets: readonly string[]): Promise<void> {
    for (const statement of this.statements.splice(0)) {
      const leaked = secrets.find((text) => text.length >= SHORT && !isHash(text) && statement.includes(text));
      if (leaked !== undefined) assert.fail(`${shown(argument, leaked)} stands in ${statement}`);
      const error = await parsed(this.parser, statement);
      // What a name stands for may be gone by now; what is no single statement is told before that.
      if (error !== undefined && /syntax|unterminated|multiple commands/.test(error))
        assert.fail(`${error}: ${statement}`);
    }
  }
}

/** Whether a password is a verifier already, which is sent as it is. */
function isHash(text: string): boolean {
  return /^md5[0-9a-f]{32}$/.test(text);
}

/** What is declared, as it is found. */
function declared(inputs: Values, found: Values | undefined): Record<string, Json | undefined> {
  return Object.fromEntries(Object.keys(inputs).map((name) => [name, found?.[name]]));
}

function shown({ type, name }: Argument, text: string): string {
  const start = JSON.stringify(text.slice(0, 300));
  return `${type}.${name} ${start}${text.length > 300 ? ` and ${text.length - 300} more` : ""}`;
}

function told(failures: readonly CheckFailure[]): string {
  return failures.map(({ property, reason }) => `${property} ${reason}`).join("; ");
}
