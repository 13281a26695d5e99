/** A policy pack as the engine runs it: the SDK's own process, spoken to over gRPC. */

import * as grpc from "@grpc/grpc-js";
import { AnalyzerClient } from "@pulumi/pulumi/proto/analyzer_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/analyzer_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import { Script } from "../engine/child";
import { CHANNEL_OPTIONS } from "../engine/host";

/** A resource as policies see it. */
export interface Seen {
  readonly type: string;
  readonly name: string;
  /** On the wire: secrets and unknowns as the protocol writes them. */
  readonly properties: Readonly<Record<string, unknown>>;
}

/** The settings of single policies: a level, or properties, or both. */
export type PackConfig = Readonly<Record<string, { level?: string } & Record<string, unknown>>>;

/** What a policy has to say about a resource, or about the whole stack. */
export interface Finding {
  readonly policy: string;
  readonly level: string;
  /** Name of the resource. */
  readonly about: string;
  readonly message: string;
}

const LEVELS = messages.EnforcementLevel as unknown as Record<string, messages.EnforcementLevel>;

/** The process of one policy pack. */
export class Analyzer {
  private constructor(
    private readonly script: Script,
    private readonly client: AnalyzerClient,
    /** What the process has printed. */
    readonly printed: string[],
  ) {}

  /** Starts the pack in a folder. Rejects when it ends before it serves. */
  static async start(folder: string): Promise<Analyzer> {
    const printed: string[] = [];
    const { script, address } = await Script.serving({
      module: "@pulumi/pulumi/cmd/run-policy-pack",
      directory: folder,
      arguments: ["127.0.0.1:1", "."],
      env: process.env,
      onLine: ({ text }) => printed.push(text),
    }).catch((error: Error) => {
      throw new Error(`the policy pack does not start: ${error.message}\n${printed.join("\n")}`);
    });
    const client = new AnalyzerClient(address, grpc.credentials.createInsecure(), CHANNEL_OPTIONS);
    return new Analyzer(script, client, printed);
  }

  /** What the pack says of itself: its policies by name, each with the properties that can be set. */
  async policies(): Promise<Record<string, string[]>> {
    const info = await call<messages.AnalyzerInfo>((done) => this.client.getAnalyzerInfo(new Empty(), done));
    return Object.fromEntries(
      info.getPoliciesList().map((policy) => {
        const schema = policy.getConfigschema()?.getProperties()?.toJavaScript() ?? {};
        return [policy.getName(), Object.keys(schema)];
      }),
    );
  }

  /** Sets the configuration; what is not in it has its default. */
  async configure(config: PackConfig): Promise<void> {
    const request = new messages.ConfigureAnalyzerRequest();
    for (const [policy, { level = "mandatory", ...properties }] of Object.entries(config)) {
      const one = new messages.PolicyConfig().setProperties(struct(properties));
      request.getPolicyconfigMap().set(policy, one.setEnforcementlevel(LEVELS[level.toUpperCase()]!));
    }
    await call((done) => this.client.configure(request, done));
  }

  /** What the policies say of the inputs of single resources, and then of the outputs of all. */
  async findings(resources: readonly Seen[]): Promise<Finding[]> {
    const found: Finding[] = [];
    for (const one of resources) {
      const response = await call<messages.AnalyzeResponse>((done) => this.client.analyze(asRequest(one), done));
      found.push(...response.getDiagnosticsList().map((diagnostic) => findingOf(diagnostic, one.name)));
    }
    const request = new messages.AnalyzeStackRequest().setResourcesList(resources.map(asResource));
    const response = await call<messages.AnalyzeResponse>((done) => this.client.analyzeStack(request, done));
    return [...found, ...response.getDiagnosticsList().map((diagnostic) => findingOf(diagnostic, ""))];
  }

  /** Ends the process. */
  async stop(): Promise<void> {
    this.client.close();
    await this.script.stop();
  }
}

const urnOf = ({ type, name }: Seen) => `urn:pulumi:dev::program::${type}::${name}`;

function struct(properties: Readonly<Record<string, unknown>>): Struct {
  return Struct.fromJavaScript(properties as Record<string, JavaScriptValue>);
}

function asRequest(seen: Seen): messages.AnalyzeRequest {
  const request = new messages.AnalyzeRequest().setType(seen.type).setName(seen.name).setUrn(urnOf(seen));
  return request.setProperties(struct(seen.properties)).setOptions(new messages.AnalyzerResourceOptions());
}

function asResource(seen: Seen): messages.AnalyzerResource {
  const resource = new messages.AnalyzerResource().setType(seen.type).setName(seen.name).setUrn(urnOf(seen));
  return resource.setProperties(struct(seen.properties)).setOptions(new messages.AnalyzerResourceOptions());
}

function findingOf(diagnostic: messages.AnalyzeDiagnostic, name: string): Finding {
  const level = Object.keys(LEVELS).find((key) => LEVELS[key] === diagnostic.getEnforcementlevel()) ?? "";
  return {
    policy: diagnostic.getPolicyname(),
    level: level.toLowerCase(),
    about: name || (diagnostic.getUrn().split("::").at(-1) ?? ""),
    message: diagnostic.getMessage(),
  };
}

function call<R>(start: (done: (error: grpc.ServiceError | null, response: R) => void) => unknown): Promise<R> {
  return new Promise((resolve, reject) => {
    start((error, response) => (error ? reject(new Error(error.details || error.message)) : resolve(response)));
  });
}
