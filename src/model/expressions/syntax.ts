/**
 * Text → the parts of an expression. Operators of one rank in a row are one part, however many there are: nothing calls
 * itself but for what stands in parentheses, and those go only so deep.
 */
import { ExpressionError, type Token, tokensOf } from './tokens.ts';

/** Parentheses inside one another. */
export const DEEPEST = 200;

/** An operator between two operands, and where it stands. */
export interface Operator {
  readonly text: string;
  readonly at: number;
}

/** Operands of one rank, evaluated from left to right, with the operators between them. */
export interface Row {
  readonly kind: 'row';
  readonly rank: Rank;
  readonly operands: readonly Expression[];
  readonly operators: readonly Operator[];
}

/** A part of an expression; `at` is its place in the text, characters counted from 1. */
export type Expression =
  | Row
  | { readonly kind: 'number'; readonly value: number; readonly at: number }
  | { readonly kind: 'text'; readonly value: string; readonly at: number }
  | { readonly kind: 'name'; readonly name: string; readonly at: number }
  | { readonly kind: 'call'; readonly name: string; readonly values: readonly Expression[]; readonly at: number }
  /** A sign before an operand, so many times. */
  | { readonly kind: 'sign'; readonly sign: Sign; readonly times: number; readonly of: Expression; readonly at: number }
  /** `test ? yes : otherwise`; where `otherwise` is another, its cases are listed here too. */
  | { readonly kind: 'choice'; readonly cases: readonly Case[]; readonly otherwise: Expression };

export type Sign = '-' | '!';

/** A condition and what it stands for. */
export interface Case {
  readonly test: Expression;
  readonly yes: Expression;
  readonly at: number;
}

/** Operators by rank, those that bind least first. Comparisons chain: `1 <= a <= 5`. */
export const RANKS = {
  or: ['||'],
  and: ['&&'],
  comparison: ['<', '<=', '>', '>=', '==', '!='],
  sum: ['+', '-'],
  product: ['*', '/', '%'],
} as const;
export type Rank = keyof typeof RANKS;
const ORDER = Object.keys(RANKS) as Rank[];

/** What may stand after an operand without being an operator. */
const CLOSERS = [')', ',', ':', '?'];

class Parser {
  private readonly tokens: readonly Token[];
  private place = 0;
  private depth = 0;

  constructor(text: string) {
    this.tokens = tokensOf(text);
  }

  whole(): Expression {
    const expression = this.choice();
    if (this.next.kind !== 'end') this.fail('one expression is expected');
    return expression;
  }

  private get next(): Token {
    return this.tokens[this.place]!;
  }

  private fail(message: string, at = this.next.at): never {
    throw new ExpressionError(message, at);
  }

  private isSign(...texts: readonly string[]): boolean {
    return this.next.kind === 'sign' && texts.includes(this.next.text);
  }

  /** Steps over a sign that must be here. */
  private expect(sign: string): void {
    if (!this.isSign(sign)) this.fail(this.next.kind === 'end' ? `${sign} is missing` : 'one expression is expected');
    this.place++;
  }

  /** Reads what stands inside something else. */
  private inside<Part>(read: () => Part): Part {
    if (++this.depth > DEEPEST) this.fail(`more than ${DEEPEST} parentheses inside one another`);
    const part = read();
    this.depth--;
    return part;
  }

  private choice(): Expression {
    const cases: Case[] = [];
    for (;;) {
      const test = this.rank(0);
      if (!this.isSign('?')) return cases.length === 0 ? test : { kind: 'choice', cases, otherwise: test };
      const { at } = this.next;
      this.place++;
      const yes = this.inside(() => this.choice());
      this.expect(':');
      cases.push({ test, yes, at });
    }
  }

  private rank(level: number): Expression {
    const rank = ORDER[level];
    if (rank === undefined) return this.signed();
    const operands = [this.rank(level + 1)];
    const operators: Operator[] = [];
    while (this.isSign(...RANKS[rank])) {
      const { text, at } = this.next;
      this.place++;
      operators.push({ text, at });
      operands.push(this.rank(level + 1));
    }
    this.refuseOther();
    return operators.length === 0 ? operands[0]! : { kind: 'row', rank, operands, operators };
  }

  /** Complains of an operator of some other language. */
  private refuseOther(): void {
    const { kind, text } = this.next;
    const isKnown =
      CLOSERS.includes(text) || Object.values(RANKS).some((rank) => (rank as readonly string[]).includes(text));
    if (kind !== 'sign' || isKnown) return;
    if (text === '[' || text === '.') this.fail('names look like sramKiB.wbuf');
    if (text !== '(' && text !== '!') this.fail(`${text} is not known`);
  }

  private signed(): Expression {
    const { text: sign, at } = this.next;
    if (!this.isSign('-', '!')) return this.operand();
    let times = 0;
    for (; this.isSign(sign); this.place++) times++;
    // `-!a` and `!-a` mean nothing: whatever stands behind is of one type.
    const of = this.isSign('-', '!') ? this.inside(() => this.signed()) : this.operand();
    return { kind: 'sign', sign: sign as Sign, times, of, at };
  }

  private operand(): Expression {
    const token = this.next;
    const { at } = token;
    if (token.kind === 'end') this.missing();
    this.place++;
    if (token.kind === 'number' || token.kind === 'text')
      return { kind: token.kind, value: token.value, at } as Expression;
    if (token.kind === 'name') {
      if (!this.isSign('(')) return { kind: 'name', name: token.text, at };
      return { kind: 'call', name: token.text, values: this.inside(() => this.values()), at };
    }
    if (token.text === '(' && !this.isSign(')')) {
      const inner = this.inside(() => this.choice());
      this.expect(')');
      return inner;
    }
    this.place--;
    if (['+', '~'].includes(token.text)) this.fail(`${token.text} is not known before an operand`);
    return this.missing();
  }

  /** Complains that an operand is missing here. */
  private missing(): never {
    const before = this.tokens[this.place - 1];
    const isAfterOperator = before?.kind === 'sign' && before.text !== ')' && before.text !== '(';
    return this.fail(isAfterOperator ? `Expected expression after ${before.text}` : 'one expression is expected');
  }

  /** What stands in the parentheses of a call. */
  private values(): Expression[] {
    this.expect('(');
    const values: Expression[] = [];
    while (!this.isSign(')')) {
      if (values.length > 0) this.expect(',');
      values.push(this.choice());
    }
    this.expect(')');
    return values;
  }
}

/** Parses an expression; throws an ExpressionError that says where and what it is not. */
export function parseExpression(text: string): Expression {
  return new Parser(text).whole();
}
