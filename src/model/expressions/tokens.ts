/** The words and signs of an expression, each with its place. */

/** What is wrong with an expression, and where: characters count from 1. */
export class ExpressionError extends Error {
  readonly character: number;

  constructor(message: string, character: number) {
    super(message);
    this.name = 'ExpressionError';
    this.character = character;
  }
}

/** A number, a text in quotes, a name such as `sramKiB.wbuf`, or a sign; `end` stands behind the last. */
export type Token =
  | { readonly kind: 'number'; readonly value: number; readonly text: string; readonly at: number }
  | { readonly kind: 'text'; readonly value: string; readonly text: string; readonly at: number }
  | { readonly kind: 'name' | 'sign' | 'end'; readonly text: string; readonly at: number };

const SPACE = /\s*/y;
const NUMBER = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
/** Letters of any script: the paper's notation has Greek ones. */
const NAME = /[\p{L}_$][\p{L}\p{N}_$]*(?:\.[\p{L}_$][\p{L}\p{N}_$]*)*/uy;
const TEXT = /'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"/sy;
/** Also signs of other languages, which are named as not known. */
const SIGN = /<=|>=|[=!]==?|&&|\|\||<<|>>|\*\*|\?\?|[-+*/%<>!?:(),[\]&|^~=;@#{}.]/y;
const LETTER = /[\p{L}\p{N}_$]/uy;

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

/** Splits an expression; throws an ExpressionError where something is no part of one. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    const found = matchAt(pattern, text, at);
    at += found?.length ?? 0;
    return found;
  };
  for (;;) {
    take(SPACE);
    const start = at;
    const place = start + 1;
    if (start === text.length) return [...tokens, { kind: 'end', text: '', at: place }];
    const number = take(NUMBER);
    if (number !== undefined) {
      tokens.push({ kind: 'number', value: numberOf(number, place), text: number, at: place });
      if (matchAt(LETTER, text, at) !== undefined) throw new ExpressionError('a name begins with a letter', place);
      continue;
    }
    const quoted = take(TEXT);
    if (quoted !== undefined) {
      const value = quoted.slice(1, -1).replace(/\\(.)/gs, '$1');
      tokens.push({ kind: 'text', value, text: quoted, at: place });
      continue;
    }
    const name = take(NAME);
    const found = name ?? take(SIGN);
    if (found === undefined) throw new ExpressionError(unknownIn(text, start), place);
    tokens.push({ kind: name === undefined ? 'sign' : 'name', text: found, at: place });
  }
}

function numberOf(text: string, at: number): number {
  const value = Number(text);
  if (!Number.isFinite(value)) throw new ExpressionError(`${text} is too large for a number`, at);
  return value;
}

function unknownIn(text: string, at: number): string {
  const character = String.fromCodePoint(text.codePointAt(at)!);
  return character === '"' || character === "'" ? 'a text does not end' : `${character} is not known`;
}
