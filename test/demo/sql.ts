import { runningServer } from "../support/postgres";
import { withAdmin } from "./inventory";
import { findServerFolder } from "./place";
import { command, table } from "./terminal";

/** `node dist/test/demo/sql.js 'SQL' [database]`: runs SQL as the superuser, for a machine without psql. */
async function sql([text, database]: string[]): Promise<number> {
  const folder = await findServerFolder();
  const server = folder === undefined ? undefined : await runningServer(folder);
  if (server === undefined) throw new Error("The server does not run: `npm start` starts it.");
  if (text === undefined) throw new Error("Usage: node dist/test/demo/sql.js 'SQL' [database]");
  const query = { text, rowMode: "array" as const };
  const { command: done, fields, rows } = await withAdmin(server, (client) => client.query<unknown[]>(query), database);
  const cells = rows.map((row) => row.map(String));
  console.log(
    fields.length === 0
      ? done
      : table(
          fields.map(({ name }) => name),
          cells,
        ),
  );
  return 0;
}

command(() => sql(process.argv.slice(2)));
