/** Two runs side by side: what has changed, layer by layer and cause by cause, with nothing left over. */
import type { RunFile, RunFileLayer } from '../spec/runFile.ts';

/** A figure of both runs. */
export interface Change {
  readonly a: number;
  readonly b: number;
  /** b − a. */
  readonly difference: number;
}

/** What has changed in a layer. A layer that only one run has counts as 0 in the other. */
export interface LayerDifference {
  readonly name: string;
  readonly op: string;
  readonly in: 'both' | 'a' | 'b';
  /** Simulated cycles. */
  readonly cycles: Change;
  readonly closedFormCycles: Change;
  /** Simulated cycles by cause: busy, fill, and the keys of `waiting`; their differences add up to `cycles`'. */
  readonly causes: Readonly<Record<string, Change>>;
  /** Columns of traffic and operations, e.g. `dramBits.ifmap`: those that have changed. */
  readonly amounts: Readonly<Record<string, Change>>;
}

/** Two runs compared. */
export interface RunDifference {
  readonly cycles: Change;
  readonly causes: Readonly<Record<string, Change>>;
  readonly amounts: Readonly<Record<string, Change>>;
  /** Layers that differ in anything, the largest change of cycles first. */
  readonly layers: readonly LayerDifference[];
}

type Amounts = Record<string, number>;

function change(a: number, b: number): Change {
  return { a, b, difference: b - a };
}

/** Changes by name, the largest first; those that are none are left out. */
function changes(a: Amounts, b: Amounts): Record<string, Change> {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  const all = names.map((name): [string, Change] => [name, change(a[name] ?? 0, b[name] ?? 0)]);
  const changed = all.filter(([, { difference }]) => difference !== 0);
  return Object.fromEntries(changed.sort(([, x], [, y]) => Math.abs(y.difference) - Math.abs(x.difference)));
}

function causesOf(layer: RunFileLayer | undefined): Amounts {
  if (layer === undefined) return {};
  const { computeCycles, fillCycles, waiting } = layer.simulated;
  return { busy: computeCycles - fillCycles, fill: fillCycles, ...waiting };
}

function amountsOf(layer: RunFileLayer | undefined): Amounts {
  if (layer === undefined) return {};
  const { dramBits, sramBits, opCounts } = layer.simulated;
  const named = Object.entries({ dramBits, sramBits, opCounts }).flatMap(([group, amounts]) =>
    Object.entries(amounts).map(([name, value]): [string, number] => [`${group}.${name}`, value]),
  );
  return Object.fromEntries(named);
}

function layerDifference(a: RunFileLayer | undefined, b: RunFileLayer | undefined): LayerDifference {
  const { name, op } = (a ?? b)!;
  return {
    name,
    op,
    in: a === undefined ? 'b' : b === undefined ? 'a' : 'both',
    cycles: change(a?.simulated.totalCycles ?? 0, b?.simulated.totalCycles ?? 0),
    closedFormCycles: change(a?.closedForm.totalCycles ?? 0, b?.closedForm.totalCycles ?? 0),
    causes: changes(causesOf(a), causesOf(b)),
    amounts: changes(amountsOf(a), amountsOf(b)),
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

function sumOver(layers: readonly RunFileLayer[], amounts: (layer: RunFileLayer) => Amounts): Amounts {
  const sum: Amounts = {};
  for (const layer of layers) {
    for (const [name, value] of Object.entries(amounts(layer))) sum[name] = (sum[name] ?? 0) + value;
  }
  return sum;
}

/** Compares two runs layer by layer; layers belong together by name. */
export function differenceOf(a: RunFile, b: RunFile): RunDifference {
  const inA = new Map(a.layers.map((layer) => [layer.name, layer]));
  const inB = new Map(b.layers.map((layer) => [layer.name, layer]));
  const names = [...new Set([...inA.keys(), ...inB.keys()])];
  const layers = names
    .map((name) => layerDifference(inA.get(name), inB.get(name)))
    .filter(differs)
    .sort((x, y) => Math.abs(y.cycles.difference) - Math.abs(x.cycles.difference));
  const cyclesOf = (run: RunFile): number => run.layers.reduce((sum, layer) => sum + layer.simulated.totalCycles, 0);
  return {
    cycles: change(cyclesOf(a), cyclesOf(b)),
    causes: changes(sumOver(a.layers, causesOf), sumOver(b.layers, causesOf)),
    amounts: changes(sumOver(a.layers, amountsOf), sumOver(b.layers, amountsOf)),
    layers,
  };
}

/** Whether the runs are the same in every figure. */
export function isSame(difference: RunDifference): boolean {
  return difference.layers.length === 0;
}
