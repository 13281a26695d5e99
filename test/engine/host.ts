import * as grpc from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { type OutputLine, Script } from "./child";
import type { PropertyMap } from "./values";
import { decode } from "./wire";

/** Plain text, and no limit on the size of a message. */
export const CHANNEL_OPTIONS = {
  "grpc.max_receive_message_length": -1,
  "grpc.max_send_message_length": -1,
} satisfies grpc.ChannelOptions;

/** A hook has failed; nothing is known to have changed. */
export class HookError extends Error {}

/** A hook has done its work in part: the resource exists, and the next update has to finish it. */
export class PartialFailure extends Error {
  constructor(
    readonly id: string,
    readonly properties: PropertyMap,
    readonly reasons: string[],
  ) {
    const plural = reasons.length === 1 ? "1 error" : `${reasons.length} errors`;
    super(
      reasons.length === 0
        ? "resource init failed"
        : `${plural} occurred:\n${reasons.map((reason) => `\t* ${reason}\n`).join("")}\n`,
    );
  }
}

/** What a provider host needs to start. */
export interface HostOptions {
  directory: string;
  env: NodeJS.ProcessEnv;
  engineAddress: string;
  onLine: (line: OutputLine) => void;
}

/** The SDK's real dynamic-provider host: a process, and the gRPC client to it. */
export class ProviderHost {
  private constructor(
    private readonly script: Script,
    private readonly client: ResourceProviderClient,
  ) {}

  /** Starts the process and connects. Rejects when it ends before it says which port it listens on. */
  static async start(options: HostOptions): Promise<ProviderHost> {
    const { script, address } = await Script.serving({
      module: "@pulumi/pulumi/cmd/dynamic-provider",
      directory: options.directory,
      arguments: [options.engineAddress],
      env: options.env,
      onLine: options.onLine,
    }).catch((error: Error) => {
      throw new HookError(`could not read plugin [dynamic-provider]: ${error.message}`);
    });
    const client = new ResourceProviderClient(address, grpc.credentials.createInsecure(), CHANNEL_OPTIONS);
    return new ProviderHost(script, client);
  }

  /** The id of the process. */
  get pid(): number {
    return this.script.pid;
  }

  /** Gives the provider its configuration. */
  configure(request: messages.ConfigureRequest): Promise<messages.ConfigureResponse> {
    return call((done) => this.client.configure(request, done));
  }

  /** Validates inputs. */
  check(request: messages.CheckRequest): Promise<messages.CheckResponse> {
    return call((done) => this.client.check(request, done));
  }

  /** Compares a resource with new inputs. */
  diff(request: messages.DiffRequest): Promise<messages.DiffResponse> {
    return call((done) => this.client.diff(request, done));
  }

  /** Creates a resource. */
  create(request: messages.CreateRequest): Promise<messages.CreateResponse> {
    return call((done) => this.client.create(request, done));
  }

  /** Reads a resource as it is now. */
  read(request: messages.ReadRequest): Promise<messages.ReadResponse> {
    return call((done) => this.client.read(request, done));
  }

  /** Updates a resource. */
  update(request: messages.UpdateRequest): Promise<messages.UpdateResponse> {
    return call((done) => this.client.update(request, done));
  }

  /** Deletes a resource. */
  async delete(request: messages.DeleteRequest): Promise<void> {
    await call((done) => this.client.delete(request, done));
  }

  /** Kills the process, as a crash would. Calls fail from then on. */
  kill(): Promise<void> {
    return this.script.kill();
  }

  /** Ends the process. */
  async stop(): Promise<void> {
    this.client.close();
    await this.script.stop();
  }
}

function call<R>(start: (done: (error: grpc.ServiceError | null, response: R) => void) => unknown): Promise<R> {
  return new Promise((resolve, reject) => {
    start((error, response) => (error ? reject(understand(error)) : resolve(response)));
  });
}

/** A half-done operation comes as an error with details in the trailers. */
function understand(error: grpc.ServiceError): Error {
  const [bytes] = error.metadata?.get("grpc-status-details-bin") ?? [];
  if (bytes instanceof Buffer) {
    for (const detail of Status.deserializeBinary(bytes).getDetailsList()) {
      const failure = detail.unpack(
        messages.ErrorResourceInitFailed.deserializeBinary,
        "pulumirpc.ErrorResourceInitFailed",
      );
      if (failure) {
        return new PartialFailure(failure.getId(), decode(failure.getProperties()) ?? {}, failure.getReasonsList());
      }
    }
  }
  return new HookError(error.details || error.message);
}
