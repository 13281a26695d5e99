/** Configuration parameters of roles and databases. */

import fc from "fast-check";
import type { Json } from "../../../provider/values";
import { anyText } from "./text";

/** Parameters that every role may set, with values that the server takes. */
const SETTINGS: Readonly<Record<string, fc.Arbitrary<Json>>> = {
  statement_timeout: fc.constantFrom<Json>("30s", 0, 1500, "2min", "1h"),
  lock_timeout: fc.constantFrom<Json>("100ms", 5000),
  work_mem: fc.constantFrom<Json>("64MB", 65536, "1GB"),
  effective_cache_size: fc.constantFrom<Json>("8GB", 1024),
  random_page_cost: fc.constantFrom<Json>(1.1, "4", "2.5"),
  default_statistics_target: fc.integer({ min: 1, max: 10_000 }),
  enable_seqscan: fc.constantFrom<Json>(false, "on", true),
  default_transaction_isolation: fc.constantFrom<Json>("repeatable read", "serializable"),
  datestyle: fc.constantFrom<Json>("ISO, DMY", "German"),
  TimeZone: fc.constantFrom<Json>("UTC", "Europe/Vienna"),
  search_path: fc.oneof(
    fc.constantFrom<Json>('"$user", public', "sales", []),
    fc.array(
      anyText.filter((text) => text !== "" && Buffer.byteLength(text) < 64),
      { maxLength: 3 },
    ),
  ),
  application_name: fc.string({ unit: "grapheme-ascii", maxLength: 20 }),
  "my.setting": anyText,
  "My.Other_Setting": anyText,
};

/** Values of some parameters. */
export const anyConfig: fc.Arbitrary<Json> = fc
  .array(fc.constantFrom(...Object.keys(SETTINGS)), { minLength: 1, maxLength: 4 })
  .map((names) => [...new Set(names)])
  .chain((names) => fc.record(Object.fromEntries(names.map((name) => [name, SETTINGS[name] ?? anyText]))));
