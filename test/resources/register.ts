/** Runs constructors of resources against the SDK's mock monitor, and shows the requests that an engine would get. */

import * as pulumi from "@pulumi/pulumi";

/** What the SDK asks the engine to register or to read. */
export interface Request {
  readonly kind: "register" | "read";
  readonly type: string;
  readonly name: string;
  readonly id: string;
  /** The properties on the wire: secrets and unknowns as the protocol writes them. */
  readonly properties: Record<string, unknown>;
  readonly deletedWith: string;
  readonly deleteBeforeReplace: boolean | undefined;
  readonly provider: string;
  readonly secretOutputs: string[];
}

/** A secret on the wire. */
export function secret(value: unknown): object {
  return { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value };
}

/** The part of the SDK's protobuf requests that is looked at. */
interface Message {
  getType(): string;
  getName(): string;
  getProvider(): string;
  getAdditionalsecretoutputsList(): string[];
  getObject?(): { toJavaScript(): Record<string, unknown> };
  getProperties?(): { toJavaScript(): Record<string, unknown> };
  getDeletedwith?(): string;
  getDeletebeforereplace?(): boolean;
  getId?(): string;
}

type Method = (request: Message, callback: unknown) => unknown;

/** What the mocked engine computes, where it is not an oid. */
const COMPUTED: Readonly<Record<string, object>> = {
  ReplicationSlot: { active: true },
  HbaRule: { inPlace: true },
  getRoles: { result: { 2: { name: "b" }, 3: { name: "a" }, 10: { name: "B" } } },
  getTables: {
    result: { 1: { schema: "s", name: "b" }, 2: { schema: "s", name: "a" }, 3: { schema: "r", name: "z" } },
  },
  getServer: { result: { major: 18 } },
  Ownership: { notOwned: {} },
};

/** Registers what `build` constructs. The mocked engine gives back the inputs, an oid and the id `id-of-<name>`. */
export async function register<T extends pulumi.Resource[]>(
  build: () => T,
  { preview = false } = {},
): Promise<{ resources: T; requests: Request[] }> {
  await pulumi.runtime.setMocks(
    {
      call: () => ({}),
      newResource: ({ id, name, type, inputs }) => ({
        id: id || `id-of-${name}`,
        state: { ...inputs, ...(COMPUTED[type.split(":").at(-1) ?? ""] ?? { oid: 16384 }) },
      }),
    },
    "project",
    "stack",
    preview,
  );
  const monitor = pulumi.runtime.getMonitor() as unknown as Record<"registerResource" | "readResource", Method>;
  const requests: Request[] = [];
  for (const [method, kind] of [
    ["registerResource", "register"],
    ["readResource", "read"],
  ] as const) {
    const answer = monitor[method].bind(monitor);
    monitor[method] = (message, callback) => {
      requests.push(shown(kind, message));
      return answer(message, callback);
    };
  }
  const resources = build();
  await Promise.all(resources.map(({ urn }) => settled(urn)));
  return { resources, requests };
}

/** The value of an Output. */
export function settled<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply((value) => resolve(value as T)));
}

function shown(kind: Request["kind"], message: Message): Request {
  return {
    kind,
    type: message.getType(),
    name: message.getName(),
    id: message.getId?.() ?? "",
    properties: (message.getObject?.() ?? message.getProperties?.())?.toJavaScript() ?? {},
    deletedWith: message.getDeletedwith?.() ?? "",
    deleteBeforeReplace: message.getDeletebeforereplace?.(),
    provider: message.getProvider(),
    secretOutputs: message.getAdditionalsecretoutputsList(),
  };
}
