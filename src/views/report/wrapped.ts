/** Prose in lines that fit. */
import stringWidth from 'string-width';

/** Most text is of characters that are one column wide each. */
const ONE_COLUMN_EACH = /^[\x20-\x7e]*$/;

/** The columns of a terminal that a text takes. */
export function widthOf(text: string): number {
  return ONE_COLUMN_EACH.test(text) ? text.length : stringWidth(text);
}

/** Further lines of a paragraph are indented by so much more. */
const HANGING = '  ';

/**
 * Items on as many lines as they need, none wider than `width` unless one item is; further lines begin with `indent`.
 */
export function wrappedItems(items: readonly string[], between: string, width: number, indent: string): string[] {
  const lines: string[] = [];
  let line: string | undefined;
  for (const item of items) {
    const longer: string = line === undefined ? item : `${line}${between}${item}`;
    if (line !== undefined && widthOf(longer) > width) {
      lines.push(line.trimEnd());
      line = `${indent}${item}`;
    } else {
      line = longer;
    }
  }
  return line === undefined ? [] : [...lines, line];
}

/** What is to be typed stays in one line. */
const COMMAND = /npx systole /;

/** A text whose lines are no wider than `width`: those that are go on in the next, indented by two more. */
export function wrapped(text: string, width: number): string {
  return text
    .split('\n')
    .flatMap((line) => {
      if (widthOf(line) <= width || COMMAND.test(line)) return [line];
      const indent = /^ */.exec(line)![0];
      const [first = '', ...words] = line.slice(indent.length).split(' ');
      return wrappedItems([indent + first, ...words], ' ', width, indent + HANGING);
    })
    .join('\n');
}

const CUT = '…';

/** The beginning of a text that takes at most so many columns. */
function startOf(characters: readonly string[], width: number): string {
  let taken = 0;
  let start = '';
  for (const character of characters) {
    taken += widthOf(character);
    if (taken > width) break;
    start += character;
  }
  return start;
}

/** A text that takes at most `width` columns: of a wider one the middle is left out. */
export function cutInside(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  const characters = [...text];
  const room = Math.max(0, width - 1);
  const end = startOf(characters.toReversed(), Math.floor(room / 2));
  return `${startOf(characters, Math.ceil(room / 2))}${CUT}${[...end].reverse().join('')}`;
}

/** As many items of a list as take at most `width` columns with `, ` between them, and whether there are more. */
export function cutList(items: readonly string[], width: number): string {
  const whole = items.join(', ');
  if (widthOf(whole) <= width) return whole;
  let shown = '';
  for (const item of items) {
    const longer = shown === '' ? item : `${shown}, ${item}`;
    if (widthOf(longer) + 1 + CUT.length > width) break;
    shown = longer;
  }
  return shown === '' ? cutInside(items[0]!, width) : `${shown} ${CUT}`;
}
