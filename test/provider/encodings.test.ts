import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodingName } from "../../provider/encodings";

/** Every encoding that a database can have, as `pg_encoding_to_char` writes it. */
const NAMES =
  "SQL_ASCII EUC_JP EUC_CN EUC_KR EUC_TW EUC_JIS_2004 UTF8 MULE_INTERNAL LATIN1 LATIN2 LATIN3 LATIN4 LATIN5 LATIN6 " +
  "LATIN7 LATIN8 LATIN9 LATIN10 WIN1256 WIN1258 WIN866 WIN874 KOI8R WIN1251 WIN1252 ISO_8859_5 ISO_8859_6 ISO_8859_7 " +
  "ISO_8859_8 WIN1250 WIN1253 WIN1254 WIN1255 WIN1257 KOI8U";

describe("encodingName", () => {
  it("knows every name of the server, in any case and with any punctuation", () => {
    for (const name of NAMES.split(" ")) {
      for (const spelling of [
        name,
        name.toLowerCase(),
        name.replaceAll("_", ""),
        name.replaceAll("_", "-"),
        ` ${name} `,
      ]) {
        assert.equal(encodingName(spelling), name, spelling);
      }
    }
  });

  const spellings: [spelling: string, name: string][] = [
    ["UTF-8", "UTF8"],
    ["utf_8", "UTF8"],
    ["Unicode", "UTF8"],
    ["ISO-8859-1", "LATIN1"],
    ["iso88592", "LATIN2"],
    ["ISO_8859_9", "LATIN5"],
    ["ISO-8859-15", "LATIN9"],
    ["ISO-8859-16", "LATIN10"],
    ["iso-8859-5", "ISO_8859_5"],
    ["koi8", "KOI8R"],
    ["windows-1252", "WIN1252"],
    ["Windows866", "WIN866"],
    ["win", "WIN1251"],
    ["alt", "WIN866"],
    ["abc", "WIN1258"],
    ["TCVN", "WIN1258"],
    ["tcvn5712", "WIN1258"],
    ["vscii", "WIN1258"],
    ["sql-ascii", "SQL_ASCII"],
  ];
  for (const [spelling, name] of spellings) {
    it(`${spelling} is ${name}`, () => assert.equal(encodingName(spelling), name));
  }

  // Encodings of clients only, and what is none.
  for (const spelling of [
    "SJIS",
    "BIG5",
    "GBK",
    "UHC",
    "GB18030",
    "JOHAB",
    "UTF16",
    "UTF",
    "",
    "-",
    "constructor",
    "cp1252",
  ]) {
    it(`${JSON.stringify(spelling)} is none`, () => assert.equal(encodingName(spelling), undefined));
  }
});
