/** Results as text in pieces, so that none of them is larger than one entry of a long list. */

const INDENT = '  ';
/** How deep in a result objects are still written field by field: a list among their fields is written by its entries. */
const LEVELS_OF_PIECES = 3;

/** A value as `JSON.stringify` lays it out so deep in a result: inside as many lists, without what is theirs. */
function laidOut(value: unknown, depth: number): string {
  let nested = value;
  for (let level = 0; level < depth; level++) nested = [nested];
  const text = JSON.stringify(nested, null, INDENT.length);
  // Each list is a bracket and an end of line on either side, indented once more than the one around it.
  const before = depth * (2 + (INDENT.length * (depth + 1)) / 2);
  const behind = depth * (2 + (INDENT.length * (depth - 1)) / 2);
  return text.slice(before, text.length - behind);
}

/** A list by its entries, an object by its fields, or anything else as it is. */
function* piecesOf(value: unknown, depth: number): Generator<string> {
  if (typeof value !== 'object' || value === null || depth === LEVELS_OF_PIECES) {
    yield laidOut(value, depth);
    return;
  }
  const isList = Array.isArray(value);
  const indent = `\n${INDENT.repeat(depth + 1)}`;
  let before = isList ? '[' : '{';
  for (const [key, item] of isList ? value.entries() : Object.entries(value)) {
    if (isList) {
      yield before + indent + laidOut(item, depth + 1);
    } else if (item === undefined) {
      continue; // as JSON.stringify does
    } else {
      yield `${before + indent + JSON.stringify(key)}: `;
      yield* piecesOf(item, depth + 1);
    }
    before = ',';
  }
  yield before === ',' ? `\n${INDENT.repeat(depth)}` : before;
  yield isList ? ']' : '}';
}

/** A result as JSON with two spaces, the same as `JSON.stringify` gives, and an end of line. */
export function* jsonPieces(result: object): Generator<string> {
  yield* piecesOf(result, 0);
  yield '\n';
}
