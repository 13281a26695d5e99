import type * as pulumi from "@pulumi/pulumi";

/** Properties as a program may give them: every value, at any depth, may be an Output. */
export type InputsOf<P> = { [K in keyof P]: InputOf<P[K]> };

type InputOf<T> = T extends readonly (infer E)[] ? pulumi.Input<pulumi.Input<E>[]> : pulumi.Input<T>;

/** Properties as a resource offers them. */
export type OutputsOf<P> = { readonly [K in keyof P]-?: pulumi.Output<P[K]> };
