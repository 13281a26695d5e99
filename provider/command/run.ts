/** Runs a step of a command, and says what came of it. */

import type { Session } from "../adapter";
import type { Cluster } from "../cluster";
import type { ServerError, Values } from "../definition";
import { ConnectionError, PostgresError } from "../errors";
import { type Deadline, limitNext, remedyForEnded } from "../limits";
import { type Purpose, run } from "../runner";
import { runOsCommand, ShellCommandError, shellWord } from "../shell";
import { comment, fromUser } from "../sql";
import { writing } from "../transaction";
import type { Json } from "../values";
import { bindParameters } from "./parameters";
import { type SqlStatement, statementsOf } from "./statements";
import type { CommandStep, ShellStep, SqlStep } from "./step";

/** What a step is run for. */
export interface StepPurpose {
  /** The command, such as `command "seed"`. */
  readonly object: string;
  /** `create`, `update`, `delete`. */
  readonly intent: string;
  /** When it must have ended. Default: the session's own timeouts alone. */
  readonly deadline?: Deadline | undefined;
  /** Whether something of it is secret, so that nothing that it is about is shown. */
  readonly secret: boolean;
}

/** Runs a step: SQL in the cluster's database, a shell command on the server's host. Returns its outputs. */
export function runStep(cluster: Cluster, step: CommandStep, purpose: StepPurpose): Promise<Values> {
  return step.sql === undefined ? runShell(cluster, step, purpose) : runSql(cluster, step, purpose);
}

const NOT_REPEATED =
  "What was being run may have come to its end or not. It is not run again by itself: look at the server first";

async function runSql(cluster: Cluster, step: SqlStep, purpose: StepPurpose): Promise<Values> {
  const { adapter, currentDatabase } = cluster;
  const statements = statementsOf(step.sql);
  const once = step.transaction === false;
  let current: number | undefined;
  let outputs: Values = {};
  const all = async (session: Session, deadline: Deadline | undefined) => {
    // Whatever it sets for its session must be nobody else's.
    session.discard?.();
    for (const [index, statement] of statements.entries()) {
      current = index;
      const { text, values } = bindParameters(statement, step.parameters);
      await limitNext(session, deadline);
      const { rows, rowCount } = await session.query(text, values, "json");
      outputs = { rows: rows as Json[], rowCount };
    }
    current = undefined;
  };
  const perform = (_: Cluster, deadline: Deadline | undefined) =>
    once
      ? adapter.use(currentDatabase, (session) => all(session, deadline))
      : writing(adapter, currentDatabase, (session) => all(session, deadline));
  try {
    await run(cluster, [{ sql: fromUser(step.sql), alone: true, repeatable: !once, perform }], withRemedy(purpose));
    return outputs;
  } catch (error) {
    const at = current === undefined ? "" : which(statements, current, purpose);
    throw sqlFailure(error as PostgresError, purpose, once, at);
  }
}

function withRemedy({ object, intent, deadline }: StepPurpose): Purpose {
  const remedy = (error: ServerError) => {
    const { code } = error;
    if (code === "25001" || code === "2D000") return "Set transaction: false, which runs each statement by itself";
    return remedyForEnded(error, deadline);
  };
  return { object, intent, deadline, remedy };
}

/** Which of several statements: `statement 2 of 3 (INSERT INTO t …): `. */
function which(statements: readonly SqlStatement[], index: number, { secret }: StepPurpose): string {
  if (statements.length === 1) return "";
  const text = (statements[index]?.text ?? "").replace(/\s+/g, " ");
  const begin = text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
  return `statement ${index + 1} of ${statements.length}${secret ? "" : ` (${begin})`}: `;
}

/** How much of a statement is shown. */
const SHOWN = 60;

function sqlFailure(
  error: PostgresError,
  { object, secret }: StepPurpose,
  once: boolean,
  which: string,
): PostgresError {
  if (error.object !== object) return error; // of connecting, before anything was run
  if (error instanceof ConnectionError) {
    const said = error.with({}, `${which}${error.reason}`);
    return once || /at COMMIT/.test(error.reason) ? said.with({ remedy: NOT_REPEATED }) : said;
  }
  if (!secret || error.sqlstate === undefined) return error.with({}, `${which}${error.reason}`);
  const withheld = error.with(
    { detail: undefined, hint: undefined },
    `${which}it failed with SQLSTATE ${error.sqlstate}`,
  );
  return withheld.adding(`What the server says ${WITHHELD}`);
}

/** It may quote what is secret. */
const WITHHELD = "is not shown, because something of this command is secret";

async function runShell(cluster: Cluster, step: ShellStep, purpose: StepPurpose): Promise<Values> {
  const { object, intent, deadline } = purpose;
  const { shell, environment = {}, stdin = "" } = step;
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${shellWord(value)}; export ${name}`);
  const command = [...variables, shell].join("\n");
  let outputs: Values = {};
  const perform = async () => {
    const { stdout, stderr, exitCode } = await runOsCommand(cluster, command, { stdin, deadline });
    outputs = { stdout, stderr, exitCode };
  };
  const statement = {
    sql: comment("a command on the server's host"),
    alone: true,
    repeatable: false,
    perform,
  } as const;
  try {
    await run(cluster, [statement], { object, intent, deadline });
    return outputs;
  } catch (error) {
    throw shellFailure(error as PostgresError, purpose);
  }
}

function shellFailure(error: PostgresError, { object, intent, secret }: StepPurpose): PostgresError {
  const isOpen = error instanceof ConnectionError ? error.object === object : error.sqlstate === "38000";
  if (isOpen) return error.with({ remedy: NOT_REPEATED });
  if (!secret || !(error instanceof ShellCommandError)) return error;
  return new PostgresError(error.reason, { object, intent, remedy: `What it printed ${WITHHELD}` });
}
