/**
 * Text of the user's files on its way to a terminal, a table or a message: nothing in it moves a cursor, forges a line
 * or hides. Control, format and separator characters and lone surrogates are written as escapes.
 */

/** Also what changes the direction of the text around it (Cf), and what Unicode calls line and paragraph separators. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
/** What is escaped in text of several lines of ours: line ends are not. */
const UNPRINTABLE_IN_LINES = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
/** What JSON leaves as it is. */
const UNPRINTABLE_IN_JSON = /[\x7f-\x9f\p{Cf}\p{Zl}\p{Zp}]/gu;

const SHORT_ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
const HEX = 16;
const DIGITS = 4;

/** A character as the escapes of its UTF-16 units, as in JSON: `\u001b`. */
function escaped(character: string): string {
  const short = SHORT_ESCAPES[character];
  if (short !== undefined) return short;
  return Array.from(
    { length: character.length },
    (_, place) => `\\u${character.charCodeAt(place).toString(HEX).padStart(DIGITS, '0')}`,
  ).join('');
}

/** Text in one line that can be shown: `a\nb` for two lines. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, escaped);
}

/** Text of several lines that can be shown: all but its line ends is printable. */
export function printableLines(text: string): string {
  return text.replace(UNPRINTABLE_IN_LINES, escaped);
}

/** Text of several lines with tabs between columns that can be shown: all but tabs and line ends is printable. */
export function printableColumns(text: string): string {
  return text.split('\t').map(printableLines).join('\t');
}

/** JSON text in which nothing but printable characters and line ends stands; it means the same. */
export function printableJson(json: string): string {
  return json.replace(UNPRINTABLE_IN_JSON, escaped);
}

const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit < 0xe000;

/** Text with at most `most` of its characters, the middle left out: beginning and end tell names apart. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  let head = Math.ceil((most - 1) / 2);
  let tail = text.length - Math.floor((most - 1) / 2);
  // Pairs of surrogates stay together.
  if (isLowSurrogate(text.charCodeAt(head))) head--;
  if (isLowSurrogate(text.charCodeAt(tail))) tail++;
  return `${text.slice(0, head)}…${text.slice(tail)}`;
}

const LONGEST_NAME = 80;

/** A name from a file as messages and tables show it: printable, and cut in the middle where it is very long. */
export function shownName(name: string): string {
  return printable(shortened(name, LONGEST_NAME));
}

/** What a spreadsheet takes for the beginning of a formula. */
const FORMULA = /^[=+\-@]/;

/**
 * A text as a cell of CSV: printable but for line ends, which quotes keep apart from those of rows, and behind an
 * apostrophe where a spreadsheet could take it for a formula.
 */
export function cellText(text: string): string {
  const shown = printableLines(text);
  return FORMULA.test(shown) ? `'${shown}` : shown;
}
