/** The Provider's arguments that are about previews. */

import { InvalidValueError } from "../errors";

/** What previews show and ask. */
export interface PreviewSettings {
  /**
   * Whether previews show the SQL that `up` will send, as an input `sql` of each resource that changes, secrets left out.
   * Default false. Without `previewChecks`, the connected role is taken for a superuser of PostgreSQL 18.
   */
  showSql?: boolean | string;
  /**
   * Whether previews ask the server what `up` would run into: an owner that is missing, an object that is there already,
   * what stands in the way of a replacement. Default false: a preview needs no server.
   */
  previewChecks?: boolean | string;
}

/** Their names. */
export const PREVIEW_NAMES = ["showSql", "previewChecks"] as const satisfies readonly (keyof PreviewSettings)[];

/**
 * Reads them; what is not set is false.
 *
 * @throws InvalidValueError that names the argument
 */
export function resolvePreview(given: PreviewSettings): { readonly [K in keyof PreviewSettings]-?: boolean } {
  const flag = (name: keyof PreviewSettings) => {
    const text = String(given[name] ?? false) || "false";
    if (text !== "true" && text !== "false") throw new InvalidValueError(`${name} must be true or false`);
    return text === "true";
  };
  return { showSql: flag("showSql"), previewChecks: flag("previewChecks") };
}
