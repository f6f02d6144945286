/** Arithmetic over parameters, written by the user: parsed by jsep, turned into closures here, never evaluated as code. */
import jsep from 'jsep';

/** A value while a constraint is tested: a parameter, a number, or a truth. */
export type Value = number | string | boolean;

/** A compiled expression over points of any kind. */
export interface Compiled<Point> {
  /** The names that it reads. */
  readonly names: readonly string[];
  readonly evaluate: (point: Point) => Value;
}

/** What is wrong with an expression, in words. */
export class ExpressionError extends Error {}

const BINARY: Readonly<Record<string, (a: Value, b: Value) => Value>> = {
  '+': (a, b) => Number(a) + Number(b),
  '-': (a, b) => Number(a) - Number(b),
  '*': (a, b) => Number(a) * Number(b),
  '/': (a, b) => Number(a) / Number(b),
  '%': (a, b) => Number(a) % Number(b),
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
};

const FUNCTIONS: Readonly<Record<string, (...values: number[]) => number>> = {
  min: Math.min,
  max: Math.max,
  abs: Math.abs,
  floor: Math.floor,
  ceil: Math.ceil,
  log2: Math.log2,
};

type Reader<Point> = (point: Point) => Value;

/** `sramKiB.wbuf` as one name. */
function nameOf(node: jsep.CoreExpression): string {
  if (node.type === 'Identifier') return node.name;
  if (node.type === 'MemberExpression' && !node.computed) {
    return `${nameOf(node.object as jsep.CoreExpression)}.${nameOf(node.property as jsep.CoreExpression)}`;
  }
  throw new ExpressionError('names look like sramKiB.wbuf');
}

/**
 * Compiles an expression. `reader` resolves a name or returns undefined for one that does not exist. Numbers, strings,
 * + - * / %, comparisons, && || !, ?:, min, max, abs, floor, ceil and log2 are known; all else is an ExpressionError.
 */
export function compileExpression<Point>(
  text: string,
  reader: (name: string) => Reader<Point> | undefined,
): Compiled<Point> {
  const names: string[] = [];
  const parameter = (name: string): Reader<Point> => {
    const read = reader(name);
    if (read === undefined) throw new ExpressionError(`there is no ${name}`);
    names.push(name);
    return read;
  };
  const compile = (expression: jsep.Expression): Reader<Point> => {
    const node = expression as jsep.CoreExpression;
    switch (node.type) {
      case 'Literal': {
        const { value } = node;
        if (typeof value === 'number' || typeof value === 'string') return () => value;
        throw new ExpressionError(`${node.raw} is neither a number nor a string`);
      }
      case 'Identifier':
      case 'MemberExpression':
        return parameter(nameOf(node));
      case 'UnaryExpression': {
        const argument = compile(node.argument);
        if (node.operator === '-') return (point) => -Number(argument(point));
        if (node.operator === '!') return (point) => !argument(point);
        throw new ExpressionError(`${node.operator} is not known`);
      }
      case 'BinaryExpression': {
        const [left, right] = [compile(node.left), compile(node.right)];
        if (node.operator === '&&') return (point) => Boolean(left(point)) && Boolean(right(point));
        if (node.operator === '||') return (point) => Boolean(left(point)) || Boolean(right(point));
        const apply = Object.hasOwn(BINARY, node.operator) ? BINARY[node.operator]! : undefined;
        if (apply === undefined) throw new ExpressionError(`${node.operator} is not known`);
        return (point) => apply(left(point), right(point));
      }
      case 'ConditionalExpression': {
        const [test, yes, no] = [compile(node.test), compile(node.consequent), compile(node.alternate)];
        return (point) => (test(point) ? yes(point) : no(point));
      }
      case 'CallExpression': {
        const name = nameOf(node.callee as jsep.CoreExpression);
        const call = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name]! : undefined;
        if (call === undefined) throw new ExpressionError(`${name}() is not known`);
        const values = node.arguments.map(compile);
        return (point) => call(...values.map((value) => Number(value(point))));
      }
      default:
        throw new ExpressionError('one expression is expected');
    }
  };
  return { evaluate: compile(parse(text)), names };
}

function parse(text: string): jsep.Expression {
  try {
    return jsep(text);
  } catch (error) {
    throw new ExpressionError((error as Error).message);
  }
}
