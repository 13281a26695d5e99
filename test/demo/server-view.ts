import type { Item } from "./inventory";
import { table } from "./terminal";

const KINDS = [
  { type: "Role", title: "Roles", place: false, columns: ["login", "connection limit", "member of"] },
  { type: "Database", title: "Databases", place: false, columns: ["owner", "encoding"] },
  { type: "Schema", title: "Schemas", place: true, columns: ["owner"] },
  { type: "Sequence", title: "Sequences", place: true, columns: ["owner", "type", "start"] },
  { type: "ReplicationSlot", title: "Replication slots", place: true, columns: ["type", "plugin", "active"] },
] as const;

/** What exists on the server, as one small table for each type; `rules`: the rows of pg_hba.conf as the server reads them. */
export function serverView(items: Item[], rules: string[][]): string {
  const parts = KINDS.map(({ type, title, place, columns }) => {
    const mine = items.filter((item) => item.type === type);
    if (mine.length === 0) return `${title}: none`;
    const rows = mine.map(({ name, database = "", details }) => [
      name,
      ...(place ? [database] : []),
      ...columns.map((column) => details[column] ?? ""),
    ]);
    return `${title}\n${table(["name", ...(place ? ["database"] : []), ...columns], rows)}`;
  });
  const file = table(["line", "type", "database", "user", "address", "method"], rules);
  return [...parts, `pg_hba.conf, as the server reads it\n${file}`].join("\n\n");
}
