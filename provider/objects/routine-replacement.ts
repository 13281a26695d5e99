/** A routine that is dropped and created anew in one transaction, with what there is around it. */

import type { Cluster } from "../cluster";
import type { Observed, Statement, Values } from "../definition";
import type { PostgresError } from "../errors";
import type { Facts } from "../facts";
import { replaceInSchema } from "./in-schema";
import { grants, privilegesOf, revokeAll } from "./privileges";
import { definitionRemedy, mayBeMadeAnew, REPLACE, refuseLosses } from "./replacement";
import { creation, type Rest } from "./routine-statements";
import { routineTarget } from "./routine-target";

/** What a new one has from the old one, where nothing else is declared. What its text does not say of the rest is not kept. */
const KEPT = ["schema", "name", "arguments", "owner", "comment"];

/** The statements that make a routine anew where CREATE OR REPLACE was refused, if that is allowed. */
export async function instead(
  cluster: Cluster,
  observed: Observed,
  desired: Values,
  facts: Facts,
  refusal: PostgresError,
): Promise<Statement[] | undefined> {
  if (!mayBeMadeAnew(desired, refusal, cannotReplace)) return undefined;
  await refuseLosses(cluster, LOSSES, observed.oid);
  const { owner } = finalValues(observed, desired);
  const held = await privilegesOf(cluster, "pg_proc", observed.oid);
  return anew(observed, desired, facts, (on, oid) => {
    const routine = { catalogue: "pg_proc", oid, on, owner: String(owner) } as const;
    return [revokeAll(routine), ...grants(held, routine, String(observed.values.owner))];
  });
}

/** The statements that make a routine anew; `rest` is what is done with the new one at last. */
export function anew(observed: Observed, desired: Values, facts: Facts, rest: Rest = () => []): Statement[] {
  const wanted = finalValues(observed, desired);
  return replaceInSchema(routineTarget, observed, wanted, facts, creation(wanted, facts, rest));
}

function finalValues({ values }: Observed, desired: Values): Values {
  return { ...Object.fromEntries(KEPT.map((name) => [name, values[name] ?? null])), ...desired };
}

/** Whether the server says that a new one would have to be made: its hint is the statement that drops the old one. */
function cannotReplace({ code, hint }: { readonly code?: string; readonly hint?: string }): boolean {
  return code === "42809" || (code === "42P13" && /\bDROP (?:FUNCTION|PROCEDURE|ROUTINE|AGGREGATE)\b/.test(hint ?? ""));
}

/** What neither a definition nor the attributes say of a routine. */
const LOSSES = `
  SELECT 'security label by ' || l.provider AS text FROM pg_catalog.pg_seclabel l
   WHERE l.objoid = $1 AND l.classoid = 'pg_catalog.pg_proc'::regclass
   UNION ALL SELECT 'dependence on ' || pg_catalog.pg_describe_object(d.refclassid, d.refobjid, 0) FROM pg_catalog.pg_depend d
   WHERE d.objid = $1 AND d.classid = 'pg_catalog.pg_proc'::regclass AND d.deptype = 'x'`;

/** What to do about an error of the server that is about a definition. */
export function routineRemedy(error: { readonly code?: string; readonly hint?: string }): string | undefined {
  if (cannotReplace(error)) return `CREATE OR REPLACE cannot change that. ${REPLACE}`;
  return definitionRemedy(error.code, "statement");
}
