/**
 * A formula: what somebody's closed form says of a layer on a hardware point. It is a file of expressions, code of ours,
 * or a function of the user's; whoever asks does not see which.
 */
import type { Layer } from '../layers/layer.ts';
import type { DramBits, SramBits } from '../layers/result.ts';
import type { Hardware } from '../schemas/hardware.ts';
import { InputError } from '../schemas/inputError.ts';

/** What a formula says of a layer: the columns that it gives, in the units of results. */
export interface Estimate {
  readonly cycles: number;
  readonly computeCycles?: number | undefined;
  readonly stallCycles?: number | undefined;
  /** Off-chip traffic in bits. */
  readonly dramBits?: Readonly<Partial<DramBits>> | undefined;
  /** On-chip accesses in bits. */
  readonly sramBits?: Readonly<Partial<SramBits>> | undefined;
}

/** A formula at a hardware point. It is kept for all layers of that point. */
export interface FormulaOnHardware {
  /**
   * A column of a layer alone: `cycles`, `computeCycles`, `stallCycles`, `dramBits.weight`, …. Undefined where the
   * formula says nothing of such a layer, or nothing in this column. Throws an InputError for what is no finite number.
   */
  readonly column: (layer: Layer, column: string) => number | undefined;
  /** All columns that the formula gives for a layer; undefined where it says nothing of such a layer. */
  readonly evaluate: (layer: Layer) => Estimate | undefined;
}

/** A formula. */
export interface Formula {
  readonly name: string;
  readonly description?: string | undefined;
  /** Where it is from. */
  readonly source?: string | undefined;
  /** The columns that it gives, for some layers at least; `cycles` is the first. */
  readonly columns: readonly string[];
  readonly on: (hardware: Hardware) => FormulaOnHardware;
}

/** All columns that a formula may give, in the order of results. */
export const FORMULA_COLUMNS = [
  'cycles',
  'computeCycles',
  'stallCycles',
  ...['weight', 'ifmap', 'psum', 'ofmap', 'bias'].map((tensor) => `dramBits.${tensor}`),
  ...['wbuf', 'ibuf', 'obuf', 'bbuf', 'vmem', 'imm', 'imem'].map((sram) => `sramBits.${sram}`),
] as const;

/** What a record like an estimate holds, numbers or the expressions for them, by column and in their order. */
export function byColumn<Value extends number | string>(record: Readonly<Record<string, unknown>>): Map<string, Value> {
  const found = new Map<string, Value>();
  for (const column of FORMULA_COLUMNS) {
    const [key, part] = column.split('.') as [string, string | undefined];
    const value =
      part === undefined ? record[key] : (record[key] as Readonly<Record<string, unknown>> | undefined)?.[part];
    if (value !== undefined) found.set(column, value as Value);
  }
  return found;
}

/** Throws an InputError for a value that is no finite number; `file` and `path` say whose it is. */
export function expectFinite(
  value: number,
  layer: Layer,
  where: { readonly file: string; readonly path: string },
): number {
  if (Number.isFinite(value)) return value;
  throw new InputError({ ...where, layer: layer.name, value, expected: 'a finite number' });
}

/** A formula that is code: what it says of a layer on a hardware, or undefined where it says nothing of such a layer. */
export interface FormulaCode {
  readonly name: string;
  readonly description?: string | undefined;
  readonly source?: string | undefined;
  /** The columns that it gives; `cycles` alone unless given. */
  readonly columns?: readonly string[] | undefined;
  readonly evaluate: (layer: Layer, hardware: Hardware) => Estimate | number | undefined;
}

/** A formula from code. What it returns is checked: each column must be a finite number. */
export function formulaOf(code: FormulaCode): Formula {
  const { name, description, source, columns = ['cycles'] } = code;
  return {
    name,
    description,
    source,
    columns,
    on: (hardware) => {
      const evaluate = (layer: Layer): Estimate | undefined => {
        const said = code.evaluate(layer, hardware);
        const estimate = typeof said === 'number' ? { cycles: said } : said;
        if (estimate === undefined) return undefined;
        for (const [path, value] of byColumn<number>({ ...estimate })) expectFinite(value, layer, { file: name, path });
        return estimate;
      };
      return {
        evaluate,
        column: (layer, column) => {
          const estimate = evaluate(layer);
          return estimate && byColumn<number>({ ...estimate }).get(column);
        },
      };
    },
  };
}
