/**
 * Arithmetic over parameters, written by the user: parsed by jsep, its types checked, turned into closures here, never
 * evaluated as code. Comparisons chain as in mathematics: `100 <= a <= 200` is `100 <= a && a <= 200`.
 */
import jsep from 'jsep';

/** A value while a constraint is tested: a parameter, a number, or a truth. */
export type Value = number | string | boolean;

/** What an expression or a part of it is, known before any point is looked at. */
export type ValueType = 'number' | 'string' | 'boolean';

/** A parameter: what it is, and how to read it off a point. */
export interface Parameter<Point> {
  readonly type: ValueType;
  readonly read: (point: Point) => Value;
}

/** A compiled expression over points of any kind. */
export interface Compiled<Point> {
  readonly type: ValueType;
  /** The names that it reads. */
  readonly names: readonly string[];
  readonly evaluate: (point: Point) => Value;
}

/** What is wrong with an expression, in words. */
export class ExpressionError extends Error {}

/** A type as messages name it. */
export const TYPE_IN_WORDS: Readonly<Record<ValueType, string>> = {
  number: 'a number',
  string: 'a string',
  boolean: 'a relation',
};

const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
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

/** Functions with the number of values that they take; undefined: any, but at least one. */
const FUNCTIONS: Readonly<Record<string, { apply: (...values: number[]) => number; takes?: number }>> = {
  min: { apply: Math.min },
  max: { apply: Math.max },
  abs: { apply: Math.abs, takes: 1 },
  floor: { apply: Math.floor, takes: 1 },
  ceil: { apply: Math.ceil, takes: 1 },
  log2: { apply: Math.log2, takes: 1 },
};

function known<Entry>(table: Readonly<Record<string, Entry>>, key: string): Entry | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/** A binary expression in parentheses. It is none of the links of a chain: `(a < b) == (c < d)`. */
const inParentheses = new WeakSet<object>();
jsep.hooks.add('after-token', ({ node }) => {
  // Without parentheses a token is a name, a literal, a call or one of these with a sign before it.
  if (node?.type === 'BinaryExpression') inParentheses.add(node);
});

function parse(text: string): jsep.Expression {
  try {
    return jsep(text);
  } catch (error) {
    throw new ExpressionError((error as Error).message);
  }
}

/** `sramKiB.wbuf` as one name. */
function nameOf(node: jsep.CoreExpression): string {
  if (node.type === 'Identifier') return node.name;
  if (node.type === 'MemberExpression' && !node.computed) {
    return `${nameOf(node.object as jsep.CoreExpression)}.${nameOf(node.property as jsep.CoreExpression)}`;
  }
  throw new ExpressionError('names look like sramKiB.wbuf');
}

/** The operands of a comparison and what stands between them, chained comparisons drawn out. */
interface Chain {
  readonly operands: readonly jsep.Expression[];
  readonly operators: readonly string[];
}

function chainOf({ left, right, operator }: jsep.BinaryExpression): Chain {
  const side = (node: jsep.Expression): Chain =>
    isBinary(node) && known(COMPARISONS, node.operator) !== undefined && !inParentheses.has(node)
      ? chainOf(node)
      : { operands: [node], operators: [] };
  const [before, after] = [side(left), side(right)];
  return {
    operands: [...before.operands, ...after.operands],
    operators: [...before.operators, operator, ...after.operators],
  };
}

function isBinary(node: jsep.Expression): node is jsep.BinaryExpression {
  return node.type === 'BinaryExpression';
}

/** Complains unless a part is of the type that its operator takes. */
function expectType(type: ValueType, part: { readonly type: ValueType }, operator: string): void {
  if (part.type !== type) {
    throw new ExpressionError(`${operator} takes ${TYPE_IN_WORDS[type]}, not ${TYPE_IN_WORDS[part.type]}`);
  }
}

function numeric<Point>(part: Parameter<Point>, operator: string): (point: Point) => number {
  expectType('number', part, operator);
  return part.read as (point: Point) => number;
}

function truth<Point>(part: Parameter<Point>, operator: string): (point: Point) => boolean {
  expectType('boolean', part, operator);
  return part.read as (point: Point) => boolean;
}

