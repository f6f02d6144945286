/** Results as text in pieces, so that none of them is larger than one entry of a long list. */

const INDENT = '  ';
/** How deep in a result its entries are written piece by piece: the fields of the layers of `layers`. */
const LEVELS_OF_PIECES = 3;
/** Many layers of a network are alike, and share their figures. */
const MOST_REMEMBERED = 256;

/** Lays out JSON as `JSON.stringify` does. */
class JsonPieces {
  private readonly remembered = new Map<object, { readonly depth: number; readonly text: string }>();

  /** A value that stands so deep; its entries in pieces for so many levels. */
  *of(value: unknown, depth: number, levels: number): Generator<string> {
    if (typeof value !== 'object' || value === null) {
      yield JSON.stringify(value ?? null);
      return;
    }
    const isList = Array.isArray(value);
    if (levels === 0 || (isList ? value : Object.keys(value)).length === 0) {
      yield this.whole(value, depth);
      return;
    }
    let before = isList ? '[' : '{';
    for (const [prefix, item] of entriesOf(value)) {
      yield `${before}\n${INDENT.repeat(depth + 1)}${prefix}`;
      yield* this.of(item, depth + 1, levels - 1);
      before = ',';
    }
    yield `\n${INDENT.repeat(depth)}${isList ? ']' : '}'}`;
  }

  /** A line's end within a text is escaped, so that each is one of the layout. */
  private whole(value: object, depth: number): string {
    const known = this.remembered.get(value);
    if (known?.depth === depth) return known.text;
    const text = JSON.stringify(value, null, INDENT.length).replaceAll('\n', `\n${INDENT.repeat(depth)}`);
    if (this.remembered.size === MOST_REMEMBERED) this.remembered.clear();
    this.remembered.set(value, { depth, text });
    return text;
  }
}

/** The entries of a list or an object, each behind its key; what is undefined is left out of an object. */
function* entriesOf(value: object): Generator<readonly [prefix: string, value: unknown]> {
  if (Array.isArray(value)) {
    for (const item of value) yield ['', item];
    return;
  }
  for (const [key, item] of Object.entries(value)) if (item !== undefined) yield [`${JSON.stringify(key)}: `, item];
}

/** A result as JSON with two spaces, the same as `JSON.stringify` gives, and an end of line. */
export function* jsonPieces(result: object): Generator<string> {
  yield* new JsonPieces().of(result, 0, LEVELS_OF_PIECES);
  yield '\n';
}
