/** Sweep file → design space: lists and ranges become axes, budgets and relations become constraints. */
import {
  compileExpression,
  ExpressionError,
  type Parameter,
  TYPE_IN_WORDS,
  type ValueType,
} from '../../model/expressions/expression.ts';
import { tokensOf } from '../../model/expressions/tokens.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import { didYouMean } from '../../model/schemas/nearest.ts';
import { DEFAULT_BATCH } from '../../model/workload/program.ts';
import { namedBy, namedHardware } from './named.ts';
import { assumptionsIn, type Parameters, parametersOf, valuesOf, withoutRoundingError } from './parameterValues.ts';
import {
  type Axis,
  type Derived,
  type Digits,
  isOfMemory,
  isSetting,
  type Reading,
  readingOf,
  SETTINGS,
  type Setting,
  type Spanned,
} from './setting.ts';
import { type Constraint, latticeSize, type Space, validityConstraints } from './space.ts';
import type { SweepInput } from './sweepInput.ts';
import { memoryConstraint } from './sweepMemories.ts';
import { PARAMETER_IN_WORDS, type SweepSpec } from './sweepSpec.ts';

/** Sums that stand for themselves in expressions: the paper's budgets count these four SRAMs and interfaces. */
export const TOTALS = {
  totalSramKiB: ['sramKiB.wbuf', 'sramKiB.ibuf', 'sramKiB.obuf', 'sramKiB.vmem'],
  totalBitsPerCycle: ['bitsPerCycle.weight', 'bitsPerCycle.ifmap', 'bitsPerCycle.psum', 'bitsPerCycle.vmem'],
} as const satisfies Record<string, readonly string[]>;

type Given = SweepSpec['parameters'];

function axesOf(parameters: Given, known: Parameters, file: string): Axis[] {
  const axes = Object.entries(parameters).flatMap(([parameter, given]): Axis[] => {
    const kind = known.kindOf(parameter);
    if (kind === undefined) {
      const meant = didYouMean(parameter, known.names());
      const expected = `${PARAMETER_IN_WORDS}${meant}`;
      throw new InputError({ file, path: `parameters.${parameter}`, value: given, expected });
    }
    return typeof given === 'string' ? [] : [{ parameter, values: valuesOf(parameter, given, kind, file) }];
  });
  // Points are numbered, and beyond this numbers leave some out.
  if (latticeSize(axes) > Number.MAX_SAFE_INTEGER) {
    const expected = `at most ${Number.MAX_SAFE_INTEGER} combinations of values`;
    throw new InputError({ file, path: 'parameters', value: latticeSize(axes), expected });
  }
  return axes;
}

/** What an expression must be. */
interface Wanted {
  readonly type: ValueType;
  readonly inWords: string;
}

interface CompiledText {
  readonly evaluate: (digits: Digits) => number | string | boolean;
  /** The axes on which it depends. */
  readonly reads: readonly string[];
}

/** Compiles the expressions of a sweep file, those of parameters in the order in which they need each other. */
class Expressions {
  readonly derived: Derived[] = [];
  readonly spanned: Spanned;
  private readonly open: string[] = [];
  private readonly parameters: Given;
  private readonly known: Parameters;
  private readonly file: string;
  /** All words that are, or may be, the value of something. */
  private readonly words: ReadonlySet<string>;

  constructor(
    spanned: Spanned,
    parameters: Given,
    known: Parameters,
    { file, otherNames = [] }: Pick<SweepInput, 'file' | 'otherNames'>,
  ) {
    this.spanned = { ...spanned, derived: this.derived };
    this.parameters = parameters;
    this.known = known;
    this.file = file;
    const own = [
      ...spanned.axes.flatMap(({ values }) => values.filter((value) => typeof value === 'string')),
      ...Object.values(spanned.base).filter((value) => typeof value === 'string'),
      ...Object.keys(spanned.drams ?? {}),
      ...Object.keys(spanned.hardwares ?? {}),
      ...known.names().flatMap((name) => known.kindOf(name)?.words ?? []),
    ];
    // Another spelling of a name that the sweep has would never be equal to it.
    const spelt = new Set(own.map((word) => word.toLowerCase()));
    this.words = new Set([...own, ...otherNames.filter((word) => !spelt.has(word.toLowerCase()))]);
    for (const parameter of Object.keys(parameters)) this.derive(parameter);
  }

