import { deployers, type TestServer } from "../support/postgres-fixture";
import type { Properties } from "./host";

/** A Provider's arguments for a server: as the superuser, or as the restricted role. */
export async function settings(server: TestServer, index: 0 | 1): Promise<Properties> {
  const role = (await deployers(server))[index];
  const { host, port } = server;
  return { "pgmob:host": host, "pgmob:port": String(port), "pgmob:user": role?.name, "pgmob:password": role?.password };
}
