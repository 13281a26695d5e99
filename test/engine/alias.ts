import type { GeneratorContext } from "./generator";
import { Bail } from "./generator";
import type { Alias, Goal } from "./goal";
import type { ResourceState } from "./state";
import { isStack, makeUrn, nameOf, qualifiedType, typeOf } from "./urn";

/** Finds the resource of the state that a registration is about: by its URN, or by a URN it had before. */
export class AliasResolver {
  /** From the URN in the state to the URN in the program. */
  private readonly renamed = new Map<string, string>();
  /** From the URN in the program to the URN in the state. */
  private readonly former = new Map<string, string>();

  constructor(private readonly context: GeneratorContext) {}

  /** The URN that the program now uses for a resource of the state. */
  current(urn: string): string {
    return this.renamed.get(urn) ?? urn;
  }

  /**
   * The resource of the state, if there is one, and the alias it was found by. An alias that is also claimed by
   * another registration stops the operation.
   */
  find(
    urn: string,
    goal: Goal,
    registered: ReadonlySet<string>,
  ): { old: ResourceState | undefined; alias: string | undefined } {
    const claimed = this.renamed.get(urn);
    if (claimed !== undefined) {
      this.refuse(urn, `Duplicate resource URN '${urn}' conflicting with alias on resource with URN '${claimed}'`);
    }
    const own = this.context.world.olds.get(urn);
    if (own !== undefined) return { old: own, alias: undefined };
    for (const alias of this.candidates(goal)) {
      const old = this.context.world.olds.get(alias);
      if (old === undefined) continue;
      const other = registered.has(alias) ? alias : this.renamed.get(alias);
      if (other !== undefined && alias !== urn) {
        const conflict = `applied to resource with URN '${urn}' conflicting with resource with URN '${other}'`;
        this.refuse(urn, `Duplicate resource alias '${alias}' ${conflict}`);
      }
      this.renamed.set(alias, urn);
      this.former.set(urn, alias);
      this.context.registry.alias(urn, alias);
      return { old, alias };
    }
    return { old: undefined, alias: undefined };
  }

  private refuse(urn: string, message: string): never {
    this.context.report("error", urn, message);
    throw new Bail();
  }

  /** The URNs the resource may have had: its aliases, and what follows from the alias its parent was found by. */
  private candidates(goal: Goal): string[] {
    const own = goal.aliases.map((alias) => this.collapse(goal, alias));
    const parent = this.former.get(goal.parent);
    if (parent === undefined) return own;
    const inherit = (type: string, name: string): string => {
      const parentName = nameOf(goal.parent);
      const before = name.startsWith(parentName) ? nameOf(parent) + name.slice(parentName.length) : name;
      const { stack, project } = this.context;
      return `urn:pulumi:${stack}::${project}::${qualifiedType(parent)}$${type}::${before}`;
    };
    return [...own, inherit(goal.type, goal.name), ...own.map((urn) => inherit(typeOf(urn), nameOf(urn)))];
  }

  private collapse(goal: Goal, alias: Alias): string {
    if ("urn" in alias) return alias.urn;
    let parent = goal.parent;
    if (alias.noParent) parent = "";
    else if (alias.parent) parent = this.former.get(alias.parent) ?? alias.parent;
    if (parent !== "" && isStack(parent)) parent = "";
    const { stack, project } = this.context;
    return makeUrn(
      alias.stack || stack,
      alias.project || project,
      parent,
      alias.type || goal.type,
      alias.name || goal.name,
    );
  }
}