  /** Compiles the expression that a parameter follows from, if there is one and nobody has yet. */
  private derive(parameter: string): void {
    const text = Object.hasOwn(this.parameters, parameter) ? this.parameters[parameter] : undefined;
    if (typeof text !== 'string' || this.derived.some((each) => each.parameter === parameter)) return;
    const path = `parameters.${parameter}`;
    if (this.open.includes(parameter)) {
      const expected = `an expression that does not need itself (${[...this.open, parameter].join(' → ')})`;
      throw new InputError({ file: this.file, path, value: text, expected });
    }
    this.open.push(parameter);
    const kind = this.known.kindOf(parameter)!;
    const { type, inWords, isValid } = kind;
    const { evaluate, reads } = this.compile(text, { type, inWords }, path, isValid);
    // What is the same at all points would leave none; where it depends on others, some may do without it.
    const { axes } = this.spanned;
    const isSame = axes.every((axis) => axis.values.length === 1 || !reads.includes(axis.parameter));
    if (isSame && !isValid(evaluate(new Int32Array(axes.length)))) {
      throw new InputError({ file: this.file, path, value: text, expected: inWords });
    }
    this.derived.push({ parameter, type, text, reads, evaluate: evaluate as Derived['evaluate'] });
    this.open.pop();
  }

  private reading(name: string): Reading | undefined {
    this.derive(name);
    const isKnown = this.known.kindOf(name) !== undefined || isSetting(name);
    return isKnown ? readingOf(this.spanned, name) : undefined;
  }

  /**
   * Compiles an expression to the type wanted, totals spelled out. A text in quotes must be a value of something in the
   * sweep, another name that there is, or one that is `alsoKnown`: it is misspelt otherwise.
   */
  compile(
    text: string,
    wanted: Wanted,
    path: string,
    alsoKnown: (word: string) => boolean = () => false,
  ): CompiledText {
    const reads: string[] = [];
    const read = (name: string): Parameter<Digits> | undefined => {
      const parts: readonly string[] = Object.hasOwn(TOTALS, name) ? TOTALS[name as keyof typeof TOTALS] : [name];
      const readings = parts.map((part) => this.reading(part));
      if (readings.includes(undefined)) return undefined;
      const found = readings as Reading[];
      reads.push(...found.flatMap((each) => each.reads));
      const { type } = found[0]!;
      const readers = found.map((each) => each.read);
      return readers.length === 1
        ? { type, read: readers[0]! }
        : { type, read: (digits) => readers.reduce((sum, each) => sum + (each(digits) as number), 0) };
    };
    const complain = (expected: string): never => {
      throw new InputError({ file: this.file, path, value: text, expected });
    };
    try {
      const known = [...this.known.names(), ...Object.keys(TOTALS)];
      const { type, evaluate } = compileExpression(text, { read, known });
      if (type !== wanted.type) complain(`${wanted.inWords}; it is ${TYPE_IN_WORDS[type]}`);
      this.expectKnownWords(text, alsoKnown);
      return { evaluate, reads: [...new Set(reads)] };
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      return complain(`an expression of parameters (${error.message}) at character ${error.character}`);
    }
  }

  private expectKnownWords(text: string, alsoKnown: (word: string) => boolean): void {
    for (const token of tokensOf(text)) {
      if (token.kind !== 'text' || this.words.has(token.value) || alsoKnown(token.value)) continue;
      if (this.known.kindOf('assume')!.isValid(token.value)) continue;
      const meant = didYouMean(token.value, this.words);
      throw new ExpressionError(`nothing here is called ${token.text}${meant}`, token.at);
    }
  }
}

const RELATION = { type: 'boolean', inWords: 'a relation, such as a <= b' } as const;
const QUANTITY = { type: 'number', inWords: 'a number, such as totalSramKiB' } as const;

function constraintsOf(spec: SweepSpec, expressions: Expressions): Constraint[] {
  const relations = spec.constraints.map((text, place): Constraint => {
    const { evaluate, reads } = expressions.compile(text, RELATION, `constraints[${place}]`);
    return { text, parameters: reads, holds: (digits) => evaluate(digits) === true };
  });
  const budgets = spec.budgets.map(({ quantity, budget, minusPercent, plusPercent }, place): Constraint => {
    const { evaluate, reads } = expressions.compile(quantity, QUANTITY, `budgets[${place}].quantity`);
    const [least, most] = [-minusPercent, plusPercent].map((percent) =>
      withoutRoundingError(budget * (1 + percent / 100)),
    ) as [number, number];
    // As it could stand among the constraints.
    const middle = quantity.includes('?') ? `(${quantity})` : quantity;
    return {
      text: `${least} <= ${middle} <= ${most}`,
      parameters: reads,
      holds: (digits) => {
        const value = evaluate(digits) as number;
        return value >= least && value <= most;
      },
    };
  });
  return [...relations, ...budgets];
}

