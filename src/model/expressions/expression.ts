/**
 * Arithmetic over named quantities, written by the user: parsed, its types checked, turned into closures, never evaluated
 * as code. Comparisons chain as in mathematics: `100 <= a <= 200` is `100 <= a && a <= 200`.
 */
import { didYouMean } from '../schemas/nearest.ts';
import { type Case, type Expression, parseExpression, type Row } from './syntax.ts';
import { ExpressionError } from './tokens.ts';

export { ExpressionError } from './tokens.ts';

/** A value while an expression is evaluated: a quantity, a text, or a truth. */
export type Value = number | string | boolean;

/** What an expression or a part of it is, known before any point is looked at. */
export type ValueType = 'number' | 'string' | 'boolean';

/** Something that has a name: what it is, and how to read it off a point. */
export interface Parameter<Point> {
  readonly type: ValueType;
  readonly read: (point: Point) => Value;
}

/** A compiled expression over points of any kind. */
export interface Compiled<Point> {
  readonly type: ValueType;
  /** The names that it reads, in the order of the text. */
  readonly names: readonly string[];
  readonly evaluate: (point: Point) => Value;
}

/** A type as messages name it. */
export const TYPE_IN_WORDS: Readonly<Record<ValueType, string>> = {
  number: 'a number',
  string: 'a string',
  boolean: 'a relation',
};

type Arithmetic = (a: number, b: number) => number;
type Reader<Point, Of> = (point: Point) => Of;

const ARITHMETIC: Readonly<Record<string, Arithmetic>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
};

const COMPARISONS: Readonly<Record<string, (a: Value, b: Value) => boolean>> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
};

/** A function of numbers; where it takes any number of them, but at least one, it takes them two at a time. */
type NumberFunction =
  | { readonly takes: 1; readonly apply: (value: number) => number }
  | { readonly takes: undefined; readonly apply: Arithmetic };

/** What rounding may have added to a value, as a share of it: some steps of arithmetic, each of at most 2⁻⁵³. */
const ROUNDING = 2 ** -49;

/** The whole number that a value would be but for rounding, or the value: 1.1 · 1.1 · 100 is 121. */
function withoutRounding(value: number): number {
  const whole = Math.round(value);
  return Math.abs(value - whole) <= Math.abs(value) * ROUNDING ? whole : value;
}

const FUNCTIONS: Readonly<Record<string, NumberFunction>> = {
  min: { takes: undefined, apply: Math.min },
  max: { takes: undefined, apply: Math.max },
  abs: { takes: 1, apply: Math.abs },
  floor: { takes: 1, apply: (value) => Math.floor(withoutRounding(value)) },
  ceil: { takes: 1, apply: (value) => Math.ceil(withoutRounding(value)) },
  log2: { takes: 1, apply: Math.log2 },
};

/** `if(test, yes, no)` is `test ? yes : no`. */
const IF = 'if';
const IF_TAKES = 3;

/** Words that other languages have for truths; here a truth is a relation. */
const NO_NAMES = ['true', 'false', 'null'];

/** Complains unless a part is of the type that its operator takes. */
function expectType(type: ValueType, part: { readonly type: ValueType }, operator: string, at: number): void {
  if (part.type !== type) {
    throw new ExpressionError(`${operator} takes ${TYPE_IN_WORDS[type]}, not ${TYPE_IN_WORDS[part.type]}`, at);
  }
}

function numeric<Point>(part: Parameter<Point>, operator: string, at: number): Reader<Point, number> {
  expectType('number', part, operator, at);
  return part.read as Reader<Point, number>;
}

function truth<Point>(part: Parameter<Point>, operator: string, at: number): Reader<Point, boolean> {
  expectType('boolean', part, operator, at);
  return part.read as Reader<Point, boolean>;
}

