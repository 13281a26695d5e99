/** `pulumi import --file`, for resources that the file gives inputs and outputs of: nobody is asked about them. */

import { randomUUID } from "node:crypto";
import type { ResourceState } from "./state";
import { makeUrn, packageOf, providerType, STACK_TYPE } from "./urn";
import { isObject, type PropertyMap, SECRET_SIGNATURE, Secret, SIGNATURE_KEY, type Value } from "./values";

/** A resource in the file. */
interface ImportSpec {
  readonly type: string;
  readonly name: string;
  readonly id: string;
  readonly inputs: PropertyMap;
  readonly outputs: PropertyMap;
}

/** What the file holds. */
export interface ImportFile {
  readonly resources: readonly ImportSpec[];
}

/** The state that an import into an empty stack leaves: the stack, the default provider, and the resources. */
export function importedStates(
  file: ImportFile,
  { stack, project, config }: { stack: string; project: string; config: PropertyMap },
): ResourceState[] {
  const stackUrn = makeUrn(stack, project, "", STACK_TYPE, `${project}-${stack}`);
  const plain = { dependencies: [], propertyDependencies: {} };
  const root: ResourceState = {
    ...{ urn: stackUrn, custom: false, type: STACK_TYPE, inputs: {}, outputs: {} },
    ...plain,
  };
  const packages = new Map(
    [...new Set(file.resources.map(({ type }) => packageOf(type)))].map((pkg): [string, ResourceState] => {
      const type = providerType(pkg);
      const urn = makeUrn(stack, project, "", type, "default");
      return [pkg, { urn, custom: true, type, id: randomUUID(), inputs: config, outputs: config, ...plain }];
    }),
  );
  const imported = file.resources.map(({ type, name, id, inputs, outputs }): ResourceState => {
    const provider = packages.get(packageOf(type));
    return {
      urn: makeUrn(stack, project, stackUrn, type, name),
      ...{ custom: true, type, id, parent: stackUrn },
      inputs: withSecrets(inputs) as PropertyMap,
      outputs: withSecrets(outputs) as PropertyMap,
      provider: `${provider?.urn}::${provider?.id}`,
      ...plain,
    };
  });
  return [root, ...packages.values(), ...imported];
}

/** Secrets stand in the file as they are. */
function withSecrets(value: Value): Value {
  if (Array.isArray(value)) return value.map(withSecrets);
  if (!isObject(value)) return value;
  if (value[SIGNATURE_KEY] === SECRET_SIGNATURE) return new Secret(JSON.parse(String(value.plaintext)) as Value);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withSecrets(one)]));
}
