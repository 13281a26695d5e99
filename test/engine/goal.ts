import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type * as resource from "@pulumi/pulumi/proto/resource_pb";
import type { SourcePosition, StackTrace } from "@pulumi/pulumi/proto/source_pb";
import type { ResourceState } from "./state";
import { isProviderType } from "./urn";
import type { PropertyMap } from "./values";
import { decode } from "./wire";

/** A former identity of a resource: a whole URN, or what differs from the present one. */
export type Alias =
  | { urn: string }
  | { name?: string; type?: string; parent?: string; noParent?: boolean; stack?: string; project?: string };

/** What the program wants a resource to be. */
export interface Goal {
  type: string;
  name: string;
  custom: boolean;
  inputs: PropertyMap;
  parent: string;
  /** The provider reference; empty for components and for providers themselves. */
  provider: string;
  protect?: boolean;
  retainOnDelete?: boolean;
  deletedWith: string;
  deleteBeforeReplace?: boolean;
  dependencies: string[];
  propertyDependencies: Record<string, string[]>;
  ignoreChanges: string[];
  replaceOnChanges: string[];
  additionalSecretOutputs: string[];
  aliases: Alias[];
  customTimeouts: ResourceState["customTimeouts"];
  position: Position;
}

/** Where in the program a resource was registered, in the state's form. */
export type Position = Pick<ResourceState, "sourcePosition" | "stackTrace">;

/** Reads a registration. `root` is the folder of Pulumi.yaml, `provider` the provider reference found for it. */
export function readGoal(request: resource.RegisterResourceRequest, root: string): Goal {
  if (request.getRemote()) throw new Error(`remote components (${request.getType()}) are not supported by this engine`);
  if (request.getImportid() !== "") throw new Error("the import option is not supported by this engine");
  const inputs = decode(request.getObject()) ?? {};
  const dependencies = unique(request.getDependenciesList());
  const byProperty = request.getPropertydependenciesMap().toObject(false, (_included, v) => v.getUrnsList());
  // A request that says nothing about single properties makes each of them depend on everything.
  const perProperty: [string, string[]][] =
    byProperty.length > 0 ? byProperty : Object.keys(inputs).map((key) => [key, dependencies]);
  for (const key of Object.keys(inputs)) {
    if (!perProperty.some(([known]) => known === key)) perProperty.push([key, []]);
  }
  return {
    type: request.getType(),
    name: request.getName(),
    custom: request.getCustom(),
    inputs,
    parent: request.getParent(),
    provider: isProviderType(request.getType()) ? "" : request.getProvider(),
    protect: request.hasProtect() ? request.getProtect() : undefined,
    retainOnDelete: request.hasRetainondelete() ? request.getRetainondelete() : undefined,
    deletedWith: request.getDeletedwith(),
    deleteBeforeReplace:
      request.getDeletebeforereplacedefined() || request.getDeletebeforereplace()
        ? request.getDeletebeforereplace()
        : undefined,
    dependencies,
    propertyDependencies: Object.fromEntries(perProperty.map(([key, urns]) => [key, unique(urns)])),
    ignoreChanges: request.getIgnorechangesList(),
    replaceOnChanges: request.getReplaceonchangesList(),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    aliases: readAliases(request),
    customTimeouts: readTimeouts(request.getCustomtimeouts()),
    position: readPosition(request.getSourceposition(), request.getStacktrace(), root),
  };
}

function unique(urns: string[]): string[] {
  return [...new Set(urns)].sort();
}

function readAliases(request: resource.RegisterResourceRequest): Alias[] {
  const aliases: Alias[] = request.getAliasurnsList().map((urn) => ({ urn }));
  for (const alias of request.getAliasesList()) {
    const spec = alias.getSpec();
    if (spec === undefined) aliases.push({ urn: alias.getUrn() });
    else {
      aliases.push({
        name: spec.getName(),
        type: spec.getType(),
        stack: spec.getStack(),
        project: spec.getProject(),
        parent: spec.getParenturn(),
        noParent: spec.getNoparent(),
      });
    }
  }
  return aliases;
}

const SECONDS = { ms: 0.001, s: 1, m: 60, h: 3600 } as const;

/** Durations such as `1h30m` in seconds, as the state has them. */
function readTimeouts(
  timeouts: resource.RegisterResourceRequest.CustomTimeouts | undefined,
): ResourceState["customTimeouts"] {
  const seconds = (text: string): number =>
    [...text.matchAll(/([\d.]+)(ms|s|m|h)/g)].reduce(
      (sum, [, amount, unit]) => sum + Number(amount) * SECONDS[unit as keyof typeof SECONDS],
      0,
    );
  if (timeouts === undefined) return undefined;
  // Not every supported version of the SDK has one for reads.
  const texts: Partial<Record<string, string>> = timeouts.toObject();
  const entries = (["create", "update", "delete", "read"] as const).map(
    (key) => [key, seconds(texts[key] ?? "")] as const,
  );
  const set = entries.filter(([, value]) => value > 0);
  return set.length > 0 ? Object.fromEntries(set) : undefined;
}

/** Reads where a resource was registered; paths become relative to the project. */
export function readPosition(
  position: SourcePosition | undefined,
  trace: StackTrace | undefined,
  root: string,
): Position {
  const sourcePosition = locate(position, root);
  const stackTrace = trace?.getFramesList().map((frame) => {
    const at = locate(frame.getPc(), root);
    return at === undefined ? {} : { sourcePosition: at };
  });
  return { sourcePosition, stackTrace };
}

function locate(position: SourcePosition | undefined, root: string): string | undefined {
  if (position === undefined || !position.getUri().startsWith("file://")) return undefined;
  const relative = path.relative(root, fileURLToPath(position.getUri())).split(path.sep);
  // `file:` URLs resolve `..`, so the parts are encoded one by one.
  const encoded = relative.map((part) => pathToFileURL(`/${part}`).pathname.slice(1) || part).join("/");
  const column = position.getColumn() === 0 ? "" : `,${position.getColumn()}`;
  return `project:///${encoded}#${position.getLine()}${column}`;
}
