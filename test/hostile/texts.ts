/** Texts that quoting, encodings, lengths and formats go wrong with, made from the seed of the run. */

import fc from "fast-check";
import { quoted } from "../../provider/sql";
import { UNKNOWN } from "../../provider/unknown";
import { seed } from "../support/seed";

/** How many times as many texts as usual are tried: `PGMOB_HOSTILE_TIMES`. */
const TIMES = Number(process.env.PGMOB_HOSTILE_TIMES ?? 1);

/** A number of texts, as many times as usual as is asked for. */
export function scaled(count: number): number {
  return Math.ceil(count * TIMES);
}

/** How the engine, and the SDK, mark a secret, an asset and the like: as the key, and as the value, of an object. */
export const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SIGNATURES = [SIGNATURE, "1b47061264138c4ac30d75fd1eb44270", "c44067f5952c0a294b673a41bacd8c17"];

/** Texts that somebody has broken something with before. */
const KNOWN: readonly string[] = [
  ..."'|''|\"|\"\"|`|´|‘x’|“x”|«x»|＇|＂|\\|\\\\|\\'|\\\"|'\\|\"\\|\\''; |$$|$x$|$$;$$|$1|$\x7bx}|{{x}}".split("|"),
  ..."'; DROP TABLE canary; --|\"; DROP TABLE canary; --|\\'; DROP TABLE canary; --|$$; DROP TABLE canary; --".split(
    "|",
  ),
  ..."x' OR '1'='1|'||(SELECT 1)||'|*/ x /*|/* x|-- x|x --|#x|x#y|;|;;|x;y|(|)|(x)|[x]|{x}|{\"x\"}|{NULL}|NULL|null".split(
    "|",
  ),
  ..."E'x'|U&'\\0041'|U&\"x\"|B'1'|X'1F'|:x|:'x'|:\"x\"|\\d|\\!id|\\copy x|\\gexec|\\;|%|%s|%I|%L|%%|%n|%1$s|%x|?|*".split(
    "|",
  ),
  ..."@x|@|+x|+|/x|/|/.*|~x|-x|--|x,y|,|,,|=|x=y|a.b|a.b.c|.|..|../..|../../etc/passwd|x/y|x\\y|C:\\|~/x|$PGDATA".split(
    "|",
  ),
  ..."`id`|$(id)|$HOME|;id|\\|id|&&id|>x|<x|x&y|!x|true|false|on|off|default|DEFAULT|all|none|public|user|current_user".split(
    "|",
  ),
  ..."session_user|replication|sameuser|samerole|samegroup|select|table|group|order|role|owner|to|as|pg_x|PG_x|pg_".split(
    "|",
  ),
  ..."__proto__|constructor|prototype|toString|hasOwnProperty|valueOf|length|name|then|toJSON|undefined|NaN|Infinity".split(
    "|",
  ),
  ..."0|-1|1e309|0x10|1.5|9223372036854775808|infinity|2030-01-01|2030-13-45|🐘|👩‍👩‍👧|naïve|İ|ı|ſ|K|ẞ|ß|ﬀ|ﷺ|𝒳|日本語".split(
    "|",
  ),
  ..."اللغة|עברית|\u202Ex\u202C|\u200Fx|\u200Bx|x\u200D|\u00A0x|\u3000x|\uFEFFx|e\u0301|\u0301|a\u0300\u0316|\u2028|\u2029".split(
    "|",
  ),
  ...[
    " ",
    "  ",
    " x",
    "x ",
    "\t",
    "x\ty",
    "\n",
    "x\ny",
    "x\r\ny",
    "\r",
    "x\n",
    "\nx",
    "\v",
    "\f",
    "\b",
    "\u0001",
    "\u007f",
  ],
  ...["\u0085", "\u001b[31mx", "\u009b", "\ufffd", "\uffff", "\u{10ffff}", "\u{1f468}", "x\u0000y", "\u0000", "\ud800"],
  ...["\udc00", "x\ud800y", "\udc00\ud800", "\u{e0001}"],
  ...[
    "host all all all trust",
    'x"\nhost all all all trust #',
    "x # pgmob name=y order=0",
    "# pgmob name=x",
    "\\\n",
    "x \\",
  ],
  ...[
    "<script>",
    "&amp;",
    "%00",
    "%2e",
    "%c0%ae",
    "%zz",
    "a%2Fb",
    "[secret]",
    "(changed outside of Pulumi)",
    "[unknown]",
  ],
  ...[UNKNOWN, `x${UNKNOWN}`, ...SIGNATURES, `{"${SIGNATURE}":"${SIGNATURES[1]}"}`, "secret", "v1:x:y", "urn:pulumi:x"],
  ...["md5d41d8cd98f00b204e9800998ecf8427e", "SCRAM-SHA-256$4096:x$y:z", "postgresql://u:p@h/d", "04da6b54"],
];

