/** Names of character encodings, as `pg_char_to_encoding` knows them. */

const SERVER_ENCODINGS = [
  "SQL_ASCII EUC_JP EUC_CN EUC_KR EUC_TW EUC_JIS_2004 UTF8 MULE_INTERNAL KOI8R KOI8U",
  "LATIN1 LATIN2 LATIN3 LATIN4 LATIN5 LATIN6 LATIN7 LATIN8 LATIN9 LATIN10",
  "ISO_8859_5 ISO_8859_6 ISO_8859_7 ISO_8859_8",
  "WIN866 WIN874 WIN1250 WIN1251 WIN1252 WIN1253 WIN1254 WIN1255 WIN1256 WIN1257 WIN1258",
]
  .join(" ")
  .split(" ");

const ALIASES: Readonly<Record<string, string>> = {
  unicode: "UTF8",
  koi8: "KOI8R",
  iso88591: "LATIN1",
  iso88592: "LATIN2",
  iso88593: "LATIN3",
  iso88594: "LATIN4",
  iso88599: "LATIN5",
  iso885910: "LATIN6",
  iso885913: "LATIN7",
  iso885914: "LATIN8",
  iso885915: "LATIN9",
  iso885916: "LATIN10",
  alt: "WIN866",
  win: "WIN1251",
  abc: "WIN1258",
  tcvn: "WIN1258",
  tcvn5712: "WIN1258",
  vscii: "WIN1258",
};

const byKey = new Map<string, string>([
  ...SERVER_ENCODINGS.map((name): [string, string] => [keyOf(name), name]),
  ...SERVER_ENCODINGS.filter((name) => name.startsWith("WIN")).map((name): [string, string] => [
    keyOf(name.replace("WIN", "windows")),
    name,
  ]),
  ...Object.entries(ALIASES),
]);

/** The server's name of an encoding, or undefined for one that no database can have. */
export function encodingName(spelling: string): string | undefined {
  return byKey.get(keyOf(spelling));
}

/** The server compares letters and digits only, whatever their case. */
function keyOf(spelling: string): string {
  return spelling.replace(/[^A-Za-z0-9]/g, "").toLowerCase();
}
