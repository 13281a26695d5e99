/**
 * Loaded first in every process of the SDK that the engine starts. The SDK loads TypeScript and npm's dependency resolver
 * at every start, which is most of the start's time, and uses them for what it serialises of functions alone: they are
 * loaded here when something in them is asked for, and then they are just themselves.
 */

import { createRequire } from "node:module";

const LATER: readonly string[] = ["typescript", "@npmcli/arborist"];

/** As the script that is being started finds modules. */
const requireThere = createRequire(process.argv[1] ?? __filename);

/** What stands for a module until something in it is asked for. */
function later(file: string): object {
  let loaded: object | undefined;
  const module = (): object => {
    if (loaded === undefined) {
      delete requireThere.cache[file];
      loaded = requireThere(file) as object;
    }
    return loaded;
  };
  return new Proxy(Object.create(null), {
    // Whoever imports it takes it for a module of this kind, and does not copy what is in it.
    get: (_target, key) => (key === "__esModule" ? true : Reflect.get(module(), key)),
    has: (_target, key) => Reflect.has(module(), key),
    ownKeys: () => Reflect.ownKeys(module()),
    getOwnPropertyDescriptor: (_target, key) => {
      const found = Reflect.getOwnPropertyDescriptor(module(), key);
      return found && { ...found, configurable: true };
    },
  });
}

for (const name of LATER) {
  try {
    const file = requireThere.resolve(name);
    requireThere.cache[file] = { id: file, filename: file, loaded: true, exports: later(file) } as NodeModule;
  } catch {
    // Not installed: the SDK has its own way then.
  }
}
