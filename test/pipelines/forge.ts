/** What GitHub and GitLab keep, in memory, behind the part of their APIs that the pipelines use. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** A comment on the pull request, or an issue. */
export interface Entry {
  readonly id: number;
  readonly author: string;
  title: string;
  body: string;
  readonly state: "open";
  readonly labels: readonly string[];
}

/** What a token is for. */
export interface Token {
  readonly user: string;
  readonly permissions: Readonly<Record<string, string>>;
}

/** Who commits what a job does: the user that GitHub gives it, and the one of a token of GitLab. */
export const BOT = "github-actions[bot]";

/** An API on a port of this machine. */
export class Forge {
  readonly comments: Entry[] = [];
  readonly issues: Entry[] = [];
  /** Every request that changes something, and those that are refused. */
  readonly requests: string[] = [];
  private readonly tokens = new Map<string, Token>();
  private readonly server: Server;
  private count = 0;

  private constructor() {
    this.server = createServer((request, response) => {
      this.answer(request, response).catch((error: Error) => response.writeHead(500).end(error.message));
    });
  }

  /** Starts listening. */
  static async start(): Promise<Forge> {
    const forge = new Forge();
    await new Promise<void>((done) => forge.server.listen(0, "127.0.0.1", done));
    return forge;
  }

  /** Where it listens. */
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** A new token, for what it may do. */
  token(permissions: Readonly<Record<string, string>>, user = BOT): string {
    const name = `token-${this.tokens.size + 1}`;
    this.tokens.set(name, { user, permissions });
    return name;
  }

  /** A comment that is there already. */
  add(author: string, body: string): void {
    this.comments.push({ id: ++this.count, author, title: "", body, state: "open", labels: [] });
  }

  /** Ends it. */
  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", headers } = request;
    const url = new URL(request.url ?? "/", this.url);
    const token = this.tokens.get(String(headers["private-token"] ?? headers.authorization?.split(" ")[1]));
    const send = (status: number, body: unknown, extra = {}) => {
      if (method !== "GET" || status >= 400) this.requests.push(`${method} ${url.pathname}: ${status}`);
      response.writeHead(status, { "content-type": "application/json", ...extra }).end(JSON.stringify(body));
    };
    const route = ROUTES.find(({ path }) => path.test(url.pathname));
    if (token === undefined) return send(401, { message: "Bad credentials" });
    if (url.pathname === "/user") return send(200, { id: idOf(token.user) });
    if (route === undefined) return send(404, { message: "Not Found" });
    const allowed = [...(route.comments ? ["pull-requests"] : []), "issues", "api"];
    if (!allowed.some((name) => token.permissions[name] === "write"))
      return send(403, { message: "Resource not accessible by integration" });
    const entries = route.comments ? this.comments : this.issues;
    if (method === "GET") {
      const labels = url.searchParams.get("labels");
      const all = entries.filter((entry) => labels === null || entry.labels.includes(labels));
      const [size, page] = [Number(url.searchParams.get("per_page") ?? 30), Number(url.searchParams.get("page") ?? 1)];
      url.searchParams.set("page", String(page + 1));
      const link = page * size < all.length ? { link: `<${url}>; rel="next"` } : {};
      return send(200, all.slice((page - 1) * size, page * size).map(route.shown), link);
    }
    const given = JSON.parse(await text(request)) as Record<string, string | string[]>;
    const { title = "", body = given.description ?? "", labels = [], ...rest } = given;
    if ("state" in rest || "state_event" in rest) throw new Error("an issue would be closed");
    const fields = { title: String(title), body: String(body) };
    const id = route.path.exec(url.pathname)?.[1];
    const known = entries.find((one) => String(one.id) === id);
    if (id !== undefined && known === undefined) return send(404, { message: "Not Found" });
    if (known !== undefined) return send(200, route.shown(Object.assign(known, fields)));
    entries.push({ id: ++this.count, author: token.user, state: "open", labels: [labels].flat(), ...fields });
    return send(201, route.shown(entries.at(-1)!));
  }
}

const idOf = (user: string) => [...user].reduce((sum, one) => sum + one.charCodeAt(0), 0);

const onGitHub = ({ id, author, title, body, state, labels }: Entry) => ({
  ...{ id, number: id, user: { login: author }, title, body, state, labels: labels.map((name) => ({ name })) },
});
const noteOnGitLab = ({ id, author, body }: Entry) => ({ id, author: { id: idOf(author) }, body });
const issueOnGitLab = ({ id, author, title, body, labels }: Entry) => ({
  ...{ id: id + 1000, iid: id, author: { id: idOf(author) }, title, description: body, labels },
});

interface Route {
  /** With the id or the number of a single one. */
  readonly path: RegExp;
  readonly comments: boolean;
  readonly shown: (entry: Entry) => object;
}

const ROUTES: readonly Route[] = [
  { path: /^\/repos\/\w+\/\w+\/issues\/\d+\/comments$/, comments: true, shown: onGitHub },
  { path: /^\/repos\/\w+\/\w+\/issues\/comments\/(\d+)$/, comments: true, shown: onGitHub },
  { path: /^\/repos\/\w+\/\w+\/issues(?:\/(\d+))?$/, comments: false, shown: onGitHub },
  { path: /^\/projects\/\d+\/merge_requests\/\d+\/notes(?:\/(\d+))?$/, comments: true, shown: noteOnGitLab },
  { path: /^\/projects\/\d+\/issues(?:\/(\d+))?$/, comments: false, shown: issueOnGitLab },
];
