import * as pulumi from "@pulumi/pulumi";
import * as pgmob from "pulumi-pgmob";

// The server to connect to is in the stack's config: pgmob:host, pgmob:port, pgmob:user and pgmob:password.
const config = new pulumi.Config();

const app = new pgmob.Role("app", { name: "catalog_app" });
const catalog = new pgmob.Database("catalog", { name: "catalog", dropNonEmpty: true });
const search = new pgmob.Schema("search", { database: catalog, name: "search", dropCascade: true });

// What has no resource of its own. All of it is one transaction; names need no quoting, nor do values.
const index = new pgmob.Command("index", {
  database: catalog,
  create: {
    sql: `
      CREATE TABLE $1 (id int PRIMARY KEY, word text NOT NULL);
      GRANT USAGE ON SCHEMA $2 TO $3;
      GRANT SELECT ON $1 TO $3`,
    parameters: [{ identifier: [search.name, "words"] }, { identifier: search.name }, { identifier: app.name }],
  },
});

// Filled again, from nothing, whenever the list is another one: its delete is run, and then its create.
const words = config.requireObject<string[]>("words");
const filled = new pgmob.Command(
  "words",
  {
    database: catalog,
    create: {
      sql: `INSERT INTO search.words SELECT number, word FROM unnest($1::text[]) WITH ORDINALITY AS list (word, number);
        SELECT count(*)::int AS words FROM search.words`,
      parameters: [words],
    },
    delete: { sql: "TRUNCATE search.words" },
    triggers: [words],
  },
  { dependsOn: [index] },
);

// CREATE INDEX CONCURRENTLY locks nobody out, and cannot stand in a transaction.
const fast = new pgmob.Command(
  "fast",
  {
    database: catalog,
    create: { sql: "CREATE INDEX CONCURRENTLY words_by_word ON search.words (word)", transaction: false },
    delete: { sql: "DROP INDEX CONCURRENTLY search.words_by_word", transaction: false },
  },
  { dependsOn: [filled] },
);

export const loaded = filled.rows.apply((rows) => rows?.[0]?.words);
export const commands = [index.id, filled.id, fast.id];
