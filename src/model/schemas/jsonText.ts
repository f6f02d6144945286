/**
 * JSON text as files hold it: strictly JSON, no key twice, brackets only so deep. The engine's own parser does the work;
 * what is wrong, and where, is looked for only when something is.
 */
import { withoutMark } from './byteOrderMark.ts';
import { printable, shortened } from './printable.ts';

/** Brackets inside one another: no file of ours needs a tenth of them, and what looks at a value may call itself. */
export const MOST_LEVELS = 200;

const LONGEST_KEY = 40;
/** It would change what an object is, not what it holds. */
const PROTO = '__proto__';

/** What is wrong with a text, and where; lines and columns count from 1. */
export interface JsonFault {
  readonly line: number;
  readonly column: number;
  readonly what: string;
}

/** A parsed text, or why it is none. */
export type ParsedJson = { readonly value: unknown } | { readonly fault: JsonFault };

/** Character codes that decide what comes next. */
const CODE = {
  quote: 0x22,
  backslash: 0x5c,
  colon: 0x3a,
  openBracket: 0x5b,
  closeBracket: 0x5d,
  openBrace: 0x7b,
  closeBrace: 0x7d,
} as const;

/** The place of the quote that ends the string that begins at `start`; the text's length if none does. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    at = text.indexOf('"', at);
    if (at < 0) return text.length;
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === CODE.backslash) backslashes++;
    if (backslashes % 2 === 0) return at;
  }
  return text.length;
}

/** How deep the brackets of a text go, and how many members its objects have, duplicates counted. */
function outlineOf(text: string): { readonly levels: number; readonly members: number } {
  let levels = 0;
  let level = 0;
  let members = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case CODE.quote:
        at = endOfString(text, at);
        break;
      case CODE.colon:
        members++;
        break;
      case CODE.openBracket:
      case CODE.openBrace:
        if (++level > levels) levels = level;
        break;
      case CODE.closeBracket:
      case CODE.closeBrace:
        level--;
    }
  }
  return { levels, members };
}

/** The members of all objects of a value; fewer than in its text where a key stood there twice. NaN if one is __proto__. */
function membersOf(value: unknown): number {
  const open: unknown[] = [value];
  let members = 0;
  while (open.length > 0) {
    const part = open.pop();
    if (typeof part !== 'object' || part === null) continue;
    if (Array.isArray(part)) {
      for (const each of part) if (typeof each === 'object') open.push(each);
      continue;
    }
    for (const key of Object.keys(part)) {
      members++;
      if (key === PROTO) return Number.NaN;
      const each = (part as Record<string, unknown>)[key];
      if (typeof each === 'object') open.push(each);
    }
  }
  return members;
}

