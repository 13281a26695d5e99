/**
 * The hooks of a dynamic resource that does nothing. The workspace gets a copy of the compiled file, which therefore
 * imports nothing. What the hooks answer lets the engine do just what it does for a role: `diff` leaves it to the
 * engine to show how a changed password differs, `read` returns inputs.
 */

interface Properties {
  readonly name?: string;
  readonly password?: string;
}

/** The hooks, as the provider text of a no-op resource calls them. */
export function hooks() {
  return {
    create: async (inputs: Properties) => ({ id: inputs.name, outs: inputs }),
    diff: async (_id: string, olds: Properties, news: Properties) => ({
      changes: olds.password === news.password ? false : undefined,
    }),
    update: async (_id: string, _olds: Properties, news: Properties) => ({ outs: news }),
    read: async (id: string, props: Properties) => ({ id, props, inputs: props }),
    delete: async () => undefined,
  };
}
