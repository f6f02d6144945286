/** How the layers of two runs on a page compare. */
import type { RunFile, RunFileLayer } from '../../model/schemas/runFile.ts';
import { type LayerPair, layerPairs } from '../../studies/check/difference.ts';
import type { ComparedLayer, LayerFigures } from './pageData.ts';
import type { TracedUnit } from './tracedUnits.ts';
import type { LayerRun } from './traceFile.ts';

/** A run as its layers are compared: those of its program, a fused group's cycles at its conv or gemm. */
export interface ComparedRun {
  readonly layers: readonly RunFileLayer[];
  /** Of each of them, its place among the run's layers on the page: all members of a group have that of its SA side. */
  readonly places: readonly number[];
}

const NO_CYCLES = { totalCycles: 0, computeCycles: 0, stallCycles: 0 };
/** Of a SIMD layer of a fused group. */
const NOTHING = { ...NO_CYCLES, fillCycles: 0, waiting: {}, dramBits: {}, sramBits: {}, opCounts: {} };

/** A run that was traced; `runs` are those of the units' layers. */
export function tracedRun(units: readonly TracedUnit[], runs: readonly LayerRun[]): ComparedRun {
  const layers: RunFileLayer[] = [];
  const places: number[] = [];
  let place = 0;
  for (const { shown, group } of units) {
    const members = group?.members ?? shown;
    for (const [member, { name, op, unit }] of members.entries()) {
      const simulated = member === 0 ? { ...runs[place]!.result } : NOTHING;
      layers.push({ name, op, unit, closedForm: NO_CYCLES, simulated });
      places.push(place);
    }
    place += shown.length;
  }
  return { layers, places };
}

/** A run from a file, and its layers as a page shows them: one after the other, a group at its conv or gemm. */
export function runFromFile({ layers }: RunFile): ComparedRun & { readonly figures: readonly LayerFigures[] } {
  const places: number[] = [];
  const figures: LayerFigures[] = [];
  let start = 0;
  for (const { name, op, unit, group, simulated } of layers) {
    const { totalCycles, computeCycles, stallCycles, fillCycles, waiting } = simulated;
    const isInGroup = group !== undefined && unit === 'SIMD' && totalCycles === 0 && figures.length > 0;
    if (!isInGroup) {
      const end = start + totalCycles;
      const unitCycles = computeCycles + stallCycles;
      const time = { start, end, unitStart: end - unitCycles, unitEnd: end };
      figures.push({
        layer: { name: group ?? name, op, unit },
        ...time,
        totalCycles,
        computeCycles,
        fillCycles,
        waiting,
      });
      start = end;
    }
    places.push(figures.length - 1);
  }
  return { layers, places, figures };
}

/** What two layers, or groups, have in common while the differences of their members are added up. */
interface Sum {
  readonly a: number | undefined;
  b: number | undefined;
  readonly causes: Map<string, number>;
}

function comparedLayer({ a, b, causes }: Sum): ComparedLayer {
  const changed = [...causes].filter(([, cycles]) => cycles !== 0).sort(([, x], [, y]) => Math.abs(y) - Math.abs(x));
  return { ...(a !== undefined && { a }), ...(b !== undefined && { b }), causes: Object.fromEntries(changed) };
}

function addCauses({ causes }: Sum, { difference }: LayerPair): void {
  for (const [cause, change] of Object.entries(difference.causes)) {
    causes.set(cause, (causes.get(cause) ?? 0) + change.difference);
  }
}

/** Compares the layers of two runs; what their causes add up to is the difference of the runs' cycles. */
export function comparedLayers(a: ComparedRun, b: ComparedRun): ComparedLayer[] {
  const ofA = new Map<number, Sum>();
  const onlyB = new Map<number, Sum>();
  const taken = new Set<number>();
  for (const pair of layerPairs(a.layers, b.layers)) {
    const placeB = pair.b === undefined ? undefined : b.places[pair.b]!;
    if (pair.a !== undefined) {
      const placeA = a.places[pair.a]!;
      const sum = ofA.get(placeA) ?? { a: placeA, b: placeB, causes: new Map<string, number>() };
      sum.b ??= placeB;
      if (placeB !== undefined) taken.add(placeB);
      addCauses(sum, pair);
      ofA.set(placeA, sum);
    } else if (!taken.has(placeB!)) {
      // Another member of a group whose conv has its like takes no cycles of its own.
      const sum = onlyB.get(placeB!) ?? { a: undefined, b: placeB, causes: new Map<string, number>() };
      addCauses(sum, pair);
      onlyB.set(placeB!, sum);
    }
  }
  return [...ofA.values(), ...onlyB.values()].map(comparedLayer);
}

const LONGEST_AMOUNT = -Number.MAX_SAFE_INTEGER;

/** A comparison that takes at least as much of the page as any of so many layers, with these causes. */
export function longestComparedLayers(layers: number, causes: readonly string[]): ComparedLayer[] {
  const most = Number.MAX_SAFE_INTEGER;
  const all = Object.fromEntries(causes.map((cause) => [cause, LONGEST_AMOUNT]));
  return Array.from({ length: layers }, () => ({ a: most, b: most, causes: all }));
}