/** Two numbers combined; each operator has a closure of its own, which calls nothing but its operands. */
function both<Point>(a: Reader<Point, number>, b: Reader<Point, number>, apply: Arithmetic): Reader<Point, number> {
  switch (apply) {
    case ARITHMETIC['+']:
      return (point) => a(point) + b(point);
    case ARITHMETIC['-']:
      return (point) => a(point) - b(point);
    case ARITHMETIC['*']:
      return (point) => a(point) * b(point);
    case ARITHMETIC['/']:
      return (point) => a(point) / b(point);
    case Math.max:
      return (point) => Math.max(a(point), b(point));
    default:
      return (point) => apply(a(point), b(point));
  }
}

/** Longer rows are gone through: what stands inside one another must not grow with the text. */
const LONGEST_NESTED = 16;

/** Numbers combined from left to right. */
function folded<Point>(readers: readonly Reader<Point, number>[], apply: readonly Arithmetic[]): Reader<Point, number> {
  if (readers.length <= LONGEST_NESTED) {
    return readers.slice(1).reduce((row, reader, place) => both(row, reader, apply[place]!), readers[0]!);
  }
  const [a] = readers as [Reader<Point, number>];
  return (point) => {
    let value = a(point);
    for (let place = 0; place < apply.length; place++) value = apply[place]!(value, readers[place + 1]!(point));
    return value;
  };
}

/** All links of a chain at once; an operand between two links is read once. */
function compared<Point>({ operators }: Row, operands: readonly Parameter<Point>[]): Reader<Point, boolean> {
  const links = operators.map(({ text, at }, place) => {
    const [a, b] = [operands[place]!, operands[place + 1]!];
    if (text !== '==' && text !== '!=') {
      expectType('number', a, text, at);
      expectType('number', b, text, at);
    } else if (a.type !== b.type) {
      throw new ExpressionError(`${text} compares ${TYPE_IN_WORDS[a.type]} with ${TYPE_IN_WORDS[b.type]}`, at);
    }
    return COMPARISONS[text]!;
  });
  const readers = operands.map(({ read }) => read);
  return (point) => {
    let before = readers[0]!(point);
    for (let place = 0; place < links.length; place++) {
      const after = readers[place + 1]!(point);
      if (!links[place]!(before, after)) return false;
      before = after;
    }
    return true;
  };
}

/** Whether all, or any, of several truths hold; no more of them are read than decide it. */
function joined<Point>({ rank, operators }: Row, operands: readonly Parameter<Point>[]): Reader<Point, boolean> {
  const readers = operands.map((part, place) => {
    const { text, at } = operators[Math.max(0, place - 1)]!;
    return truth(part, text, at);
  });
  const decides = rank === 'or';
  return (point) => {
    for (const read of readers) if (read(point) === decides) return decides;
    return !decides;
  };
}

/** The first case whose condition holds, else what stands behind the last. */
function chosen<Point>(
  cases: readonly { readonly test: Reader<Point, boolean>; readonly yes: Reader<Point, Value> }[],
  otherwise: Reader<Point, Value>,
): Reader<Point, Value> {
  return (point) => {
    for (const { test, yes } of cases) if (test(point)) return yes(point);
    return otherwise(point);
  };
}

/** What has a name. */
export interface Names<Point> {
  /** Resolves a name; undefined for one that there is not. */
  readonly read: (name: string) => Parameter<Point> | undefined;
  /** All names that there are, so that one that is misspelt is told the right one. */
  readonly known: Iterable<string>;
}

/** Compiles the parts of an expression, from the inside out. */
class Compiler<Point> {
  readonly names: string[] = [];
  private readonly there: Names<Point>;

  constructor(there: Names<Point>) {
    this.there = there;
  }

  compile(part: Expression): Parameter<Point> {
    switch (part.kind) {
      case 'number':
      case 'text': {
        const { value } = part;
        return { type: part.kind === 'number' ? 'number' : 'string', read: () => value };
      }
      case 'name':
        return this.parameter(part.name, part.at);
      case 'call':
        return this.call(part);
      case 'sign':
        return this.signed(part);
      case 'row':
        return this.row(part);
      case 'choice':
        return this.choice(part.cases, part.otherwise, '?', '? :');
    }
  }

