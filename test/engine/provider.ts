import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { detailedDiff, diffObjects, type PropertyDiff } from "./diff";
import { PartialFailure, type ProviderHost } from "./host";
import { parsePath, resetPath } from "./paths";
import { nameOf, typeOf } from "./urn";
import { containsUnknown, markSecrets, type PropertyMap, withoutSecrets } from "./values";
import { decode, encode } from "./wire";

/** Something `check` has refused. `property` is empty when it is not about one property. */
export interface CheckFailure {
  property: string;
  reason: string;
}

/** What a comparison has found. */
export interface DiffResult {
  changed: boolean;
  /** The properties that make a replacement necessary. */
  replaceKeys: string[];
  /** The properties that differ, where known. */
  changedKeys: string[];
  /** Every difference by path, where the engine compared the inputs itself. */
  detailed?: PropertyDiff[];
  deleteBeforeReplace: boolean;
}

/** The comparison cannot be made before the update runs; the message says why. */
export class DiffUnavailable extends Error {}

const UNKNOWN_CONFIG =
  "The provider for this resource has inputs that are not known during preview.\n" +
  "This preview may not correctly represent the changes that will be applied during an update.";

/** The outcome of a create or an update; `failure` is set when only a part of it was done. */
export interface Outcome {
  id: string;
  outputs: PropertyMap;
  failure?: PartialFailure;
}

/**
 * One provider: its own host process once it is configured. With a configuration that is not known yet, in a preview,
 * no process is started and no hook is called.
 */
export class Provider {
  private host: Promise<ProviderHost> | undefined;

  constructor(private readonly start: () => Promise<ProviderHost>) {}

  /** Starts the host and configures it; whoever calls a hook waits for that, and gets its error. */
  configure(urn: string, id: string, inputs: PropertyMap): void {
    if (containsUnknown(inputs)) return;
    this.host = this.start().then(async (host) => {
      const request = new messages.ConfigureRequest()
        .setArgs(encode(inputs, { secrets: true, resources: true }))
        .setAcceptsecrets(true)
        .setAcceptresources(true);
      request.setUrn(urn).setId(id).setName(nameOf(urn)).setType(typeOf(urn));
      await host.configure(request);
      return host;
    });
    this.host.catch(() => undefined);
  }

  /** Validates and completes inputs. `olds` are those of the state, none for a new resource. */
  async check(
    urn: string,
    olds: PropertyMap,
    news: PropertyMap,
    unknowns: boolean,
  ): Promise<{ inputs: PropertyMap; failures: CheckFailure[] }> {
    if (this.host === undefined) return { inputs: news, failures: [] };
    const request = new messages.CheckRequest().setUrn(urn).setOlds(encode(olds, { unknowns }));
    request.setNews(encode(news, { unknowns })).setName(nameOf(urn)).setType(typeOf(urn));
    const response = await (await this.host).check(request);
    const inputs = decode(response.getInputs()) ?? {};
    markSecrets(inputs, news);
    const failures = response.getFailuresList().map((f) => ({ property: f.getProperty(), reason: f.getReason() }));
    return { inputs, failures };
  }

  /** Compares the state of a resource with new inputs. */
  async diff(
    urn: string,
    id: string,
    old: { inputs: PropertyMap; outputs: PropertyMap },
    news: PropertyMap,
    options: { unknowns: boolean; ignoreChanges: string[] },
  ): Promise<DiffResult> {
    if (this.host === undefined) throw new DiffUnavailable(UNKNOWN_CONFIG);
    const { unknowns, ignoreChanges } = options;
    const request = new messages.DiffRequest().setUrn(urn).setId(id).setIgnorechangesList(ignoreChanges);
    request.setOlds(encode(old.outputs, { unknowns })).setOldInputs(encode(old.inputs, { unknowns }));
    request.setNews(encode(news, { unknowns })).setName(nameOf(urn)).setType(typeOf(urn));
    const response = await (await this.host).diff(request);
    const result: DiffResult = {
      changed: response.getChanges() === messages.DiffResponse.DiffChanges.DIFF_SOME,
      replaceKeys: response.getReplacesList(),
      changedKeys: response.getDiffsList(),
      deleteBeforeReplace: response.getDeletebeforereplace(),
    };
    if (response.getChanges() === messages.DiffResponse.DiffChanges.DIFF_UNKNOWN) {
      const { inputs: now } = ignoreInputChanges(news, old.inputs, ignoreChanges);
      const diff = diffObjects(withoutSecrets(old.inputs), withoutSecrets(now));
      result.changed = diff !== undefined;
      if (diff !== undefined) {
        result.changedKeys = [...diff.adds.keys(), ...diff.deletes.keys(), ...diff.updates.keys()].sort();
        result.detailed = detailedDiff(diff);
      }
    }
    return result;
  }

