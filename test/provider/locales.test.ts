import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { icuLocale, locale } from "../../provider/locales";
import { sameValue, type ValueType } from "../../provider/values";

const table: [type: ValueType, left: string, right: string, same: boolean][] = [
  [locale, "en_US.UTF-8", "en_US.utf8", true],
  [locale, "C.UTF-8", "C.utf8", true],
  [locale, "POSIX", "C", true],
  [locale, "C", "C.UTF-8", false],
  [locale, "de_DE.ISO-8859-15@euro", "de_DE.iso885915@euro", true],
  [locale, "de_DE.utf8@euro", "de_DE.utf8", false],
  [locale, "en_US.utf8", "en_GB.utf8", false],
  [icuLocale, "en_us", "en-US", true],
  [icuLocale, "de-u-co-phonebk", "DE_u_co_PHONEBK", true],
  [icuLocale, "de-u-ks-level1-co-phonebk", "de-u-co-phonebk-ks-level1", true],
  [icuLocale, "und-u-kn-true", "und-u-kn", true],
  [icuLocale, "root", "und", true],
  [icuLocale, "de", "de-AT", false],
];
describe("what is the same", () => {
  for (const [type, left, right, same] of table) {
    it(`${left} ${same ? "is" : "is not"} ${right}`, () => assert.equal(sameValue(type, left, right), same));
  }
});

it("what is no locale", () => {
  for (const value of ["", 5, "a\0b"]) assert.ok(!locale.accepts(value), String(value));
  for (const value of ["", 5, "de@collation=phonebook", "a b", "-"])
    assert.ok(!icuLocale.accepts(value), String(value));
});
