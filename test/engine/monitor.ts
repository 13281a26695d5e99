import * as grpc from "@grpc/grpc-js";
import type { Callback } from "@pulumi/pulumi/proto/callback_pb";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import * as engine from "@pulumi/pulumi/proto/engine_pb";
import { ResourceMonitorService } from "@pulumi/pulumi/proto/resource_grpc_pb";
import * as resource from "@pulumi/pulumi/proto/resource_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { Severity } from "./events";
import type { ReadRequest, Registration } from "./generator";
import { type Goal, readGoal, readPosition } from "./goal";
import { CHANNEL_OPTIONS } from "./host";
import type { ResourceState } from "./state";
import { Transforms } from "./transforms";
import { isProviderType, packageOf } from "./urn";
import type { PropertyMap } from "./values";
import { decode, encode } from "./wire";

/** What the program asks of the engine. */
export interface ProgramRequests {
  register(registration: Registration): void;
  read(request: ReadRequest): void;
  registerOutputs(urn: string, outputs: PropertyMap, done: () => void): void;
  /** The program has registered everything it has; it waits until the operation is over. */
  finished(): void;
  log(urn: string, severity: Severity, message: string, stream: number, ephemeral: boolean): void;
  /** The reference of the provider that resources of a package get when they name none. */
  defaultProvider(pkg: string): Promise<string>;
}

/** What this engine can do of what a program may ask it for; the SDK refuses the rest by name. */
const FEATURES = ["secrets", "resourceReferences", "outputValues", "aliasSpecs", "deletedWith", "transforms"];

const SEVERITIES: Severity[] = ["debug", "info", "warning", "error"];

/** The gRPC server that the program and the provider hosts talk to: Pulumi's `ResourceMonitor` and `Engine` services. */
export class Monitor {
  private readonly server = new grpc.Server(CHANNEL_OPTIONS);
  private readonly pending = new Set<(error: Partial<grpc.ServiceError>) => void>();
  private readonly goals = new Map<string, Goal>();
  private readonly componentProviders = new Map<string, Map<string, string>>();
  private readonly transforms = new Transforms();
  private rootUrn = "";

  constructor(
    private readonly requests: ProgramRequests,
    private readonly root: string,
  ) {}

