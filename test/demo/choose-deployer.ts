import type { Deployer } from "./deployer";
import { PulumiCli } from "./pulumi-cli";
import { pulumiVersion } from "./pulumi-cli-process";
import { TestEngine } from "./test-engine";

/** The Pulumi CLI when it is on the PATH, otherwise the test engine. */
export function chooseDeployer(): Deployer {
  const version = pulumiVersion();
  return version === undefined ? new TestEngine() : new PulumiCli(version);
}
