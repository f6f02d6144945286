/** Formula file → formula: every expression compiled, so that a misspelt word is an error before anything runs. */

import { tokensOf } from '../expressions/tokens.ts';
import type { Layer } from '../layers/layer.ts';
import { SIMD_OPS } from '../operations/simdTable.ts';
import { type FormulaFile, type FormulaRule, formulaSchema } from '../schemas/formulaFile.ts';
import type { Hardware } from '../schemas/hardware.ts';
import { InputError, Problems } from '../schemas/inputError.ts';
import { didYouMean } from '../schemas/nearest.ts';
import { pathInWords, validate } from '../schemas/parse.ts';
import {
  byColumn,
  type Estimate,
  expectFinite,
  FORMULA_COLUMNS,
  type Formula,
  type FormulaOnHardware,
  formulaOf,
} from './formula.ts';
import { REFERENCE_CODE } from './references.ts';
import { type Fill, type Frame, type Output, RuleCompiler, type Written } from './ruleCompiler.ts';
import { namesOf, VOCABULARY } from './vocabulary.ts';

type Unit = Layer['unit'];
type Op = Layer['op'];

const OPS: Readonly<Record<Unit, readonly Op[]>> = { SA: ['conv', 'gemm'], SIMD: SIMD_OPS };
const GROUPS: Readonly<Record<string, readonly Op[]>> = { ...OPS, any: [...OPS.SA, ...OPS.SIMD] };
const UNITS = ['SA', 'SIMD'] as const;

/** A rule for the layers of one array. */
interface CompiledRule {
  readonly compiler: RuleCompiler;
  readonly where: Output | undefined;
  /** By column. */
  readonly outputs: ReadonlyMap<string, Output>;
  /** The same by their places in an estimate: `dramBits` and `weight`, or `cycles` alone. */
  readonly placed: readonly { readonly key: string; readonly part: string | undefined; readonly output: Output }[];
  /** All that the outputs need, in order. */
  readonly fills: readonly Fill[];
}

/** The expressions of a rule's columns by their names, which other columns may read too. */
function columnsOfRule(rule: FormulaRule, path: string): Map<string, Written> {
  return new Map(
    [...byColumn<string>({ ...rule })].map(([column, text]) => [column, { text, path: `${path}.${column}` }]),
  );
}

/** Compiles a file's rules; collects all that is wrong. */
class FileCompiler {
  private readonly problems = new Problems();
  private readonly content: FormulaFile;
  private readonly file: string;
  /** The values that all rules may read. */
  private readonly shared: ReadonlyMap<string, Written>;

  constructor(content: FormulaFile, file: string) {
    this.content = content;
    this.file = file;
    this.shared = this.definitions(content.let, ['let']);
  }

  /** The rules that may hold for each operation, in order. */
  rules(): ReadonlyMap<Op, readonly CompiledRule[]> {
    const byOp = new Map<Op, CompiledRule[]>();
    const compilers: RuleCompiler[] = [];
    for (const [place, rule] of (this.content.rules ?? []).entries()) {
      const ops = this.opsOf(rule, `rules[${place}].for`);
      for (const unit of UNITS) {
        const own = ops.filter((op) => OPS[unit].includes(op));
        if (own.length === 0) continue;
        const compiled = this.compiledRule(rule, place, unit);
        compilers.push(compiled.compiler);
        for (const op of own) byOp.set(op, [...(byOp.get(op) ?? []), compiled]);
      }
    }
    for (const name of this.shared.keys()) this.expectDefinedSomewhere(name, compilers);
    this.problems.throwIfAny();
    return byOp;
  }

  private opsOf({ for: asked }: FormulaRule, path: string): Op[] {
    const names = typeof asked === 'string' ? [asked] : asked;
    const all = [...OPS.SA, ...OPS.SIMD];
    return names.flatMap((name): readonly Op[] => {
      if (Object.hasOwn(GROUPS, name)) return GROUPS[name]!;
      const op = all.find((each) => each === name);
      if (op !== undefined) return [op];
      const meant = didYouMean(name, [...all, ...Object.keys(GROUPS)]);
      this.problems.add({
        file: this.file,
        path,
        value: name,
        expected: `an operation (systole list operations), SA, SIMD or any${meant}`,
      });
      return [];
    });
  }

  /** Values with names of their own, which must be names and not yet those of something else. */
  private definitions(named: Readonly<Record<string, string>>, path: readonly PropertyKey[]): Map<string, Written> {
    const taken = new Set([...UNITS.flatMap((unit) => namesOf(VOCABULARY[unit])), ...FORMULA_COLUMNS]);
    const definitions = new Map<string, Written>();
    for (const [name, text] of Object.entries(named)) {
      const at = pathInWords([...path, name]);
      const complain = (expected: string): void =>
        this.problems.add({ file: this.file, path: at, value: name, expected });
      if (!isName(name)) complain('a name: letters, digits and _, not beginning with a digit');
      else if (taken.has(name)) complain(`a name that is still free; ${name} is known already`);
      else if (definitions.has(name)) complain('each name once');
      definitions.set(name, { text, path: at });
    }
    return definitions;
  }