/** Parses JSON, a byte order mark before it left aside. */
export function parseJsonText(text: string): ParsedJson {
  const json = withoutMark(text);
  const { levels, members } = outlineOf(json);
  if (levels <= MOST_LEVELS) {
    try {
      const value = JSON.parse(json) as unknown;
      if (membersOf(value) === members) return { value };
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  return { fault: new FaultFinder(json).find() };
}

const SPACE = /[\t\n\r ]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /[A-Za-z_$][\w$]*/y;
const WORDS: readonly string[] = ['true', 'false', 'null'];
const ESCAPE = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y;

/** An object or a list that is being read. */
interface Opened {
  /** The keys that an object has so far. */
  readonly keys: Set<string> | undefined;
  isEmpty: boolean;
}

/** Found something wrong. */
class Fault extends Error {
  readonly at: number;

  constructor(at: number, what: string) {
    super(what);
    this.at = at;
  }
}

/** Reads a text in which something is wrong up to there, by a loop: however deep it is, its own stack grows. */
class FaultFinder {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  find(): JsonFault {
    try {
      this.read();
    } catch (error) {
      if (error instanceof Fault) return this.placed(error);
      throw error;
    }
    // The engine found something that this reader does not know of.
    return { line: 1, column: 1, what: 'it cannot be read' };
  }

  private placed({ at, message }: Fault): JsonFault {
    let line = 1;
    let begin = 0;
    for (let end = this.text.indexOf('\n'); end >= 0 && end < at; end = this.text.indexOf('\n', begin)) {
      line++;
      begin = end + 1;
    }
    return { line, column: at - begin + 1, what: message };
  }

  private fail(what: string, at = this.at): never {
    throw new Fault(at, what);
  }

  /** Fails at what stands here. */
  private unexpected(wanted: string): never {
    const found = this.at < this.text.length ? printable(String.fromCodePoint(this.text.codePointAt(this.at)!)) : '';
    return this.fail(found === '' ? `it ends where ${wanted} is missing` : `${found} where ${wanted} is expected`);
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  private take(character: string): boolean {
    if (this.text[this.at] !== character) return false;
    this.at++;
    return true;
  }

  private read(): void {
    const opened: Opened[] = [];
    do {
      const inner = opened.at(-1);
      if (inner !== undefined && this.closes(inner)) opened.pop();
      else {
        const begun = this.valueIn(inner);
        if (begun !== undefined && opened.push(begun) > MOST_LEVELS) {
          this.fail(`more than ${MOST_LEVELS} brackets inside one another`, this.at - 1);
        }
      }
    } while (opened.length > 0);
    this.match(SPACE);
    if (this.at < this.text.length) this.unexpected('the end');
  }

  /** Whether what is open ends here; else the comma before its next value has been read. */
  private closes(inner: Opened): boolean {
    const close = inner.keys === undefined ? ']' : '}';
    this.match(SPACE);
    if (this.take(close)) return true;
    if (!inner.isEmpty && !this.take(',')) this.unexpected(`a comma or ${close}`);
    inner.isEmpty = false;
    return false;
  }

  /** Reads a value, with its key before it in an object; an object or a list is only begun. */
  private valueIn(outer: Opened | undefined): Opened | undefined {
    if (outer?.keys !== undefined) this.key(outer.keys);
    this.match(SPACE);
    if (this.take('{')) return { keys: new Set(), isEmpty: true };
    if (this.take('[')) return { keys: undefined, isEmpty: true };
    if (this.text[this.at] === '"') this.string();
    else if (this.match(NUMBER) === undefined) this.word();
    return undefined;
  }

  private word(): void {
    const start = this.at;
    const word = this.match(WORD);
    if (word !== undefined && WORDS.includes(word)) return;
    this.at = start;
    if (word === undefined) this.unexpected('a value');
    this.fail(`${shortened(word, LONGEST_KEY)} is no value`);
  }

  private key(keys: Set<string>): void {
    this.match(SPACE);
    const start = this.at;
    if (this.text[start] !== '"') this.unexpected('a key in double quotes');
    const key = JSON.parse(this.string()) as string;
    const shown = printable(JSON.stringify(shortened(key, LONGEST_KEY)));
    if (key === PROTO) this.fail(`the key ${shown}, which no object has`, start);
    if (keys.has(key)) this.fail(`the key ${shown} a second time`, start);
    keys.add(key);
    this.match(SPACE);
    if (!this.take(':')) this.unexpected('a colon');
  }

  /** Reads a string and returns its text, quotes and all. */
  private string(): string {
    const start = this.at++;
    for (; !this.take('"'); ) {
      if (this.at >= this.text.length) this.fail('a string that does not end', start);
      if (this.text[this.at] === '\\') {
        if (this.match(ESCAPE) === undefined) this.fail('a backslash that escapes nothing');
      } else if (this.text.charCodeAt(this.at) < 0x20) {
        this.fail(`the character ${printable(this.text[this.at]!)} in a string, where it is to be escaped`);
      } else this.at++;
    }
    return this.text.slice(start, this.at);
  }
}
