/** Transforms: functions of the program that may change what is registered, before the engine looks at it. */

import * as grpc from "@grpc/grpc-js";
import { CallbacksClient } from "@pulumi/pulumi/proto/callback_grpc_pb";
import { type Callback, CallbackInvokeRequest } from "@pulumi/pulumi/proto/callback_pb";
import { RegisterResourceRequest, TransformRequest, TransformResponse } from "@pulumi/pulumi/proto/resource_pb";
import { CHANNEL_OPTIONS } from "./host";
import { optionsOf, setOptions } from "./transform-options";

/** What transforms a program has named, and the way to them. */
export class Transforms {
  private readonly clients = new Map<string, CallbacksClient>();
  private readonly ofResources = new Map<string, { parent: string; own: readonly Callback[] }>();
  private readonly ofStack: Callback[] = [];

  /** Adds one for every resource that is registered from now on. */
  add(callback: Callback): void {
    this.ofStack.push(callback);
  }

  /** Remembers those of a resource, which its children have as well. */
  remember(urn: string, request: RegisterResourceRequest): void {
    this.ofResources.set(urn, { parent: request.getParent(), own: request.getTransformsList() });
  }

  /** Changes what is to be registered: first by its own transforms, then by those of its parents, then by the stack's. */
  async apply(request: RegisterResourceRequest): Promise<void> {
    const callbacks = [...request.getTransformsList(), ...this.inherited(request.getParent()), ...this.ofStack];
    if (callbacks.length === 0) return;
    let [properties, options] = [request.getObject(), optionsOf(request)];
    for (const callback of callbacks) {
      const asked = new TransformRequest()
        .setName(request.getName())
        .setType(request.getType())
        .setCustom(request.getCustom())
        .setParent(request.getParent())
        .setProperties(properties)
        .setOptions(options);
      const answer = TransformResponse.deserializeBinary(await this.call(callback, asked.serializeBinary()));
      properties = answer.getProperties() ?? properties;
      options = answer.getOptions() ?? options;
    }
    setOptions(request, options);
    request.setObject(properties);
    // The SDK tells no more of what each property depends on, but of the whole resource.
    const byProperty = request.getPropertydependenciesMap();
    for (const name of Object.keys(properties?.toJavaScript() ?? {}))
      byProperty.set(name, new RegisterResourceRequest.PropertyDependencies());
  }

  /** Ends the connections. */
  close(): void {
    for (const client of this.clients.values()) client.close();
  }

  private inherited(parent: string): Callback[] {
    const found = this.ofResources.get(parent);
    return found === undefined ? [] : [...found.own, ...this.inherited(found.parent)];
  }

  private call(callback: Callback, request: Uint8Array): Promise<Uint8Array> {
    const target = callback.getTarget();
    let client = this.clients.get(target);
    if (client === undefined) {
      client = new CallbacksClient(target, grpc.credentials.createInsecure(), CHANNEL_OPTIONS);
      this.clients.set(target, client);
    }
    const invoke = new CallbackInvokeRequest().setToken(callback.getToken()).setRequest(request);
    return new Promise((resolve, reject) =>
      client.invoke(invoke, (error, response) =>
        error ? reject(new Error(`invoke transform: ${error.message}`)) : resolve(response.getResponse_asU8()),
      ),
    );
  }
}
