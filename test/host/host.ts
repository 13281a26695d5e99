/** The SDK's real dynamic-provider host, spoken to as the engine does, without an engine. */

import { mkdtempSync, realpathSync } from "node:fs";
import { rm, symlink } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { providerText } from "../../resources/base";
import { ProviderHost } from "../engine/host";

/** Properties of a resource. */
export type Properties = Record<string, unknown>;

/** The host in a folder of its own, and what it has printed. */
export class Host {
  private constructor(
    private readonly host: ProviderHost,
    private readonly folder: string,
    /** What the process has printed: the engine shows it to the user. */
    readonly printed: string[],
  ) {}

  /** Starts the process, with a Provider's arguments. */
  static async start(config: Properties): Promise<Host> {
    const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "pgmob-host-")));
    await symlink(path.join(__dirname, "..", "..", "..", "node_modules"), path.join(folder, "node_modules"), "dir");
    const printed: string[] = [];
    const onLine = (line: { text: string }) => void printed.push(line.text);
    const host = await ProviderHost.start({
      directory: folder,
      env: process.env,
      engineAddress: "127.0.0.1:1",
      onLine,
    });
    await host.configure(new messages.ConfigureRequest().setArgs(struct(config)));
    return new Host(host, folder, printed);
  }

  /** Calls the hook. */
  async check(type: string, news: Properties, olds: Properties = {}) {
    const request = new messages.CheckRequest().setNews(struct(withText(type, news))).setOlds(struct(olds));
    const response = await this.host.check(request);
    const failures = response.getFailuresList().map((failure) => [failure.getProperty(), failure.getReason()]);
    return { inputs: response.getInputs()?.toJavaScript() as Properties, failures };
  }

  /** Calls the hook. */
  async diff(type: string, olds: Properties, news: Properties) {
    const request = new messages.DiffRequest().setOlds(struct(withText(type, olds)));
    const response = await this.host.diff(request.setNews(struct(withText(type, news))));
    return { changes: response.getChanges(), replaces: response.getReplacesList() };
  }

  /** Calls the hook. */
  async create(type: string, inputs: Properties) {
    const request = new messages.CreateRequest().setProperties(struct(withText(type, inputs)));
    const response = await this.host.create(request);
    return { id: response.getId(), outputs: response.getProperties()?.toJavaScript() as Properties };
  }

  /** Calls the hook. */
  async read(type: string, id: string, properties: Properties) {
    const request = new messages.ReadRequest().setId(id).setProperties(struct(withText(type, properties)));
    const response = await this.host.read(request);
    const inputs = response.getInputs()?.toJavaScript() as Properties;
    return { id: response.getId(), outputs: response.getProperties()?.toJavaScript() as Properties, inputs };
  }

  /** Calls the hook. */
  async update(type: string, olds: Properties, news: Properties) {
    const request = new messages.UpdateRequest().setOlds(struct(withText(type, olds)));
    const response = await this.host.update(request.setNews(struct(withText(type, news))));
    return response.getProperties()?.toJavaScript() as Properties;
  }

  /** Calls the hook. */
  async delete(type: string, properties: Properties): Promise<void> {
    await this.host.delete(new messages.DeleteRequest().setProperties(struct(withText(type, properties))));
  }

  /** The id of the process. */
  get pid(): number {
    return this.host.pid;
  }

  /** Ends the process. */
  async stop(): Promise<void> {
    await this.host.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

function struct(properties: Properties): Struct {
  return Struct.fromJavaScript(properties as Parameters<typeof Struct.fromJavaScript>[0]);
}

/** Properties as the engine sends them: with the provider text. */
export function withText(type: string, properties: Properties): Properties {
  return { ...properties, __provider: providerText(type) };
}