/** What follows from an expression must be what the file could hold. */
function derivedConstraints(derived: readonly Derived[], known: Parameters): Constraint[] {
  return derived.map(({ parameter, text, reads, evaluate }) => {
    const { isValid, inWords } = known.kindOf(parameter)!;
    return {
      text: `${parameter} = ${text} is ${inWords}`,
      parameters: reads,
      holds: (digits) => isValid(evaluate(digits)),
    };
  });
}

/** Parameters that change nothing by a model. */
function refuseIdle({ model, parameters }: SweepSpec, file: string): void {
  const isIdle = (parameter: string): boolean =>
    model === 'closed-form'
      ? isOfMemory(parameter) || parameter === 'assume' || parameter === 'fuse'
      : parameter === 'closedForm';
  const idle = Object.keys(parameters).find(isIdle);
  if (idle === undefined) return;
  const expected = `nothing, because model is ${model}, in which it changes nothing`;
  throw new InputError({ file, path: `parameters.${idle}`, value: parameters[idle], expected });
}

/** The parameters of the heat map must be two that vary. */
function checkHeatMap({ heatMap }: SweepSpec, axes: readonly Axis[], file: string): void {
  heatMap?.forEach((name, place) => {
    const isAxis = axes.some(({ parameter, values }) => parameter === name && values.length > 1);
    if (isAxis && heatMap.indexOf(name) === place) return;
    const meant = didYouMean(
      name,
      axes.map(({ parameter }) => parameter),
    );
    const expected = `a parameter with several values, each once${isAxis ? '' : meant}`;
    throw new InputError({ file, path: `heatMap[${place}]`, value: name, expected });
  });
}

/** The design space of a sweep; throws an InputError for the first thing wrong in its file. */
export function sweepSpace({ spec, file, hardwares, energies, otherNames = [], ...input }: SweepInput): Space {
  const { parameters, workload, phase, batch = DEFAULT_BATCH[phase], expansion, closedForm } = spec;
  // Those of other rankings do not vary.
  const own = namedBy(spec, 'dram', file) ?? [{ name: spec.dram }];
  const drams = Object.fromEntries(own.flatMap(({ name }) => (input.drams[name] ? [[name, input.drams[name]]] : [])));
  const known = parametersOf(Object.values(hardwares), Object.values(drams));
  const axes = axesOf(parameters, known, file);
  if (spec.batch === undefined && 'phase' in parameters && !('batch' in parameters)) {
    throw new InputError({ file, path: 'batch', expected: 'a number, because phase varies' });
  }
  refuseIdle(spec, file);
  checkHeatMap(spec, axes, file);
  assumptionsIn(spec.assume, file, 'assume'); // for what it refuses
  const [first] = namedHardware(spec, file);
  const hardware = hardwares[first!.name]!;
  const base: Setting = {
    ...{ hardware, workload, phase, batch, expansion, closedForm },
    ...{ assume: spec.assume, fuse: spec.fuse, dram: spec.dram },
    ...(spec.depthwise && { depthwise: spec.depthwise }),
    energy: spec.energy ?? Object.keys(energies)[0] ?? SETTINGS.energy,
  };
  const expressions = new Expressions({ base, axes, hardwares, drams }, parameters, known, {
    file,
    otherNames,
  });
  const { spanned, derived } = expressions;
  const validity = [...derivedConstraints(derived, known), ...memoryConstraint(spanned, file)];
  const space = { ...spanned, validity };
  return { ...space, constraints: [...constraintsOf(spec, expressions), ...validityConstraints(space)] };
}

/** The point of the sweep file around which parameters are varied; undefined where that is the best. */
export function centreOf({ sensitivity }: SweepSpec, { axes }: Space, file: string): Digits | undefined {
  if (sensitivity === 'best') return undefined;
  const unknown = Object.keys(sensitivity).find((name) => !axes.some(({ parameter }) => parameter === name));
  if (unknown !== undefined) {
    throw new InputError({
      file,
      path: `sensitivity.${unknown}`,
      value: sensitivity[unknown],
      expected: 'a parameter that varies',
    });
  }
  return Int32Array.from(axes, ({ parameter, values }) => {
    const value = sensitivity[parameter];
    const digit = value === undefined ? -1 : values.indexOf(value);
    if (digit < 0) {
      throw new InputError({
        file,
        path: `sensitivity.${parameter}`,
        value,
        expected: `one of ${values.join(', ')}`,
      });
    }
    return digit;
  });
}
