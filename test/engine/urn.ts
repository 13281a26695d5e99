/** The type of the resource that stands for the stack itself. */
export const STACK_TYPE = "pulumi:pulumi:Stack";
const PROVIDER_PREFIX = "pulumi:providers:";

/** The URN of a resource; a parent other than the stack is part of it, as the types before the `$`. */
export function makeUrn(stack: string, project: string, parent: string, type: string, name: string): string {
  const parentType = parent === "" ? "" : qualifiedType(parent);
  const prefix = parentType === "" || parentType === STACK_TYPE ? "" : `${parentType}$`;
  return `urn:pulumi:${stack}::${project}::${prefix}${type}::${name}`;
}

/** The types of a resource and its parents, joined with `$`. */
export function qualifiedType(urn: string): string {
  return urn.split("::")[2] ?? "";
}

/** The type of a resource without its parents' types. */
export function typeOf(urn: string): string {
  return qualifiedType(urn).split("$").pop() ?? "";
}

/** The name the program gave the resource. */
export function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

/** Whether the URN is that of the stack resource. */
export function isStack(urn: string): boolean {
  return qualifiedType(urn) === STACK_TYPE;
}

/** Whether a type is that of a provider resource. */
export function isProviderType(type: string): boolean {
  return type.startsWith(PROVIDER_PREFIX);
}

/** Whether the URN is that of a provider that the engine made itself. */
export function isDefaultProvider(urn: string): boolean {
  return isProviderType(typeOf(urn)) && /^default(_|$)/.test(nameOf(urn));
}

/** The type of the provider resource of a package. */
export function providerType(pkg: string): string {
  return PROVIDER_PREFIX + pkg;
}

/** The package that a resource type belongs to: `pulumi-nodejs` for `pulumi-nodejs:dynamic/pgmob:Role`. */
export function packageOf(type: string): string {
  return isProviderType(type) ? type.slice(PROVIDER_PREFIX.length) : (type.split(":")[0] ?? "");
}

/** The URN and the id in a provider reference (`URN::ID`). */
export function parseProvider(reference: string): { urn: string; id: string } {
  const cut = reference.lastIndexOf("::");
  return { urn: reference.slice(0, cut), id: reference.slice(cut + 2) };
}