/** Pieces that texts are put together from. */
const PIECES = fc.constantFrom(
  ..."'\"\\`$%;:,.#@+/*-=~^|&?!()[]{}<> _aZ09\t\n\r".split(""),
  ..."''|\"\"|\\'|$$|--|/*|*/|%s|%I|$1|é|ß|ñ|€|漢|🐘|e\u0301|\u202e|\u200d|\u00a0|\u0000|\ud800|\udfff|NULL|select".split(
    "|",
  ),
);

/** Numbers of bytes around the limit of names. */
const LENGTHS = [1, 2, 62, 63, 64, 65, 126, 127, 128];

/** A text of just so many bytes where its characters allow it, else of one or two fewer, or one too many. */
const ofLength = fc
  .tuple(fc.constantFrom(...LENGTHS), fc.constantFrom("x", "é", "漢", "🐘", "'", '"', "\\"), fc.boolean())
  .map(([bytes, char, over]) => {
    const whole = char.repeat(Math.floor(bytes / Buffer.byteLength(char)));
    return over ? `${whole}${char}` : whole.padEnd(whole.length + bytes - Buffer.byteLength(whole), "y");
  });

const composed = fc.string({ unit: PIECES, maxLength: 24 });

/** Any hostile text, from none at all to several hundred bytes. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...KNOWN) },
  { weight: 3, arbitrary: fc.tuple(composed, fc.constantFrom(...KNOWN), composed).map((parts) => parts.join("")) },
  { weight: 4, arbitrary: composed },
  { weight: 2, arbitrary: ofLength },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 20 }) },
  { weight: 1, arbitrary: fc.constant("") },
);

/** As {@link hostileText}, and now and then very long. */
export const hostileLongText: fc.Arbitrary<string> = fc.oneof(
  { weight: 60, arbitrary: hostileText },
  {
    weight: 1,
    arbitrary: fc.tuple(hostileText, fc.integer({ min: 10, max: 3000 })).map(([text, n]) => text.repeat(n)),
  },
);

/** Different texts of a kind, the same for the same seed, as many as are asked for. */
export function distinct(texts: fc.Arbitrary<string>, count: number, salt: string): string[] {
  const salted = [...salt].reduce((sum, char) => (Math.imul(sum, 31) + char.charCodeAt(0)) | 0, seed);
  const found = new Set<string>();
  for (let round = 0; found.size < count && round < 20; round++)
    for (const text of fc.sample(texts, { numRuns: count, seed: salted + round }))
      if (found.size < count) found.add(text);
  return [...found];
}

/** Whether PostgreSQL can hold a text: judged by other means than the code under test. */
export function isStorable(text: string): boolean {
  return !text.includes("\0") && Buffer.from(text, "utf8").toString("utf8") === text;
}

/** Whether a text can be a name: judged by other means than the code under test. */
export function isNameable(text: string): boolean {
  const bytes = Buffer.from(text, "utf8").length;
  return isStorable(text) && bytes > 0 && bytes < 64;
}

/** Whether a message has a hole where something should be. The text that it quotes may be, or have, that very word. */
export function hasHole(message: string, text: string): boolean {
  const quotations = [quoted(text), JSON.stringify(text)];
  return quotations.reduce((left, quotation) => left.replaceAll(quotation, ""), message).includes("undefined");
}
