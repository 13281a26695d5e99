/** The arguments of providers that reach a server: what there is for a text in each, and what the session must be. */

import type fc from "fast-check";
import { hostileText, isNameable, isStorable } from "../texts";
import { isRoleName, type Place } from "./common";

/** An argument of a provider. */
export interface ProviderArgument {
  readonly name: string;
  readonly count: number;
  readonly texts: fc.Arbitrary<string>;
  /** Whether a text is taken without asking the server. */
  accepts(text: string): boolean;
  /** Statements that make what the text names, and that take it back: with names for `%I`, and the password for `%L`. */
  makes?(text: string, unique: string): readonly (readonly [statement: string, ...names: string[]])[];
  ends?(text: string, unique: string): readonly (readonly [statement: string, ...names: string[]])[];
  /** The settings with the text, beside host, port, and a superuser's login. */
  given(text: string, unique: string): Record<string, string>;
  /** What the session shows; `$1` is the text. */
  readonly asks: string;
  /** Whether nobody is let in with a text. Default: everybody is. */
  keptOut?(text: string): boolean;
}

/** An empty text is as good as none. */
const some = hostileText.filter((text) => text !== "");
/** Only of these there is a percent-encoding. */
const encodable = some.filter((text) => isStorable(text.replaceAll("\0", "")));
const SAME = "SELECT session_user = $1::text AND current_user = $1::text";
/** What the server takes for what a password has become already. */
const isVerifier = (text: string) =>
  /^md5[0-9a-f]{32}$|^SCRAM-SHA-256\$\d+:[\w+/=]+\$[\w+/]{43}=:[\w+/]{43}=$/.test(text);
const PASSWORD = "it's a password";

/** Every such argument. */
export function providerArguments({ database }: Place): ProviderArgument[] {
  const login = {
    ...{ texts: some, accepts: isNameable, asks: SAME, keptOut: (text: string) => !isRoleName(text) },
    makes: (text: string) => (isRoleName(text) ? [["CREATE ROLE %I LOGIN PASSWORD %L", text, PASSWORD] as const] : []),
    ends: (text: string) => (isRoleName(text) ? [["DROP ROLE %I", text] as const] : []),
  };
  const named = {
    ...{ count: 60, texts: some, accepts: isNameable, asks: "SELECT current_database() = $1::text" },
    makes: (text: string) => [["ALTER DATABASE %I RENAME TO %I", database, text] as const],
    ends: (text: string) => [["ALTER DATABASE %I RENAME TO %I", text, database] as const],
  };
  const called = { count: 80, texts: some, accepts: isStorable };
  const secret = {
    ...{ texts: some, accepts: isStorable, asks: "SELECT $1::text IS NOT NULL", keptOut: isVerifier },
    makes: (text: string, unique: string) => [["CREATE ROLE %I LOGIN PASSWORD %L", unique, text] as const],
    ends: (_: string, unique: string) => [["DROP ROLE %I", unique] as const],
  };
  const inUrl = (parts: string) => ({ url: `postgresql://${parts}` });
  return [
    { ...login, name: "user", count: 60, given: (user) => ({ user, password: PASSWORD }) },
    {
      ...{ ...login, name: "passwordCommand (its environment)", count: 40 },
      given: (user) => ({
        user,
        passwordCommand: `test "$PGUSER" = '${user.replaceAll("'", "'\\''")}' && echo "${PASSWORD}"`,
      }),
    },
    { ...secret, name: "password", count: 40, given: (password, user) => ({ user, password }) },
    { ...named, name: "database", given: (database) => ({ database }) },
    {
      ...{ ...login, name: "become", count: 60, accepts: (text: string) => isNameable(text) && text !== "none" },
      ...{ asks: "SELECT session_user <> $1::text AND current_user = $1::text" },
      given: (become) => ({ become }),
    },
    {
      ...{ ...called, name: "applicationName", given: (applicationName) => ({ applicationName }) },
      asks: "SELECT current_setting('application_name') = set_config('application_name', $1, false)",
    },
    {
      ...{ ...named, name: "url (its database)", count: 30, texts: encodable },
      given: (text) => inUrl(`/${encodeURIComponent(text)}`),
    },
    {
      ...{ ...called, name: "url (its options)", texts: encodable },
      // As libpq has it: a backslash keeps what ends a word.
      given: (text) => inUrl(`?options=${encodeURIComponent(`-c app.x=${text.replace(/[\s\\]/g, "\\$&")}`)}`),
      asks: "SELECT current_setting('app.x') = $1",
    },
  ];
}
