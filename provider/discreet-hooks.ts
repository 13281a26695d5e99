/** Hooks of any type that show nobody what the program has marked as secret: it is in no message. */

import type { Difference } from "./check";
import type { Hooks } from "./configured-hooks";
import type { CheckFailure, Values } from "./definition";
import { PartialFailure, quietError } from "./host-errors";
import { Secrets } from "./secrets";
import type { Json } from "./values";

/** The hidden input, and output, that says where secrets are: the resource knows, a hook is not told by the engine. */
const SECRETS_KEY = "__secrets";

/** Hooks around others, which never see that input. */
export class DiscreetHooks implements Hooks {
  constructor(private readonly hooks: Hooks) {}

  configure(request: Parameters<Hooks["configure"]>[0]): Promise<void> {
    return this.hooks.configure(request);
  }

  async check(olds: Values, news: Values): Promise<{ inputs: Values; failures: CheckFailure[] }> {
    return withholding([olds, news], async (secrets, [before, after]) => {
      const { inputs, failures } = await this.hooks.check(before, after);
      return { inputs: noted(inputs, news), failures: failures.map((failure) => discreet(failure, secrets)) };
    });
  }

  async diff(id: string, olds: Values, news: Values): Promise<Difference> {
    return withholding([olds, news], (_, [before, after]) => this.hooks.diff(id, before, after));
  }

  async create(inputs: Values): Promise<{ id: string; outs: Values }> {
    return withholding([inputs, inputs], async (_, [, plain]) => {
      const { id, outs } = await this.hooks.create(plain);
      return { id, outs: noted(outs, inputs) };
    });
  }

  async read(id: string, properties: Values): Promise<{ id?: string; props?: Values; inputs?: Values }> {
    return withholding([properties, properties], async (_, [, plain]) => {
      const { props, inputs, ...found } = await this.hooks.read(id, plain);
      return {
        ...found,
        ...(props && { props: noted(props, properties) }),
        ...(inputs && { inputs: noted(inputs, properties) }),
      };
    });
  }

  async update(id: string, olds: Values, news: Values): Promise<{ outs: Values }> {
    return withholding([olds, news], async (_, [before, after]) => {
      const { outs } = await this.hooks.update(id, before, after);
      return { outs: noted(outs, news) };
    });
  }

  async delete(id: string, properties: Values): Promise<void> {
    return withholding([properties, properties], (_, [, plain]) => this.hooks.delete(id, plain));
  }
}

type BeforeAndAfter = readonly [before: Values, after: Values];

/** Runs a hook with what is before and after, whose errors do not show what of either is secret. */
async function withholding<T>(
  [before, after]: BeforeAndAfter,
  task: (secrets: Secrets, plain: BeforeAndAfter) => Promise<T>,
): Promise<T> {
  const both = [before, after].map(({ [SECRETS_KEY]: _, ...plain }) => plain) as [Values, Values];
  const paths = [before, after].flatMap(({ [SECRETS_KEY]: paths }) => (Array.isArray(paths) ? paths : []));
  const secrets = new Secrets(paths.filter(Array.isArray), both);
  try {
    return await task(secrets, both);
  } catch (error) {
    if (error instanceof PartialFailure) {
      const [reason, ...reasons] = error.reasons;
      throw new PartialFailure(error.id, noted(error.properties, after), [
        secrets.withheld(reason),
        ...reasons.map((one) => secrets.withheld(one)),
      ]);
    }
    const message = error instanceof Error ? error.message : String(error);
    const said = secrets.withheld(message);
    throw said === message ? error : quietError(new Error(said));
  }
}

/** The engine prints the value of the property that a failure names: of one with a secret it is told in the reason. */
function discreet({ property, reason }: CheckFailure, secrets: Secrets): CheckFailure {
  if (!secrets.areIn(property)) return { property, reason: secrets.withheld(reason) };
  return { property: "", reason: secrets.withheld(`${property} ${reason}`) };
}

function noted(values: Values, { [SECRETS_KEY]: paths }: Values): Values {
  return paths === undefined ? values : { ...values, [SECRETS_KEY]: paths as Json };
}