/** All links of a chain at once; an operand between two links is read once. */
function compareAll<Point>(
  operands: readonly Parameter<Point>[],
  operators: readonly string[],
): (point: Point) => boolean {
  const links = operators.map((operator, place) => {
    const [a, b] = [operands[place]!, operands[place + 1]!];
    if (operator === '==' || operator === '!=') {
      if (a.type !== b.type) {
        throw new ExpressionError(`${operator} compares ${TYPE_IN_WORDS[a.type]} with ${TYPE_IN_WORDS[b.type]}`);
      }
    } else {
      expectType('number', a, operator);
      expectType('number', b, operator);
    }
    return COMPARISONS[operator]!;
  });
  return (point) => {
    let before = operands[0]!.read(point);
    for (let place = 0; place < links.length; place++) {
      const after = operands[place + 1]!.read(point);
      if (!links[place]!(before, after)) return false;
      before = after;
    }
    return true;
  };
}

/**
 * Compiles an expression. `reader` resolves a name or returns undefined for one that does not exist. Numbers, strings,
 * + - * / %, comparisons, && || !, ?:, min, max, abs, floor, ceil and log2 are known; all else is an ExpressionError, as
 * is an operator with something that it does not take.
 */
export function compileExpression<Point>(
  text: string,
  reader: (name: string) => Parameter<Point> | undefined,
): Compiled<Point> {
  const names: string[] = [];

  const parameter = (name: string): Parameter<Point> => {
    const found = reader(name);
    if (found === undefined) throw new ExpressionError(`there is no ${name}`);
    names.push(name);
    return found;
  };

  const binary = (node: jsep.BinaryExpression): Parameter<Point> => {
    const { operator } = node;
    if (known(COMPARISONS, operator) !== undefined) {
      const { operands, operators } = chainOf(node);
      return { type: 'boolean', read: compareAll(operands.map(compile), operators) };
    }
    const [a, b] = [compile(node.left), compile(node.right)];
    if (operator === '&&' || operator === '||') {
      const [left, right] = [truth(a, operator), truth(b, operator)];
      const isAnd = operator === '&&';
      return {
        type: 'boolean',
        read: isAnd ? (point) => left(point) && right(point) : (point) => left(point) || right(point),
      };
    }
    const apply = known(ARITHMETIC, operator);
    if (apply === undefined) throw new ExpressionError(`${operator} is not known`);
    const [left, right] = [numeric(a, operator), numeric(b, operator)];
    return { type: 'number', read: (point) => apply(left(point), right(point)) };
  };

  const call = (node: jsep.CallExpression): Parameter<Point> => {
    const name = nameOf(node.callee as jsep.CoreExpression);
    const { apply, takes } = known(FUNCTIONS, name) ?? {};
    if (apply === undefined) throw new ExpressionError(`${name}() is not known`);
    const values = node.arguments.map((argument) => numeric(compile(argument), `${name}()`));
    if (takes === undefined ? values.length === 0 : values.length !== takes) {
      throw new ExpressionError(`${name}() takes ${takes ?? 'at least 1'} value, not ${values.length}`);
    }
    return { type: 'number', read: (point) => apply(...values.map((value) => value(point))) };
  };

  const compile = (expression: jsep.Expression): Parameter<Point> => {
    const node = expression as jsep.CoreExpression;
    switch (node.type) {
      case 'Literal': {
        const { value } = node;
        if (typeof value === 'number') return { type: 'number', read: () => value };
        if (typeof value === 'string') return { type: 'string', read: () => value };
        throw new ExpressionError(`${node.raw} is neither a number nor a string`);
      }
      case 'Identifier':
      case 'MemberExpression':
        return parameter(nameOf(node));
      case 'UnaryExpression': {
        const argument = compile(node.argument);
        if (node.operator === '-') {
          const read = numeric(argument, '-');
          return { type: 'number', read: (point) => -read(point) };
        }
        if (node.operator === '!') {
          const read = truth(argument, '!');
          return { type: 'boolean', read: (point) => !read(point) };
        }
        throw new ExpressionError(`${node.operator} is not known`);
      }
      case 'BinaryExpression':
        return binary(node);
      case 'ConditionalExpression': {
        const test = truth(compile(node.test), '?');
        const [yes, no] = [compile(node.consequent), compile(node.alternate)];
        if (yes.type !== no.type) {
          throw new ExpressionError(`? : chooses between ${TYPE_IN_WORDS[yes.type]} and ${TYPE_IN_WORDS[no.type]}`);
        }
        return { type: yes.type, read: (point) => (test(point) ? yes : no).read(point) };
      }
      case 'CallExpression':
        return call(node);
      default:
        throw new ExpressionError('one expression is expected');
    }
  };

  const { type, read } = compile(parse(text));
  return { type, evaluate: read, names };
}
