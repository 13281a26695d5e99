/** What the hooks of every resource have in common: the configuration, the way to the server, and how errors are told. */

import type { Difference } from "./check";
import type { CheckFailure, ResourceType, Values } from "./definition";
import { isDriverError, PostgresError, withContext } from "./errors";
import { pathOf } from "./fields";
import { Host } from "./host";
import { PartialFailure, quietError } from "./host-errors";
import { remedyForEnded } from "./limits";
import { PREVIEW_NAMES, type PreviewSettings, resolvePreview } from "./preview/settings";
import { called } from "./reconcile";
import { type ConnectionSettings, resolveSettings, SETTING_NAMES } from "./settings";
import { systemUser } from "./user-files";

/** The configuration as the host hands it over. */
interface HostConfig {
  get(key: string): unknown;
}

/** The hooks that the SDK's dynamic-provider host calls. */
export interface Hooks {
  configure(request: { config: HostConfig }): Promise<void>;
  check(olds: Values, news: Values): Promise<{ inputs: Values; failures: CheckFailure[] }>;
  diff(id: string, olds: Values, news: Values): Promise<Difference>;
  create(inputs: Values): Promise<{ id: string; outs: Values }>;
  read(id: string, properties: Values): Promise<{ id?: string; props?: Values; inputs?: Values }>;
  update(id: string, olds: Values, news: Values): Promise<{ outs: Values }>;
  delete(id: string, properties: Values): Promise<void>;
}

/** Hooks with a configuration. */
export abstract class ConfiguredHooks implements Hooks {
  private settings: ConnectionSettings & PreviewSettings = {};
  private settingsFailures: CheckFailure[] | undefined;

  /** Stores the settings before anything is awaited: other hooks may already be called meanwhile. */
  async configure({ config }: { config: HostConfig }): Promise<void> {
    const names = [...SETTING_NAMES, ...PREVIEW_NAMES];
    const values = names.map((name) => [name, config.get(`pgmob:${name}`)]);
    this.settings = Object.fromEntries(values.filter(([, value]) => value !== undefined && value !== null));
    this.settingsFailures = undefined;
  }

  abstract check(olds: Values, news: Values): Promise<{ inputs: Values; failures: CheckFailure[] }>;
  abstract diff(id: string, olds: Values, news: Values): Promise<Difference>;
  abstract create(inputs: Values): Promise<{ id: string; outs: Values }>;
  abstract read(id: string, properties: Values): Promise<{ id?: string; props?: Values; inputs?: Values }>;
  abstract update(id: string, olds: Values, news: Values): Promise<{ outs: Values }>;
  abstract delete(id: string, properties: Values): Promise<void>;

  /** The settings as they were given. */
  protected get given(): ConnectionSettings & PreviewSettings {
    return this.settings;
  }

  /** The server: connected to when it is first asked for. */
  protected host(): Promise<Host> {
    const { showSql: _, previewChecks: __, ...connection } = this.settings;
    return Host.for(connection);
  }

  /** What is wrong with the Provider's arguments. The same for every resource: found out once. */
  protected checkSettings(): CheckFailure[] {
    this.settingsFailures ??= failuresOf(this.settings);
    return this.settingsFailures;
  }

  /** Runs a hook, whose errors say which object they are about and with which intent, those of the server as well. */
  protected doing<T>(type: ResourceType, intent: string, values: Values, task: () => Promise<T>): Promise<T> {
    return this.reporting(task, about(type, intent, values));
  }

  /** Errors reach the engine as one sentence, without a stack trace. `what`: what the server's own errors are about. */
  protected async reporting<T>(task: () => Promise<T>, what?: () => About): Promise<T> {
    try {
      return await task();
    } catch (error) {
      if (error instanceof PartialFailure) throw error;
      throw quietError(what === undefined ? error : aboutObject(error, what));
    }
  }
}

/** What an error is about: of those of the server, not all say so. */
interface About {
  readonly object: string;
  readonly intent: string;
}

/** What an operation on an object with these values is about. */
export function about(type: ResourceType, intent: string, values: Values): () => About {
  return () => ({ object: called(type, pathOf(type, values)), intent });
}

/** The same error; one of the server says which object it is about. */
export function aboutObject(error: unknown, what: () => About): unknown {
  const ofServer = isDriverError(error) || (error instanceof PostgresError && error.sqlstate !== undefined);
  if (!ofServer) return error;
  return withWhatToDo(withContext(error, what()));
}

/** The same error; one that is not about what was being done says what to do, unless it does so already. */
export function withWhatToDo(known: PostgresError): PostgresError {
  const { sqlstate: code = "", reason: message } = known;
  const remedy = known.remedy ?? remedyForEnded({ code, message }, undefined);
  return remedy === known.remedy ? known : known.with({ remedy });
}

function failuresOf(settings: ConnectionSettings & PreviewSettings): CheckFailure[] {
  try {
    resolvePreview(settings);
    resolveSettings(settings, process.env, systemUser());
    return [];
  } catch (error) {
    const { message } = error as Error;
    const isOurs = Object.keys(settings).some((name) => message.startsWith(`${name} `));
    return [{ property: "", reason: `${isOurs ? "the Provider's" : "the environment's"} ${message}` }];
  }
}
