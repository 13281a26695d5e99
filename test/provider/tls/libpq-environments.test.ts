import assert from "node:assert/strict";
import { it } from "node:test";
import { PARAMETER_VARIABLES } from "../../../provider/connection-parameters";
import { ENVIRONMENTS, type World } from "./libpq-environments";

it("the table has every variable that is taken over", () => {
  const file = (name: string) => name;
  const [tls, other] = [
    { port: "1", password: "p", socket: "/s" },
    { port: "2", password: "p" },
  ];
  const authority = { cert: "", issue: async () => assert.fail(), revoke: async () => assert.fail() };
  const world: World = {
    ...{ home: "", tls, other, ours: authority, theirs: authority, client: { cert: "", key: "" }, file },
  };
  const set = new Set(ENVIRONMENTS.flatMap(([, , environment]) => Object.keys(environment(world))));
  const elsewhere = ["PGSSLCRL", "PGSSLNEGOTIATION", "PGSSLMINPROTOCOLVERSION", "PGSSLMAXPROTOCOLVERSION"];
  assert.deepEqual([...PARAMETER_VARIABLES].filter((name) => !set.has(name)).sort(), elsewhere.sort());
});