  private parameter(name: string, at: number): Parameter<Point> {
    if (NO_NAMES.includes(name)) throw new ExpressionError(`${name} is neither a number nor a string`, at);
    const found = this.there.read(name);
    if (found === undefined) throw new ExpressionError(`there is no ${name}${didYouMean(name, this.there.known)}`, at);
    this.names.push(name);
    return found;
  }

  private row(row: Row): Parameter<Point> {
    const { rank, operators } = row;
    const operands = row.operands.map((operand) => this.compile(operand));
    if (rank === 'comparison') return { type: 'boolean', read: compared(row, operands) };
    if (rank === 'and' || rank === 'or') return { type: 'boolean', read: joined(row, operands) };
    const readers = operands.map((part, place) => {
      const { text, at } = operators[Math.max(0, place - 1)]!;
      return numeric(part, text, at);
    });
    return {
      type: 'number',
      read: folded(
        readers,
        operators.map(({ text }) => ARITHMETIC[text]!),
      ),
    };
  }

  private signed({ sign, times, of, at }: Extract<Expression, { kind: 'sign' }>): Parameter<Point> {
    const part = this.compile(of);
    // Twice is not at all.
    const isOdd = times % 2 === 1;
    if (sign === '-') {
      const read = numeric(part, sign, at);
      return { type: 'number', read: isOdd ? (point) => -read(point) : read };
    }
    const read = truth(part, sign, at);
    return { type: 'boolean', read: isOdd ? (point) => !read(point) : read };
  }

  private choice(cases: readonly Case[], last: Expression, test: string, whole: string): Parameter<Point> {
    const compiled = cases.map((each) => ({
      test: truth(this.compile(each.test), test, each.at),
      yes: this.compile(each.yes),
      at: each.at,
    }));
    const otherwise = this.compile(last);
    for (const { yes, at } of compiled) {
      if (yes.type !== otherwise.type) {
        const [a, b] = [TYPE_IN_WORDS[yes.type], TYPE_IN_WORDS[otherwise.type]];
        throw new ExpressionError(`${whole} chooses between ${a} and ${b}`, at);
      }
    }
    const readers = compiled.map((each) => ({ test: each.test, yes: each.yes.read }));
    return { type: otherwise.type, read: chosen(readers, otherwise.read) };
  }

  private call({ name, values, at }: Extract<Expression, { kind: 'call' }>): Parameter<Point> {
    const expectValues = (takes: number | undefined): void => {
      if (takes === undefined ? values.length > 0 : values.length === takes) return;
      const wanted = takes ?? 'at least 1';
      throw new ExpressionError(
        `${name}() takes ${wanted} value${takes === IF_TAKES ? 's' : ''}, not ${values.length}`,
        at,
      );
    };
    if (name === IF) {
      expectValues(IF_TAKES);
      const [test, yes, no] = values as [Expression, Expression, Expression];
      return this.choice([{ test, yes, at }], no, 'if()', 'if()');
    }
    const known = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
    if (known === undefined) {
      throw new ExpressionError(`${name}() is not known${didYouMean(name, [...Object.keys(FUNCTIONS), IF])}`, at);
    }
    expectValues(known.takes);
    const readers = values.map((value) => numeric(this.compile(value), `${name}()`, at));
    if (known.takes === undefined) {
      const read = folded(
        readers,
        readers.slice(1).map(() => known.apply),
      );
      return { type: 'number', read };
    }
    const { apply } = known;
    const [read] = readers as [Reader<Point, number>];
    return { type: 'number', read: (point) => apply(read(point)) };
  }
}

/**
 * Compiles an expression. Numbers, texts in quotes, + - * / %, comparisons, && || !, ?:, if(), min, max, abs, floor, ceil
 * and log2 are known, of which floor and ceil see through what rounding has added; all else is an ExpressionError, as is an operator with something that it does not take, and a name
 * that there is not. What it takes to evaluate grows with the text, and the stack does not.
 */
export function compileExpression<Point>(text: string, names: Names<Point>): Compiled<Point> {
  const compiler = new Compiler(names);
  const { type, read } = compiler.compile(parseExpression(text));
  return { type, evaluate: read, names: compiler.names };
}
