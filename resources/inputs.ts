import type * as pulumi from "@pulumi/pulumi";

/** Properties as a program may give them: every value, at any depth, may be an Output. */
export type InputsOf<P> = { [K in keyof P]: InputOf<P[K]> };

/** One Input of the whole type, not one of each of its parts: an `Output<boolean>` is no `Output<true>`. */
type InputOf<T> = pulumi.Input<Inside<T>>;

type Inside<T> = T extends readonly (infer E)[]
  ? InputOf<E>[]
  : T extends object
    ? { [K in keyof T]: InputOf<T[K]> }
    : T;

/** Properties as a resource offers them; whole numbers of 64 bits are text. */
export type OutputsOf<P> = { readonly [K in keyof P]-?: pulumi.Output<Plain<OutputOf<P[K]>>> };

type OutputOf<T> = bigint extends T ? Exclude<T, number | bigint> : T;

/** What the SDK's types take for a list, when they unwrap an Output or show a resource to a policy. */
type Plain<T> = T extends readonly (infer E)[] ? E[] : T;
