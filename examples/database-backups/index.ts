import * as pulumi from "@pulumi/pulumi";
import * as pgmob from "pulumi-pgmob";

// The server to connect to is in the stack's config: pgmob:host, pgmob:port, pgmob:user and pgmob:password.
const config = new pulumi.Config();
const folder = config.require("backups");
// Where pg_dump and pg_restore are, when they are not on the PATH.
const programs = config.get("clientPath");
const clientPath = programs === undefined ? {} : { clientPath: programs };

// A database for a preview of a change: it begins with what is in a backup, whoever owned that, and its last state is kept
// when it goes, whatever sessions are in it.
const preview = new pgmob.Database(
  "preview",
  {
    name: "shop_preview",
    restoreFrom: { at: "client", path: `${folder}/shop.dump`, noOwner: true, ...clientPath },
    finalBackup: { at: "client", path: `${folder}/shop_preview-{timestamp}.dump`, ...clientPath },
    dropNonEmpty: true,
    forceDrop: true,
  },
  // A restore and a backup take as long as they take, but no longer than this.
  { customTimeouts: { create: "1h", delete: "1h" } },
);

// What is in it must not get out: a command that knows what to change is run once, behind the restore.
const masked = new pgmob.Command("masked", {
  database: preview,
  create: { sql: "UPDATE customers SET email = 'customer' || id || '@example.com'" },
});

export const database = preview.name;
export const customers = masked.rowCount;
