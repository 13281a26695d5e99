import * as pgmob from "pulumi-pgmob";

// The server to connect to is in the stack's config: pgmob:host, pgmob:port, pgmob:user and pgmob:password.

// Nothing of this can be made on a standby: the preview says so, before anything is done.
const server = pgmob.getServer();
server.apply(({ standby }) => {
  if (standby) throw new Error("this is a standby: set pgmob:host to the primary");
});

const sandbox = new pgmob.Database("sandbox", { name: "sandbox" });

// A schema of its own for each team, whoever made the team's role. The preview shows the schemas, each by its name.
const teams = pgmob.getRoles({ like: "team\\_%", notLike: "%\\_retired" });
teams.apply((roles) => roles.map(({ name }) => new pgmob.Schema(name, { database: sandbox, owner: name })));

// What somebody might want to know who reads the stack's outputs: as of the last `pulumi up`.
export const version = server.version;
export const schemas = teams.apply((roles) => roles.map(({ name }) => name));
export const unprotected = pgmob
  .getTables({ database: sandbox })
  .apply((tables) => tables.filter(({ rowSecurity }) => !rowSecurity).map(({ schema, name }) => `${schema}.${name}`));
