/** Two runs side by side: what has changed, layer by layer and cause by cause, with nothing left over. */
import { figuresOf, isRatio, type RunFile, type RunFileLayer } from '../../model/schemas/runFile.ts';

/** A figure of both runs. */
export interface Change {
  readonly a: number;
  readonly b: number;
  /** b − a. */
  readonly difference: number;
}

/** What has changed, by name; what only one run has counts as 0 in the other. */
export type Changes = Readonly<Record<string, Change>>;

/** What has changed in a layer. */
export interface LayerDifference {
  readonly name: string;
  readonly op: string;
  /** 1 for the first layer of that name and operation in its run, 2 for the second. */
  readonly occurrence: number;
  readonly in: 'both' | 'a' | 'b';
  /** Simulated cycles. */
  readonly cycles: Change;
  readonly closedFormCycles: Change;
  /**
   * Simulated cycles by cause: busy, fill, the keys of `waiting`, and where layers overlap `overlap`: what a layer's last
   * store comes later than all before, less what its unit worked and waited for it. Their differences add up to `cycles`'.
   */
  readonly causes: Changes;
  /** All other figures that have changed: `dramBits.ifmap` of the simulation, `closedForm.stallCycles`, `tile.oh`. */
  readonly amounts: Changes;
}

/** Two runs compared. */
export interface RunDifference {
  readonly cycles: Change;
  readonly closedFormCycles: Change;
  readonly causes: Changes;
  /** Sums over the layers. */
  readonly amounts: Changes;
  /** Figures of the run as a whole that have changed: `seconds.simulated`, `energy.averageWatts.closedForm`. */
  readonly figures: Changes;
  /** Layers that differ in anything, the largest change of cycles first. */
  readonly layers: readonly LayerDifference[];
}

/** Amounts by their names, which a file may choose: `toString` is one. */
type Amounts = ReadonlyMap<string, number>;

function change(a: number, b: number): Change {
  return { a, b, difference: b - a };
}

/** Changes by name; those that are none are left out. */
function changes(a: Amounts, b: Amounts): Record<string, Change> {
  const names = [...new Set([...a.keys(), ...b.keys()])];
  const all = names.map((name): [string, Change] => [name, change(a.get(name) ?? 0, b.get(name) ?? 0)]);
  return Object.fromEntries(all.filter(([, { difference }]) => difference !== 0));
}

/** Changes in the order of their size, the largest first. */
function largestFirst(all: Changes): Changes {
  const bySize = Object.entries(all).sort(([, x], [, y]) => Math.abs(y.difference) - Math.abs(x.difference));
  return Object.fromEntries(bySize);
}

function causesOf(layer: RunFileLayer | undefined): Amounts {
  if (layer === undefined) return new Map();
  const { totalCycles, computeCycles, fillCycles, waiting } = layer.simulated;
  const waited = Object.values(waiting).reduce((sum, cycles) => sum + cycles, 0);
  const overlap = totalCycles - computeCycles - waited;
  return new Map([
    ['busy', computeCycles - fillCycles],
    ['fill', fillCycles],
    ...Object.entries(waiting),
    ...(overlap === 0 ? [] : [['overlap', overlap] as const]),
  ]);
}

/** How a layer was simulated, not what came out. */
const HOW = ['steppedTiles', 'jumpedTiles', 'events'];
/** Figures that `cycles` and `causes` hold already. */
const IN_CAUSES = ['totalCycles', 'computeCycles', 'stallCycles', 'fillCycles', 'waiting'];

function without(record: object, keys: readonly string[]): object {
  return Object.fromEntries(Object.entries(record).filter(([key]) => !keys.includes(key)));
}

/** All figures of a layer but its cycles and their causes; those of the simulation by their own names. */
function amountsOf(layer: RunFileLayer | undefined): Amounts {
  if (layer === undefined) return new Map();
  const { simulated, closedForm } = layer;
  const rest = { closedForm: without(closedForm, ['totalCycles']), ...without(layer, ['simulated', 'closedForm']) };
  return new Map([...figuresOf(without(simulated, [...HOW, ...IN_CAUSES])), ...figuresOf(rest)]);
}

/** Sides of tiles and ratios are not to be added up. */
function summable(layer: RunFileLayer): Amounts {
  const isSummable = (name: string): boolean => !/^(tile|sizes)\./.test(name) && !isRatio(name);
  return new Map([...amountsOf(layer)].filter(([name]) => isSummable(name)));
}

/** Figures of a run that are no sums over its layers. */
function figuresOfRun(run: RunFile): Amounts {
  const own = { ...run, energy: without(run.energy ?? {}, ['totals', 'kinds']) };
  return figuresOf(without(own, ['batch', 'layers', 'totals']));
}

