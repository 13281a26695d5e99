import type { PropertyDiff } from "./diff";
import type { ResourceState } from "./state";
import { isObject, mapProperties, type PropertyMap, Secret, type Value } from "./values";

/** What a step does, in Pulumi's words. */
export type StepOp =
  | "same"
  | "create"
  | "update"
  | "delete"
  | "replace"
  | "create-replacement"
  | "delete-replaced"
  | "read"
  | "read-replacement"
  | "refresh"
  | "discard"
  | "discard-replaced"
  | "remove-pending-replace";

/** A resource as an event shows it: secrets hidden. */
export type StateView = Pick<
  ResourceState,
  "urn" | "type" | "custom" | "id" | "parent" | "protect" | "retainOnDelete" | "provider" | "initErrors"
> & { inputs: PropertyMap; outputs: PropertyMap };

/** A step as an event shows it. */
export interface StepView {
  op: StepOp;
  urn: string;
  type: string;
  provider: string;
  old?: StateView;
  now?: StateView;
  /** The latest state that is known. */
  res: StateView;
  /** The properties that differ. */
  diffs: string[];
  /** The differences by path, where the engine compared the inputs itself. */
  detailed?: PropertyDiff[];
  /** A step of its own in the program's sense, not one part of a replacement. */
  logical: boolean;
}

/** How bad a message is. */
export type Severity = "debug" | "info" | "warning" | "error";

/** Something that happened, for the display. Events marked internal are counted nowhere and not shown. */
export type EngineEvent =
  | { kind: "pre"; step: StepView; internal: boolean }
  | { kind: "outputs"; step: StepView; internal: boolean }
  | { kind: "failed"; step: StepView; internal: boolean }
  | { kind: "diagnostic"; urn: string; severity: Severity; message: string; stream: number; ephemeral: boolean }
  | { kind: "summary"; changes: Partial<Record<StepOp, number>>; seconds: number };

/** Replaces in a text whatever must not be printed. */
export type TextFilter = (text: string) => string;

/** Makes a filter that hides the given secrets. Those of one or two characters would hide everything: they stay. */
export function hideSecrets(secrets: string[]): TextFilter {
  const hidden = secrets.filter((secret) => secret.length > 2).sort((a, b) => b.length - a.length);
  return (text) => hidden.reduce((filtered, secret) => filtered.split(secret).join("[secret]"), text);
}

/** A copy of a state that may be shown. */
export function viewState(state: ResourceState, filter: TextFilter): StateView {
  const hide = (value: Value): Value => {
    if (typeof value === "string") return filter(value);
    if (value instanceof Secret) return new Secret("[secret]");
    if (Array.isArray(value)) return value.map(hide);
    return isObject(value) ? mapProperties(value, hide) : value;
  };
  const { urn, type, custom, id, parent, protect, retainOnDelete, provider, initErrors } = state;
  return {
    ...{ urn, type, custom, id, parent, protect, retainOnDelete, provider, initErrors },
    inputs: mapProperties(state.inputs, hide),
    outputs: mapProperties(state.outputs, hide),
  };
}
