export { type OperationOptions, type OperationResult, Stack, type StackOptions } from "./stack";
export type { Deployment, StoredResource } from "./state";
