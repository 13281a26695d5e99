/** What the tests of both pipelines begin with: the README's repository, its server, and one that is empty. */

import pg from "pg";
import { type Server, startServer } from "../support/postgres";
import type { EngineKind } from "../support/workspace";
import { Forge } from "./forge";
import { Repository, readBlocks } from "./repository";

/** The passphrase of the stack's secrets. */
export const PASSPHRASE = "of the stack";

const ANSWERS = { "pgmob:password": "deploys s3cret", appPassword: "shops s3cret" };

/** Two servers, a repository, and where its pipelines report to. */
export class Scene {
  private constructor(
    readonly repository: Repository,
    readonly forge: Forge,
    /** The server that the stack is about. */
    readonly server: Server,
    /** The one that a pipeline starts for itself. */
    readonly empty: Server,
  ) {}

  /** Everything that the README says to do before the pipeline is connected. */
  static async create(kind: EngineKind): Promise<Scene> {
    const [server, empty] = await Promise.all([startServer({ version: 14 }), startServer({ version: 18 })]);
    const scene = new Scene(await Repository.create(kind), await Forge.start(), server, empty);
    try {
      await scene.sql(server, `CREATE ROLE deployer LOGIN CREATEDB CREATEROLE PASSWORD '${ANSWERS["pgmob:password"]}'`);
      await scene.sql(empty, "ALTER ROLE postgres PASSWORD 'try'");
      await scene.prepare();
      return scene;
    } catch (error) {
      await scene.close();
      throw error;
    }
  }

  private async prepare(): Promise<void> {
    const { repository, server } = this;
    const [folder, program, stack, trial] = readBlocks();
    const follow = async (commands = "") => {
      const { code, output } = await repository.follow(commands, server.port, ANSWERS, PASSPHRASE);
      if (code !== 0) throw new Error(`${commands}\n${output}`);
    };
    await follow(folder?.text);
    await repository.write("index.ts", program?.text ?? "");
    await follow(stack?.text);
    await repository.write("Pulumi.try.yaml", trial?.text ?? "");
  }

  /** Runs SQL as the superuser; rows as arrays. */
  async sql(server: Server, text: string, database = "postgres"): Promise<unknown[][]> {
    const client = new pg.Client(server.url(database));
    await client.connect();
    try {
      return (await client.query({ text, rowMode: "array" })).rows;
    } finally {
      await client.end();
    }
  }

  /** Whether anything shows one of the passwords. */
  tells(...texts: string[]): boolean {
    return [...Object.values(ANSWERS), PASSPHRASE].some((secret) => texts.join("\n").includes(secret));
  }

  async close(): Promise<void> {
    await Promise.all([this.repository.close(), this.forge.close(), this.server.remove(), this.empty.remove()]);
  }
}
