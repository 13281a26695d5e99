/** A role to declare. */
export interface DeclaredRole {
  readonly name: string;
  readonly password: string;
}

/** The roles of a program, or of the plain client (`psql`): unlike names, so that both can be on one server. */
export function declaredRoles(owner: "role" | "psql", count: number, rotated: boolean): DeclaredRole[] {
  return Array.from({ length: count }, (_, index) => {
    const number = String(index + 1).padStart(6, "0");
    const generation = rotated && isRotated(index) ? "second" : "first_";
    return { name: `bench_${owner}_${number}`, password: `bench-${number}-${generation}` };
  });
}

/** Whether the role at this place gets a new password: every other one does. */
export function isRotated(index: number): boolean {
  return index % 2 === 0;
}
