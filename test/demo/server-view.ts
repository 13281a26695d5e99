import type { Item } from "./inventory";
import { table } from "./terminal";

const kinds = [
  { type: "Role", title: "Roles", columns: ["login", "connection limit", "member of"] },
  { type: "Database", title: "Databases", columns: ["owner", "encoding"] },
  { type: "Schema", title: "Schemas", columns: ["owner"] },
] as const;

/** What exists on the server, as one small table for each type. */
export function serverView(items: Item[]): string {
  const parts = kinds.map(({ type, title, columns }) => {
    const mine = items.filter((item) => item.type === type);
    if (mine.length === 0) return `${title}: none`;
    const place = type === "Schema" ? ["database"] : [];
    const rows = mine.map(({ name, database = "", details }) => [
      name,
      ...place.map(() => database),
      ...columns.map((column) => details[column] ?? ""),
    ]);
    return `${title}\n${table(["name", ...place, ...columns], rows)}`;
  });
  return parts.join("\n\n");
}
