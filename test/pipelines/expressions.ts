/** Expressions of GitHub Actions, evaluated by GitHub's own package. */

type Package = typeof import("@actions/expressions", { with: { "resolution-mode": "import" }});
type Data = InstanceType<Package["data"]["Dictionary"]>;

/** What an expression can see, by context: `github`, `env`, `steps` and so on. */
export type Contexts = Readonly<Record<string, unknown>>;

const STATUS = ["success", "failure", "always", "cancelled"] as const;

/** Evaluates expressions in one state of a job. */
export class Expressions {
  private constructor(
    private readonly actions: Package,
    private readonly contexts: Contexts,
    private readonly failed: boolean,
  ) {}

  /** Contexts to evaluate in. `failed`: whether a step of the job has failed. */
  static async in(contexts: Contexts, failed = false): Promise<Expressions> {
    return new Expressions(await import("@actions/expressions"), contexts, failed);
  }

  /** Whether a condition holds. One that asks for no status holds only as long as nothing has failed. */
  holds(condition: string): boolean {
    const inner = condition.replace(/^\$\{\{(.*)\}\}$/s, "$1").trim();
    const asks = STATUS.some((name) => new RegExp(`\\b${name}\\(`).test(inner));
    const value = this.evaluate(asks ? inner : `success() && (${inner})`);
    return !["", "false", "0"].includes(value);
  }

  /** A text with the values of its expressions in their places. */
  text(text: string): string {
    return text.replace(/\$\{\{(.*?)\}\}/gs, (_, expression: string) => this.evaluate(expression));
  }

  /** As {@link text}, for every value of an object. */
  texts(values: Readonly<Record<string, unknown>> = {}): Record<string, string> {
    return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, this.text(String(value))]));
  }

  private evaluate(expression: string): string {
    const { Lexer, Parser, Evaluator, data } = this.actions;
    const answers = { success: !this.failed, failure: this.failed, always: true, cancelled: false };
    const functions = STATUS.map((name) => {
      const call = () => new data.BooleanData(answers[name]);
      return [name, { name, minArgs: 0, maxArgs: 0, call }] as const;
    });
    const { tokens } = new Lexer(expression).lex();
    const parser = new Parser(
      tokens,
      Object.keys(this.contexts),
      functions.map(([, one]) => one),
    );
    const known = JSON.parse(JSON.stringify(this.contexts), data.reviver) as Data;
    return new Evaluator(parser.parse(), known, new Map(functions)).evaluate().coerceString();
  }
}
