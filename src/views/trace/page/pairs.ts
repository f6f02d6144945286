/** The layers of two runs paired, and how the second is shifted on the ruler so that a pair begins at the same cycle. */
import type { ComparedLayer, LayerFigures, PageHead, PageLayer } from '../pageData.ts';
import { addedRange } from './layerTimes.ts';

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

/** What of the second run its place on the ruler depends on. */
interface SecondRun {
  readonly layers: readonly LayerFigures[];
  readonly cycles: number;
  /** Undefined where it has no timeline. */
  readonly data: unknown;
}

/** The layers of two runs, paired. */
export function pairsOf(
  compared: readonly ComparedLayer[],
  layersOfA: readonly PageLayer[],
  layersOfB: readonly LayerFigures[],
): LayerPair[] {
  // A group of B stands beside the first of its members in A.
  const seen = new Set<number>();
  return compared.map((each) => {
    const isFused = each.b !== undefined && seen.has(each.b);
    if (each.b !== undefined) seen.add(each.b);
    return pairOf(each, isFused, layersOfA, layersOfB);
  });
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
export function listedLayers(
  { layers }: Pick<PageHead, 'layers'>,
  compared: { readonly pairs: readonly LayerPair[] } | undefined,
): ListedLayer[] {
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
export function shiftAt(
  { layers }: Pick<SecondRun, 'layers'>,
  listed: readonly ListedLayer[],
  place: number | undefined,
): number {
  const anchor = place === undefined ? undefined : anchorOf(listed, place);
  return anchor === undefined ? 0 : beginOf(listed[anchor.a!]!.layer!) - beginOf(layers[anchor.b!]!);
}

/** Where the ruler ends, so that both runs are on it to their ends, whatever they are aligned at. */
export function rulerEnd(cyclesOfA: number, compared: SecondRun | undefined, listed: readonly ListedLayer[]): number {
  if (compared === undefined) return cyclesOfA;
  const { cycles, layers, data } = compared;
  let end = Math.max(cyclesOfA, cycles);
  for (const { layer, pair } of data === undefined ? [] : listed) {
    if (isAnchor(pair)) end = Math.max(end, beginOf(layer!) - beginOf(layers[pair.b!]!) + cycles);
  }
  return end;
}