  /** Creates a resource; in a preview nothing is called and the inputs are the outputs. */
  async create(urn: string, inputs: PropertyMap, preview: boolean): Promise<Outcome> {
    if (preview) return { id: "", outputs: this.host === undefined ? {} : { ...inputs } };
    const request = new messages.CreateRequest().setUrn(urn).setProperties(encode(inputs));
    request.setName(nameOf(urn)).setType(typeOf(urn));
    const outcome = await this.finish(inputs, "", async (host) => {
      const response = await host.create(request);
      return { id: response.getId(), outputs: decode(response.getProperties()) ?? {} };
    });
    if (outcome.id === "") throw new Error(`plugin returned empty resource.ID from create '${urn}'`);
    return outcome;
  }

  /** Updates a resource; in a preview nothing is called and the inputs are the outputs. */
  async update(
    urn: string,
    id: string,
    old: { inputs: PropertyMap; outputs: PropertyMap },
    news: PropertyMap,
    options: { preview: boolean; ignoreChanges: string[] },
  ): Promise<Outcome> {
    if (options.preview) return { id, outputs: this.host === undefined ? {} : { ...news } };
    const request = new messages.UpdateRequest().setUrn(urn).setId(id).setNews(encode(news));
    request.setOlds(encode(old.outputs)).setOldInputs(encode(old.inputs)).setName(nameOf(urn)).setType(typeOf(urn));
    request.setIgnorechangesList(options.ignoreChanges);
    return this.finish(news, id, async (host) => {
      const response = await host.update(request);
      return { id, outputs: decode(response.getProperties()) ?? {} };
    });
  }

  /** Reads a resource: an empty id in the answer means that it is gone; `inputs` only where the provider gives them. */
  async read(
    urn: string,
    id: string,
    inputs: PropertyMap,
    state: PropertyMap,
  ): Promise<{ id: string; inputs?: PropertyMap; outputs: PropertyMap }> {
    if (this.host === undefined) return { id: "", inputs: {}, outputs: {} };
    const request = new messages.ReadRequest().setUrn(urn).setId(id).setProperties(encode(state));
    request.setInputs(encode(inputs)).setName(nameOf(urn)).setType(typeOf(urn));
    const response = await (await this.host).read(request);
    const outputs = decode(response.getProperties()) ?? {};
    const live = decode(response.getInputs());
    markSecrets(outputs, state);
    if (live !== undefined) markSecrets(live, inputs);
    return { id: response.getId(), inputs: live, outputs };
  }

  /** Deletes a resource. */
  async delete(urn: string, id: string, inputs: PropertyMap, outputs: PropertyMap): Promise<void> {
    const request = new messages.DeleteRequest().setUrn(urn).setId(id).setProperties(encode(outputs));
    request.setOldInputs(encode(inputs)).setName(nameOf(urn)).setType(typeOf(urn));
    await (await this.required()).delete(request);
  }

  /** Ends the host process, if there is one. */
  async close(): Promise<void> {
    const host = await this.host?.catch(() => undefined);
    await host?.stop();
  }

  private required(): Promise<ProviderHost> {
    if (this.host === undefined) throw new Error("the provider is not configured");
    return this.host;
  }

  private async finish(
    inputs: PropertyMap,
    id: string,
    hook: (host: ProviderHost) => Promise<Outcome>,
  ): Promise<Outcome> {
    const outcome = await hook(await this.required()).catch((error: unknown): Outcome => {
      if (!(error instanceof PartialFailure)) throw error;
      return { id: error.id || id, outputs: error.properties, failure: error };
    });
    markSecrets(outcome.outputs, inputs);
    return outcome;
  }
}

/** New inputs with the ignored properties set back to the old values, and the paths where that is impossible. */
export function ignoreInputChanges(
  news: PropertyMap,
  olds: PropertyMap,
  ignoreChanges: string[],
): { inputs: PropertyMap; impossible: string[] } {
  if (ignoreChanges.length === 0) return { inputs: news, impossible: [] };
  const inputs = structuredCopy(news);
  const impossible = ignoreChanges.filter((path) => !resetPath(parsePath(path), olds, inputs));
  return { inputs, impossible };
}

/** A copy in which objects and arrays are new, so that setting a path in it leaves the original alone. */
function structuredCopy(properties: PropertyMap): PropertyMap {
  const copy = (value: PropertyMap[string]): PropertyMap[string] => {
    if (Array.isArray(value)) return value.map(copy);
    if (typeof value !== "object" || value === null || value.constructor !== Object) return value;
    return structuredCopy(value as PropertyMap);
  };
  return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, copy(value)]));
}