  /** Starts to listen on a free port of 127.0.0.1; resolves with the address. */
  listen(): Promise<string> {
    this.server.addService(EngineService, {
      log: this.answer((request: engine.LogRequest) => this.log(request)),
      getRootResource: this.answer(async () => new engine.GetRootResourceResponse().setUrn(this.rootUrn)),
      setRootResource: this.answer(async (request: engine.SetRootResourceRequest) => {
        this.rootUrn = request.getUrn();
        return new engine.SetRootResourceResponse();
      }),
      startDebugging: unsupported,
      requirePulumiVersion: this.answer(async () => new engine.RequirePulumiVersionResponse()),
    } as unknown as grpc.UntypedServiceImplementation);
    this.server.addService(ResourceMonitorService, {
      supportsFeature: this.answer(async (request: resource.SupportsFeatureRequest) =>
        new resource.SupportsFeatureResponse().setHassupport(FEATURES.includes(request.getId())),
      ),
      registerResource: this.answer((request: resource.RegisterResourceRequest) => this.register(request)),
      readResource: this.answer((request: resource.ReadResourceRequest) => this.read(request)),
      registerResourceOutputs: this.answer((request: resource.RegisterResourceOutputsRequest) => this.outputs(request)),
      registerStackTransform: this.answer(async (callback: Callback) => {
        this.transforms.add(callback);
        return new Empty();
      }),
      signalAndWaitForShutdown: this.answer(() => this.shutdown()),
    } as unknown as grpc.UntypedServiceImplementation);
    return new Promise((resolve, reject) => {
      this.server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) =>
        error ? reject(error) : resolve(`127.0.0.1:${port}`),
      );
    });
  }

  /** Lets the program go: whatever it still waits for is answered with "shut down". */
  release(): void {
    for (const fail of this.pending) fail({ code: grpc.status.UNAVAILABLE, details: "resource monitor shut down" });
    this.pending.clear();
  }

  /** Stops listening at once. */
  close(): void {
    this.release();
    this.server.forceShutdown();
    this.transforms.close();
  }

  /** Turns a function into a unary handler whose answer can be cut short by `release`. */
  private answer<Q, R>(handle: (request: Q) => Promise<R>): grpc.handleUnaryCall<Q, R> {
    return (call, callback) => {
      let open = true;
      const finish = (error: Partial<grpc.ServiceError> | null, response?: R): void => {
        if (!open) return;
        open = false;
        this.pending.delete(finish);
        callback(error, response);
      };
      this.pending.add(finish);
      handle(call.request).then(
        (response) => finish(null, response),
        (error: Error) => finish({ code: grpc.status.UNKNOWN, details: error.message }),
      );
    };
  }

  private async register(request: resource.RegisterResourceRequest): Promise<resource.RegisterResourceResponse> {
    const parent = request.getParent();
    await this.transforms.apply(request);
    const goal = readGoal(request, this.root);
    this.inherit(goal, request.getProvider());
    if (goal.custom && !isProviderType(goal.type)) {
      const pkg = packageOf(goal.type);
      goal.provider ||= request.getProvidersMap().get(pkg) ?? this.componentProviders.get(parent)?.get(pkg) ?? "";
      goal.provider ||= await this.requests.defaultProvider(pkg);
    } else goal.provider = "";
    const state = await new Promise<ResourceState>((done) => this.requests.register({ goal, done }));
    this.goals.set(state.urn, goal);
    this.transforms.remember(state.urn, request);
    if (!goal.custom) {
      this.componentProviders.set(state.urn, new Map(request.getProvidersMap().getEntryList()));
    }
    const response = new resource.RegisterResourceResponse().setUrn(state.urn).setId(state.id ?? "");
    // Outputs of a component are those it registers itself; what the state has may refer to what is not there yet.
    const outputs = goal.custom ? state.outputs : {};
    return response.setObject(
      encode(outputs, {
        unknowns: true,
        secrets: request.getAcceptsecrets(),
        resources: request.getAcceptresources(),
      }),
    );
  }

  /** Takes from the parent what the child does not say itself. */
  private inherit(goal: Goal, provider: string): void {
    const parent = this.goals.get(goal.parent);
    goal.provider = provider;
    if (parent === undefined) return;
    goal.deletedWith ||= parent.deletedWith;
    goal.protect ??= parent.protect;
    goal.retainOnDelete ??= parent.retainOnDelete;
    if (goal.provider === "" && parent.provider.includes(`:${packageOf(goal.type)}::`)) goal.provider = parent.provider;
  }

  private async read(request: resource.ReadResourceRequest): Promise<resource.ReadResourceResponse> {
    const provider = request.getProvider() || (await this.requests.defaultProvider(packageOf(request.getType())));
    const state: ReadRequest["state"] = {
      type: request.getType(),
      custom: true,
      external: true,
      id: request.getId(),
      inputs: decode(request.getProperties()) ?? {},
      outputs: {},
      parent: request.getParent() || undefined,
      provider,
      dependencies: request.getDependenciesList(),
      propertyDependencies: {},
      additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
      ...readPosition(request.getSourceposition(), request.getStacktrace(), this.root),
    };
    const found = await new Promise<ResourceState>((done) =>
      this.requests.read({ name: request.getName(), state, done }),
    );
    return new resource.ReadResourceResponse().setUrn(found.urn).setProperties(
      encode(found.outputs, {
        unknowns: true,
        secrets: request.getAcceptsecrets(),
        resources: request.getAcceptresources(),
      }),
    );
  }

  private async outputs(request: resource.RegisterResourceOutputsRequest): Promise<Empty> {
    const outputs = decode(request.getOutputs()) ?? {};
    await new Promise<void>((done) => this.requests.registerOutputs(request.getUrn(), outputs, done));
    return new Empty();
  }

  private shutdown(): Promise<Empty> {
    this.requests.finished();
    return new Promise(() => undefined);
  }

  private async log(request: engine.LogRequest): Promise<Empty> {
    const severity = SEVERITIES[request.getSeverity()] ?? "info";
    const { log } = this.requests;
    log(request.getUrn(), severity, request.getMessage(), request.getStreamid(), request.getEphemeral());
    return new Empty();
  }
}

const unsupported: grpc.handleUnaryCall<unknown, unknown> = (_call, callback) =>
  callback({ code: grpc.status.UNIMPLEMENTED, details: "not supported by this engine" });