  private compiledRule(rule: FormulaRule, place: number, unit: Unit): CompiledRule {
    const path = `rules[${place}]`;
    const own = this.definitions(rule.let, ['rules', place, 'let']);
    const columns = columnsOfRule(rule, path);
    const compiler = new RuleCompiler(unit, VOCABULARY[unit], new Map([...this.shared, ...own, ...columns]), this.file);
    for (const name of own.keys()) this.collect(() => compiler.define(name));
    const where =
      rule.where === undefined
        ? undefined
        : this.collect(() => compiler.output({ text: rule.where!, path: `${path}.where` }, 'boolean'));
    const outputs = new Map<string, Output>();
    for (const [column, written] of columns) {
      const output = this.collect(() => compiler.output(written, 'number'));
      if (output !== undefined) outputs.set(column, output);
    }
    const fills = [...new Set([...outputs.values()].flatMap((output) => output.fills))];
    const placed = [...outputs].map(([column, output]) => {
      const [key, part] = column.split('.') as [string, string | undefined];
      return { key, part, output };
    });
    return { compiler, where, outputs, placed, fills };
  }

  /** A value that no rule reads must still be right for the layers of one array. */
  private expectDefinedSomewhere(name: string, compilers: readonly RuleCompiler[]): void {
    let first: InputError | undefined;
    for (const compiler of compilers) {
      try {
        compiler.define(name);
        return;
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        first ??= error;
      }
    }
    this.collect(() => {
      if (first !== undefined) throw first;
    });
  }

  private readonly told = new Set<string>();

  /** Notes what is wrong, one thing of each expression, and goes on. */
  private collect<Value>(compile: () => Value): Value | undefined {
    try {
      return compile();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      for (const problem of error.problems) {
        if (!this.told.has(problem.path)) this.problems.add(problem);
        this.told.add(problem.path);
      }
      return undefined;
    }
  }
}

function isName(text: string): boolean {
  try {
    const [first, ...rest] = tokensOf(text);
    return first?.kind === 'name' && first.text === text && rest.length === 1;
  } catch {
    return false;
  }
}

/** The compiled rules at a hardware point. */
function rulesOn(rules: ReadonlyMap<Op, readonly CompiledRule[]>, hardware: Hardware, file: string): FormulaOnHardware {
  const frames = new Map<CompiledRule, Frame>();
  const frameOf = (rule: CompiledRule): Frame => {
    let frame = frames.get(rule);
    if (frame === undefined) {
      frame = rule.compiler.frame(hardware);
      frames.set(rule, frame);
    }
    return frame;
  };
  const fill = (fills: readonly Fill[], frame: Frame, layer: Layer): void => {
    for (let place = 0; place < fills.length; place++) fills[place]!(frame, layer, hardware);
  };
  const ruleFor = (layer: Layer): CompiledRule | undefined => {
    for (const rule of rules.get(layer.op) ?? []) {
      const { where } = rule;
      if (where === undefined) return rule;
      const frame = frameOf(rule);
      fill(where.fills, frame, layer);
      if (where.evaluate(frame) === true) return rule;
    }
    return undefined;
  };
  const figureOf = ({ evaluate, path }: Output, frame: Frame, layer: Layer): number =>
    expectFinite(evaluate(frame) as number, layer, { file, path });
  return {
    column: (layer, column) => {
      const rule = ruleFor(layer);
      const output = rule?.outputs.get(column);
      if (rule === undefined || output === undefined) return undefined;
      const frame = frameOf(rule);
      fill(output.fills, frame, layer);
      return figureOf(output, frame, layer);
    },
    evaluate: (layer) => {
      const rule = ruleFor(layer);
      if (rule === undefined) return undefined;
      const frame = frameOf(rule);
      fill(rule.fills, frame, layer);
      const estimate: Record<string, number | Record<string, number>> = {};
      for (const { key, part, output } of rule.placed) {
        const value = figureOf(output, frame, layer);
        if (part === undefined) {
          estimate[key] = value;
        } else {
          estimate[key] ??= {};
          (estimate[key] as Record<string, number>)[part] = value;
        }
      }
      return estimate as unknown as Estimate;
    },
  };
}

/** A formula from the data of a formula file; throws an InputError that names everything that is wrong with it. */
export function parseFormula(value: unknown, file: string): Formula {
  const content = validate(formulaSchema, value, file);
  const { name, description, source, rules, reference } = content;
  if ((rules === undefined) === (reference === undefined)) {
    throw new InputError({ file, path: '', expected: 'either rules or a reference' });
  }
  if (reference !== undefined) return formulaOf({ name, description, source, ...REFERENCE_CODE[reference] });
  const compiled = new FileCompiler(content, file).rules();
  const given = new Set([...compiled.values()].flat().flatMap(({ outputs }) => [...outputs.keys()]));
  return {
    name,
    description,
    source,
    columns: FORMULA_COLUMNS.filter((column) => given.has(column)),
    on: (hardware) => rulesOn(compiled, hardware, file),
  };
}