function layerDifference(
  a: RunFileLayer | undefined,
  b: RunFileLayer | undefined,
  occurrence: number,
): LayerDifference {
  const { name, op } = (a ?? b)!;
  return {
    name,
    op,
    occurrence,
    in: a === undefined ? 'b' : b === undefined ? 'a' : 'both',
    cycles: change(a?.simulated.totalCycles ?? 0, b?.simulated.totalCycles ?? 0),
    closedFormCycles: change(a?.closedForm.totalCycles ?? 0, b?.closedForm.totalCycles ?? 0),
    causes: largestFirst(changes(causesOf(a), causesOf(b))),
    amounts: largestFirst(changes(amountsOf(a), amountsOf(b))),
  };
}

function differs({ in: where, cycles, closedFormCycles, causes, amounts }: LayerDifference): boolean {
  return (
    where !== 'both' ||
    cycles.difference !== 0 ||
    closedFormCycles.difference !== 0 ||
    Object.keys(causes).length + Object.keys(amounts).length > 0
  );
}

/** Larger changes first: of simulated cycles, then of the closed form's. */
function bySize(x: LayerDifference, y: LayerDifference): number {
  const size = (all: Change): number => Math.abs(all.difference);
  return size(y.cycles) - size(x.cycles) || size(y.closedFormCycles) - size(x.closedFormCycles);
}

function sumOver(layers: readonly RunFileLayer[], amounts: (layer: RunFileLayer) => Amounts): Amounts {
  const sums = new Map<string, number>();
  for (const layer of layers) {
    for (const [name, value] of amounts(layer)) sums.set(name, (sums.get(name) ?? 0) + value);
  }
  return sums;
}

interface Occurrence {
  readonly place: number;
  readonly layer: RunFileLayer;
  readonly occurrence: number;
}

/** A run's layers by name, operation and how many such layers came before. */
function occurrences(layers: readonly RunFileLayer[]): Map<string, Occurrence> {
  const counts = new Map<string, number>();
  const found = new Map<string, Occurrence>();
  for (const [place, layer] of layers.entries()) {
    const key = JSON.stringify([layer.name, layer.op]);
    const occurrence = (counts.get(key) ?? 0) + 1;
    counts.set(key, occurrence);
    found.set(`${key} ${occurrence}`, { place, layer, occurrence });
  }
  return found;
}

/** A layer of one run and its like of the other, and what has changed, if anything. */
export interface LayerPair {
  /** Their places among the layers of their runs; undefined where a run has none. */
  readonly a: number | undefined;
  readonly b: number | undefined;
  readonly difference: LayerDifference;
}

/**
 * All layers of two runs: each with the one of the same name and operation, the second such with the second. In the order
 * of the first run; those that only the second has come last.
 */
export function layerPairs(a: readonly RunFileLayer[], b: readonly RunFileLayer[]): LayerPair[] {
  const [inA, inB] = [occurrences(a), occurrences(b)];
  return [...new Set([...inA.keys(), ...inB.keys()])].map((key) => {
    const [ofA, ofB] = [inA.get(key), inB.get(key)];
    const difference = layerDifference(ofA?.layer, ofB?.layer, (ofA ?? ofB)!.occurrence);
    return { a: ofA?.place, b: ofB?.place, difference };
  });
}

/** Compares two runs, layer by layer as `layerPairs` finds them. */
export function differenceOf(a: RunFile, b: RunFile): RunDifference {
  const layers = layerPairs(a.layers, b.layers)
    .map(({ difference }) => difference)
    .filter(differs)
    .sort(bySize);
  const cyclesOf = (run: RunFile, model: 'simulated' | 'closedForm'): number =>
    run.layers.reduce((sum, layer) => sum + layer[model].totalCycles, 0);
  return {
    cycles: change(cyclesOf(a, 'simulated'), cyclesOf(b, 'simulated')),
    closedFormCycles: change(cyclesOf(a, 'closedForm'), cyclesOf(b, 'closedForm')),
    causes: largestFirst(changes(sumOver(a.layers, causesOf), sumOver(b.layers, causesOf))),
    amounts: largestFirst(changes(sumOver(a.layers, summable), sumOver(b.layers, summable))),
    figures: changes(figuresOfRun(a), figuresOfRun(b)),
    layers,
  };
}

/** Whether the runs are the same in every figure. */
export function isSame({ layers, figures }: RunDifference): boolean {
  return layers.length === 0 && Object.keys(figures).length === 0;
}
