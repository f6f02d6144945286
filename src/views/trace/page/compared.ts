/** A second run, B, beside the page's own, A: its layers paired with those of A, and how it is shifted on the ruler. */
import {
  COMPARISON_ID,
  type ComparedLayer,
  type LayerFigures,
  type PageComparison,
  type PageHead,
  type PageLayer,
  SECOND_RUN_ELEMENTS,
} from '../pageData.ts';
import { type PageData, readData } from './data.ts';
import { addedRange, addedSpans, type LayerSpans } from './layerTimes.ts';
import { cyclesOf } from './recorded.ts';

/** A layer of either run and its like in the other. */
export interface LayerPair {
  /** As A calls it, if that has it. */
  readonly name: string;
  /** Where it is. `fused`: B runs it in a group whose cycles stand at another layer of A. */
  readonly in: 'both' | 'A' | 'B' | 'fused';
  /** Places among the layers of either run. */
  readonly a: number | undefined;
  readonly b: number | undefined;
  readonly figuresOfA: PageLayer | undefined;
  readonly figuresOfB: LayerFigures | undefined;
  readonly cyclesOfA: number;
  /** Those of all members of a fused group of A. */
  readonly cyclesOfB: number;
  /** B − A: of the cycles, and by cause, the largest first. */
  readonly difference: number;
  readonly causes: readonly (readonly [cause: string, cycles: number])[];
}

/** A row of the layer table: a layer of A, of which there may be a like in B, or one that only B has. */
export interface ListedLayer {
  readonly name: string;
  readonly op: string;
  readonly layer: PageLayer | undefined;
  /** Not there without a second run, nor for the SIMD side of a fused group of A, which is compared with its SA side. */
  readonly pair: LayerPair | undefined;
}

/** The second run. */
export interface Compared {
  readonly names: readonly [a: string, b: string];
  /** Of a run from a file the options that would run it again, where the file says them. */
  readonly optionsOfB: string | undefined;
  /** Its trace; not there where it comes from a file of figures. */
  readonly data: PageData | undefined;
  readonly layers: readonly LayerFigures[];
  /** What each of them adds to its cycles. */
  readonly added: LayerSpans;
  readonly cycles: number;
  readonly pairs: readonly LayerPair[];
}

/** Reads the second run from the page, if there is one. */
export function readCompared(a: PageHead): Compared | undefined {
  const text = document.getElementById(COMPARISON_ID)?.textContent;
  if (text == null) return undefined;
  const { names, layers: compared, figures, optionsOfB } = JSON.parse(text) as PageComparison;
  const data = figures === undefined ? readData(SECOND_RUN_ELEMENTS) : undefined;
  const layers = figures ?? data!.head.layers;
  // A group of B stands beside the first of its members in A.
  const seen = new Set<number>();
  const pairs = compared.map((each) => {
    const isFused = each.b !== undefined && seen.has(each.b);
    if (each.b !== undefined) seen.add(each.b);
    return pairOf(each, isFused, a.layers, layers);
  });
  return {
    names,
    optionsOfB,
    data,
    layers,
    pairs,
    added: addedSpans(layers),
    cycles: cyclesOf({ layers }),
  };
}

function pairOf(
  { a, b, causes }: ComparedLayer,
  isFused: boolean,
  layersOfA: readonly PageLayer[],
  layersOfB: readonly LayerFigures[],
): LayerPair {
  const parts = Object.entries(causes);
  const difference = parts.reduce((sum, [, cycles]) => sum + cycles, 0);
  const figuresOfA = a === undefined ? undefined : layersOfA[a];
  const figuresOfB = b === undefined ? undefined : layersOfB[b];
  const cyclesOfA = figuresOfA?.totalCycles ?? 0;
  const cyclesOfB = cyclesOfA + difference;
  const where = isFused ? 'fused' : a === undefined ? 'B' : b === undefined ? 'A' : 'both';
  const { name } = (figuresOfA ?? figuresOfB!).layer;
  return { name, in: where, a, b, figuresOfA, figuresOfB, cyclesOfA, cyclesOfB, difference, causes: parts };
}

/** The layers of A by their places, then those that only B has. */
export function listedLayers({ layers }: PageHead, compared: Compared | undefined): ListedLayer[] {
  const pairs = new Map(compared?.pairs.flatMap((pair) => (pair.a === undefined ? [] : [[pair.a, pair] as const])));
  const onlyB = compared?.pairs.filter(({ a }) => a === undefined) ?? [];
  return [
    ...layers.map((layer, place) => ({ ...layer.layer, layer, pair: pairs.get(place) })),
    ...onlyB.map((pair) => ({ ...pair.figuresOfB!.layer, layer: undefined, pair })),
  ].map(({ name, op, layer, pair }) => ({ name, op, layer, pair }));
}

/** The place in the list of a layer of B: members of a group of A stand behind the first of them. */
export function listedPlace(layerOfB: number, listed: readonly ListedLayer[]): number | undefined {
  let found: number | undefined;
  let nearest = -1;
  for (const [row, { pair }] of listed.entries()) {
    if (pair?.b === undefined || pair.b > layerOfB || pair.b <= nearest) continue;
    [found, nearest] = [row, pair.b];
  }
  return found;
}

/** The pair at whose beginning both runs are aligned for a listed layer: its own, or else the one before it. */
function anchorOf(listed: readonly ListedLayer[], place: number): LayerPair | undefined {
  const own = listed[place];
  if (own?.layer === undefined) {
    const before = listed.flatMap(({ pair }) => (isAnchor(pair) && pair.b! <= (own?.pair?.b ?? -1) ? [pair] : []));
    return before.reduce<LayerPair | undefined>((last, pair) => (last && last.b! > pair.b! ? last : pair), undefined);
  }
  return listed.slice(0, place + 1).findLast(({ pair }) => isAnchor(pair))?.pair;
}

/** Of a layer that one run fuses with another the group's own pair is the anchor. */
function isAnchor(pair: LayerPair | undefined): pair is LayerPair {
  return pair?.in === 'both';
}

/** Where a layer begins to add to its run: where layers overlap its first tiles come long before, and lie in wait. */
export function beginOf(layer: LayerFigures): number {
  return addedRange(layer).from;
}

/** By how much B is shifted on the ruler so that a listed layer begins in both runs at the same cycle; 0 without one. */
export function shiftAt({ layers }: Compared, listed: readonly ListedLayer[], place: number | undefined): number {
  const anchor = place === undefined ? undefined : anchorOf(listed, place);
  return anchor === undefined ? 0 : beginOf(listed[anchor.a!]!.layer!) - beginOf(layers[anchor.b!]!);
}

/** Where the ruler ends, so that both runs are on it to their ends, whatever they are aligned at. */
export function rulerEnd(cyclesOfA: number, compared: Compared | undefined, listed: readonly ListedLayer[]): number {
  if (compared === undefined) return cyclesOfA;
  const { cycles, layers, data } = compared;
  let end = Math.max(cyclesOfA, cycles);
  for (const { layer, pair } of data === undefined ? [] : listed) {
    if (isAnchor(pair)) end = Math.max(end, beginOf(layer!) - beginOf(layers[pair.b!]!) + cycles);
  }
  return end;
}
