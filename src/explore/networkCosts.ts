/**
 * What a network costs at a point of a design space, without evaluating anything twice. Layers of the systolic array
 * and of the SIMD array run one after the other and depend on different parameters (MODEL section 8), identical
 * layers cost the same, and tiles depend on sizes alone.
 */

import type { Layer } from '../layers/layer.ts';
import type { Hardware } from '../spec/hardware.ts';
import { InputError } from '../spec/inputError.ts';
import type { Program } from '../workload/program.ts';
import { distinctOperations, type RepeatedLayer, type RepeatedOperation, tileDistinct } from './distinctOperations.ts';
import { type Axis, type Digits, type Setting, type Space, settingAt } from './space.ts';

/** What the layers of one unit cost; the costs of both units add up. Joules are 0 where no energy is asked for. */
export interface Cost {
  readonly cycles: number;
  readonly joules: number;
}

export type Unit = Layer['unit'];
export const UNITS = ['SA', 'SIMD'] as const satisfies readonly Unit[];

/** Prices the layers of a hardware point by one model. */
export type CostModel = (hardware: Hardware) => (layer: Layer) => Cost;

/** The parameters that the tiles of a unit's layers depend on, and those that only their cost depends on. */
const PARAMETERS: Readonly<Record<Unit, { readonly tiles: RegExp; readonly cost: RegExp }>> = {
  SA: {
    tiles: /^(array\.|bits\.|(sramKiB|slots)\.[wiob]buf$|batch$|workload$|phase$)/,
    cost: /^bitsPerCycle\.(weight|ifmap|psum)$/,
  },
  SIMD: {
    tiles: /^(array\.columns$|bits\.(ifmap|psum)$|(sramKiB|slots)\.vmem$|batch$|workload$|phase$)/,
    cost: /^(bitsPerCycle\.vmem$|aluCycles\.)/,
  },
};

/** What energy constants depend on beyond that: the size of both units and the clock. */
const ENERGY_PARAMETERS = /^(array\.|bits\.ifmap$|clockPicoseconds$)/;

/** Numbers points by the axes of some parameters alone: points with equal keys agree in all of them. */
function keyOver(axes: readonly Axis[], matters: (parameter: string) => boolean): (digits: Digits) => number {
  const places = axes.flatMap((axis, place) => (matters(axis.parameter) ? [place] : []));
  const radices = places.map((place) => axes[place]!.values.length);
  return (digits) => {
    let key = 0;
    for (let i = 0; i < places.length; i++) key = key * radices[i]! + digits[places[i]!]!;
    return key;
  };
}

/** The costs of a space's points, evaluated when first asked for. */
export interface NetworkCosts {
  /** Which evaluation a point needs for a unit. */
  readonly keyOf: Readonly<Record<Unit, (digits: Digits) => number>>;
  /** The cost of a unit's layers, or undefined where a layer does not fit the hardware. */
  readonly at: (unit: Unit, digits: Digits) => Cost | undefined;
  /** Evaluations known for a unit, by key; what is put in is not evaluated again. */
  readonly known: Readonly<Record<Unit, Map<number, Cost | undefined>>>;
}

/** What a space is priced by. */
export interface Pricing {
  /** The network of a setting. */
  readonly program: (setting: Setting) => Program;
  readonly model: CostModel;
  readonly hasEnergy: boolean;
}

/** What the different layers of a unit cost together. */
export function sumOfCosts(layers: readonly RepeatedLayer[], costOf: (layer: Layer) => Cost): Cost {
  let cycles = 0;
  let joules = 0;
  for (const { layer, times } of layers) {
    const cost = costOf(layer);
    cycles += times * cost.cycles;
    joules += times * cost.joules;
  }
  return { cycles, joules };
}

/** Remembers what a function returned for a key. */
function remember<Value>(known: Map<number, Value>, key: number, compute: () => Value): Value {
  const found = known.get(key);
  if (found !== undefined || known.has(key)) return found as Value;
  const value = compute();
  known.set(key, value);
  return value;
}

/** Prepares the costs of a space. Nothing is evaluated yet. */
export function networkCosts(
  space: Pick<Space, 'base' | 'axes'>,
  { program, model, hasEnergy }: Pricing,
): NetworkCosts {
  const { axes } = space;
  const programKey = keyOver(axes, (parameter) => /^(batch|workload|phase)$/.test(parameter));
  const operations = new Map<number, { readonly file: string; readonly list: readonly RepeatedOperation[] }>();
  const operationsOf = (digits: Digits, setting: Setting) =>
    remember(operations, programKey(digits), () => {
      const { file, ...network } = program(setting);
      return { file, list: distinctOperations({ file, ...network }) };
    });

  const ofUnit = (unit: Unit) => {
    const { tiles, cost } = PARAMETERS[unit];
    const tileKey = keyOver(axes, (parameter) => tiles.test(parameter));
    const key = keyOver(
      axes,
      (parameter) => tiles.test(parameter) || cost.test(parameter) || (hasEnergy && ENERGY_PARAMETERS.test(parameter)),
    );
    const tiled = new Map<number, readonly RepeatedLayer[] | undefined>();
    const known = new Map<number, Cost | undefined>();
    const layersOf = (digits: Digits, setting: Setting) =>
      remember(tiled, tileKey(digits), () => {
        const { file, list } = operationsOf(digits, setting);
        const own = list.filter(({ operation }) => operation.unit === unit);
        return unlessItDoesNotFit(() => tileDistinct(own, setting.hardware, file));
      });
    const evaluate = (digits: Digits): Cost | undefined => {
      const setting = settingAt(space, digits);
      const layers = layersOf(digits, setting);
      return layers && sumOfCosts(layers, model(setting.hardware));
    };
    return { key, known, at: (digits: Digits) => remember(known, key(digits), () => evaluate(digits)) };
  };

  const [SA, SIMD] = [ofUnit('SA'), ofUnit('SIMD')];
  return {
    keyOf: { SA: SA.key, SIMD: SIMD.key },
    at: (unit, digits) => (unit === 'SA' ? SA : SIMD).at(digits),
    known: { SA: SA.known, SIMD: SIMD.known },
  };
}

/** A layer that does not fit makes a point invalid; it is no error of the user's who searches. */
function unlessItDoesNotFit<Value>(tile: () => Value): Value | undefined {
  try {
    return tile();
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
