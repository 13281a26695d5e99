/** A stack that is watched: whatever its operations say, and whatever they leave behind. */

import assert from "node:assert/strict";
import { dirname } from "node:path";
import { changes, type Stack } from "../e2e/stack";
import type { OperationResult } from "../engine";
import type { WorkspaceOptions } from "../support/workspace";
import { Watch } from "./watch";

/** A verifier of any password, wherever it stands. */
const VERIFIER = /SCRAM-SHA-256\$\d+:[\w+/=]+\$[\w+/=]+:[\w+/=]+|md5[0-9a-f]{32}/g;

type Changes = Record<string, number>;

/** Looks for secrets, and for verifiers, in what the operations of a stack say, and in its state and files. */
export class WatchedStack {
  readonly watch = new Watch();

  constructor(private readonly stack: Stack) {
    this.watch.never("a verifier", VERIFIER);
  }

  /** `preview`, which must succeed. Returns how many changes of which kind there would be. */
  preview(where: string, options: WorkspaceOptions = {}): Promise<Changes> {
    return this.run(where, true, () => this.stack.workspace.preview({ diff: true, ...options }));
  }

  /** `up`, which must succeed. Returns how many changes of which kind there were. */
  up(where: string): Promise<Changes> {
    return this.run(where, true, () => this.stack.workspace.up({ diff: true }));
  }

  /** `up`, which must fail. */
  fails(where: string): Promise<Changes> {
    return this.run(where, false, () => this.stack.workspace.up({ diff: true }));
  }

  /** `destroy`, which must succeed. */
  destroy(): Promise<Changes> {
    return this.run("destroy", true, () => this.stack.workspace.destroy());
  }

  /** Looks at a log of the server, whose statements have the verifiers in them, and nothing else that is secret. */
  log(text: string): void {
    const without = text.replaceAll(VERIFIER, "");
    assert.notEqual(without, text, "no statement with a verifier is logged");
    this.watch.text("the server's log", without);
  }

  private async run(where: string, succeeds: boolean, operation: () => Promise<OperationResult>): Promise<Changes> {
    const { exitCode, output, summary } = await operation();
    assert.equal(exitCode === 0, succeeds, output);
    await this.addVerifiers();
    this.watch.text(where, output);
    const { workspace } = this.stack;
    this.watch.text(`the state after ${where}`, JSON.stringify(await workspace.export()));
    this.watch.files(dirname(workspace.dir), (path) => /node_modules$|program\.json$/.test(path));
    return changes(summary);
  }

  /** In pieces, each of which would do: what is derived from the password, without method and salt. */
  private async addVerifiers(): Promise<void> {
    const rows = await this.stack.sql<{ name: string; verifier: string }>(
      "SELECT rolname AS name, rolpassword AS verifier FROM pg_authid WHERE rolpassword IS NOT NULL",
    );
    for (const { name, verifier } of rows)
      for (const key of verifier.startsWith("md5") ? [verifier.slice(3)] : (verifier.split("$")[2] ?? "").split(":"))
        this.watch.add(`the verifier of ${name}`, key);
  }
}
