/**
 * What a network costs at a point of a design space, without evaluating anything twice. Layers of the systolic array
 * and of the SIMD array run one after the other and depend on different parameters (MODEL.md §8), identical
 * layers cost the same, and tiles depend on sizes alone.
 */
import { BeyondExactness, expectExact } from '../../model/layers/exactness.ts';
import type { Layer } from '../../model/layers/layer.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import type { Program } from '../../model/workload/program.ts';
import { type Beside, costKey, type Key, programKey, tileKey, type Unit } from './costKeys.ts';
import { distinctOperations, type RepeatedLayer, type RepeatedOperation, tileDistinct } from './distinctOperations.ts';
import { type Digits, type Setting, type Space, settingAt } from './space.ts';

/** What layers cost; the costs of both units add up. Joules and seconds are 0 where no energy is asked for. */
export interface Cost {
  readonly cycles: number;
  readonly joules: number;
  readonly seconds: number;
}

/** Is told how far something has come, as a share of it. */
export type Watch = (share: number) => void;

/** Prices the layers of a hardware point by one model; a model that takes its time tells how far it has come. */
export type CostModel = (hardware: Hardware) => (layer: Layer, watch?: Watch) => Cost;

/** What a space is priced by. */
export interface Pricing {
  /** The network of a setting. */
  readonly program: (setting: Setting) => Program;
  readonly model: CostModel;
  readonly beside: Beside;
}

/** The costs of one unit's layers, evaluated when first asked for. Undefined: some layer does not fit the hardware. */
export interface UnitCosts {
  /** Which evaluation a point needs. */
  readonly key: Key;
  readonly at: (digits: Digits) => Cost | undefined;
  /** Evaluations by key. What is put in is not evaluated again. */
  readonly known: Map<number, Cost | undefined>;
}

/** The costs of a space's points. */
export interface NetworkCosts {
  readonly units: Readonly<Record<Unit, UnitCosts>>;
  /** Both units together. */
  readonly at: (digits: Digits) => Cost | undefined;
  /** How many evaluations of one unit's layers are known. */
  readonly evaluations: () => number;
}

/** What the different layers of a unit cost together. Throws a BeyondExactness for cycles beyond 2⁵³. */
export function sumOfCosts(
  layers: readonly RepeatedLayer[],
  costOf: (layer: Layer, watch?: Watch) => Cost,
  watch?: Watch,
): Cost {
  let cycles = 0;
  let joules = 0;
  let seconds = 0;
  let layersDone = 0;
  const watchLayer = watch && ((share: number) => watch((layersDone + share) / layers.length));
  for (const { layer, times } of layers) {
    const cost = costOf(layer, watchLayer);
    layersDone++;
    cycles += times * cost.cycles;
    expectExact(layer.name, 'totalCycles', cycles);
    joules += times * cost.joules;
    seconds += times * cost.seconds;
  }
  return { cycles, joules, seconds };
}

/** The cost of both units. */
function together(a: Cost, b: Cost): Cost {
  return { cycles: a.cycles + b.cycles, joules: a.joules + b.joules, seconds: a.seconds + b.seconds };
}

/** What is known for a key, else what `compute` returns, which is known from then on. */
function remembered<Value>(known: Map<number, Value>, key: number, compute: () => Value): Value {
  const found = known.get(key);
  if (found !== undefined || known.has(key)) return found as Value;
  const value = compute();
  known.set(key, value);
  return value;
}

/** Undefined where a layer does not fit: such a point is none, but searching past it is no error of the user's. */
function unlessItDoesNotFit<Value>(tile: () => Value): Value | undefined {
  try {
    return tile();
  } catch (error) {
    if (error instanceof InputError && !(error instanceof BeyondExactness)) return undefined;
    throw error;
  }
}

/** Tilings of a network that are remembered; some hundred kilobytes each. */
const MOST_TILINGS = 1 << 11;

interface Operations {
  readonly file: string;
  readonly list: readonly RepeatedOperation[];
}

/** Prepares the costs of a space. Nothing is evaluated yet; `watch` is told how far the evaluation that runs has come. */
export function networkCosts(space: Pick<Space, 'base' | 'axes'>, pricing: Pricing, watch?: Watch): NetworkCosts {
  const { axes } = space;
  const programs = programKey(axes);
  const operations = new Map<number, Operations>();
  const operationsOf = (digits: Digits, setting: Setting): Operations =>
    remembered(operations, programs.of(digits), () => {
      const program = pricing.program(setting);
      return { file: program.file, list: distinctOperations(program) };
    });

  const unitCosts = (unit: Unit): UnitCosts => {
    const tiles = tileKey(space, unit);
    const tiled = new Map<number, readonly RepeatedLayer[] | undefined>();
    const layersOf = (digits: Digits, setting: Setting): readonly RepeatedLayer[] | undefined =>
      remembered(tiled, tiles.of(digits), () => {
        if (tiled.size === MOST_TILINGS) tiled.clear();
        const { file, list } = operationsOf(digits, setting);
        const own = list.filter(({ operation }) => operation.unit === unit);
        return unlessItDoesNotFit(() => tileDistinct(own, setting.hardware, file));
      });
    const evaluate = (digits: Digits): Cost | undefined => {
      const setting = settingAt(space, digits);
      const layers = layersOf(digits, setting);
      return layers && sumOfCosts(layers, pricing.model(setting.hardware), watch);
    };
    const key = costKey(space, unit, pricing.beside);
    const known = new Map<number, Cost | undefined>();
    return { key, known, at: (digits) => remembered(known, key.of(digits), () => evaluate(digits)) };
  };

  const units = { SA: unitCosts('SA'), SIMD: unitCosts('SIMD') };
  return {
    units,
    at: (digits) => {
      const sa = units.SA.at(digits);
      const simd = units.SIMD.at(digits);
      return sa && simd && together(sa, simd);
    },
    evaluations: () => units.SA.known.size + units.SIMD.known.size,
  };
}
