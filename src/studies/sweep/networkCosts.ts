/**
 * What a network costs at a point of a design space, without evaluating anything twice. Layers of the systolic array
 * and of the SIMD array run one after the other and depend on different parameters (MODEL.md §8), identical
 * layers cost the same, and tiles depend on sizes alone.
 */
import { BeyondExactness, expectExact } from '../../model/layers/exactness.ts';
import type { Layer } from '../../model/layers/layer.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import {
  distinctOperations,
  type RepeatedLayer,
  type RepeatedOperation,
  tileDistinct,
} from '../../model/tiling/distinctOperations.ts';
import type { Program } from '../../model/workload/program.ts';
import { type Beside, costKey, type Key, PARTS, type Part, programKey, tileKey, UNITS, type Unit } from './costKeys.ts';
import { type Setting, type Spanned, settingAt } from './setting.ts';
import type { Digits } from './space.ts';

/** What layers cost; the costs of both units add up. Joules and seconds are 0 where no energy is asked for. */
export interface Cost {
  readonly cycles: number;
  readonly joules: number;
  readonly seconds: number;
}

/** Is told how far something has come, as a share of it. */
export type Watch = (share: number) => void;

/** Prices the layers of a point by one model; a model that takes its time tells how far it has come. */
export type CostModel = (hardware: Hardware, setting: Setting) => (layer: Layer, watch?: Watch) => Cost;

/** Prices a network whose layers overlap or are fused. Throws an InputError where it does not fit. */
export type WholeModel = (program: Program, setting: Setting, watch?: Watch) => Cost;

/** What a space is priced by. */
export interface Pricing {
  /** The network of a setting. */
  readonly program: (setting: Setting) => Program;
  readonly model: CostModel;
  readonly beside: Beside;
  /** Where layers overlap or are fused: all points are then priced as whole networks. */
  readonly whole?: WholeModel | undefined;
}

/** The costs of one part, evaluated when first asked for. Undefined: some layer does not fit the hardware. */
export interface PartCosts {
  /** Which evaluation a point needs. */
  readonly key: Key;
  readonly at: (digits: Digits) => Cost | undefined;
  /** Evaluations by key. What is put in is not evaluated again. */
  readonly known: Map<number, Cost | undefined>;
}

/** The costs of a space's points. */
export interface NetworkCosts {
  /** Both arrays, or the network as a whole. */
  readonly parts: Readonly<Partial<Record<Part, PartCosts>>>;
  /** All parts together. */
  readonly at: (digits: Digits) => Cost | undefined;
  /** How many evaluations of a part are known. */
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

/** Prepares the costs of a space. Nothing is evaluated yet; `watch` is told how far the evaluation that runs has come. */
export function networkCosts(space: Spanned, pricing: Pricing, watch?: Watch): NetworkCosts {
  const programs = programKey(space);
  const known = new Map<number, Program>();
  const programOf = (digits: Digits, setting: Setting): Program =>
    remembered(known, programs.of(digits), () => pricing.program(setting));
  const keyed = (part: Part, evaluate: (digits: Digits, setting: Setting) => Cost | undefined): PartCosts => {
    const key = costKey(space, part, pricing.beside);
    const evaluations = new Map<number, Cost | undefined>();
    const at = (digits: Digits): Cost | undefined =>
      remembered(evaluations, key.of(digits), () => evaluate(digits, settingAt(space, digits)));
    return { key, known: evaluations, at };
  };
  const { whole } = pricing;
  if (whole !== undefined) {
    const network = keyed('network', (digits, setting) => {
      const program = programOf(digits, setting);
      return unlessItDoesNotFit(() => whole(program, setting, watch));
    });
    return { parts: { network }, at: network.at, evaluations: () => network.known.size };
  }

  const operations = new Map<number, readonly RepeatedOperation[]>();
  const unitCosts = (unit: Unit): PartCosts => {
    const tiles = tileKey(space, unit);
    const tiled = new Map<number, readonly RepeatedLayer[] | undefined>();
    const layersOf = (digits: Digits, setting: Setting): readonly RepeatedLayer[] | undefined =>
      remembered(tiled, tiles.of(digits), () => {
        if (tiled.size === MOST_TILINGS) tiled.clear();
        const program = programOf(digits, setting);
        const all = remembered(operations, programs.of(digits), () => distinctOperations(program).list);
        const own = all.filter(({ operation }) => operation.unit === unit);
        return unlessItDoesNotFit(() => tileDistinct(own, setting.hardware, program.file));
      });
    return keyed(unit, (digits, setting) => {
      const layers = layersOf(digits, setting);
      if (layers === undefined) return undefined;
      const model = pricing.model(setting.hardware, setting);
      return unlessItDoesNotFit(() => sumOfCosts(layers, model, watch));
    });
  };
  const [sa, simd] = UNITS.map(unitCosts) as [PartCosts, PartCosts];
  return {
    parts: { SA: sa, SIMD: simd },
    at: (digits) => {
      const ofSa = sa.at(digits);
      const ofSimd = simd.at(digits);
      return ofSa && ofSimd && together(ofSa, ofSimd);
    },
    evaluations: () => sa.known.size + simd.known.size,
  };
}

/** The parts that points are priced by. */
export function partsOf({ parts }: NetworkCosts): readonly (readonly [Part, PartCosts])[] {
  return PARTS.flatMap((part) => (parts[part] === undefined ? [] : [[part, parts[part]] as const]));
}
