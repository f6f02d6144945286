/**
 * What bounds each side of a tile: the SRAM, or the SRAMs together, whose sizes let it grow. Found by asking the
 * generator. It decides side after side and makes each as large as it can, so a larger SRAM never gives a tile that
 * comes earlier in that order: a tile that has changed does not come back, and the sizes at which it changes are found
 * by halving, one after another.
 */
import type { Layer } from '../../model/layers/layer.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { firstFailing } from './search.ts';
import { type Retile, SRAMS_OF, type Sram, type TileChange, tileChanges, withSrams } from './tileLevers.ts';
import type { Trying } from './trials.ts';

/** KiB more of some SRAMs (of all slots together). */
export type Increase = Readonly<Partial<Record<Sram, number>>>;

/** A side of the tile and what bounds it. */
export interface DimensionLever {
  readonly dim: string;
  /** Of the layer, padded, and of the tile. */
  readonly size: number;
  readonly side: number;
  /**
   * What makes the side larger: the fewest SRAMs that do, then the fewest KiB; of each the smallest whole number with
   * the others as they are. Undefined where the tile is as large as the layer.
   */
  readonly more: { readonly kib: Increase; readonly changes: readonly TileChange[]; readonly layer: Layer } | undefined;
}

/** More than any layer needs. */
const PLENTY_KIB = 2 ** 32;

const sidesOf = ({ tile }: Layer): Readonly<Record<string, number>> => tile as Readonly<Record<string, number>>;

/** The hardware with so much more of some SRAMs. */
export function withMore(hardware: Hardware, increase: Increase): Hardware {
  const srams = Object.keys(increase) as Sram[];
  const kib = Object.fromEntries(srams.map((sram) => [sram, hardware.sramKiB[sram] + increase[sram]!]));
  return withSrams(hardware, kib);
}

/** All sets of so many of the items. */
function subsets<Item>(items: readonly Item[], count: number): Item[][] {
  if (count === 0) return [[]];
  return items.flatMap((item, place) => subsets(items.slice(place + 1), count - 1).map((rest) => [item, ...rest]));
}

const inAll = (increase: Increase): number => Object.values(increase).reduce((sum, kib) => sum + kib, 0);

/** What makes one side of a layer's tile larger. */
class SideSearch {
  private readonly layer: Layer;
  private readonly dim: string;
  private readonly tiledWith: (increase: Increase) => Layer;
  private readonly srams: readonly Sram[];

  constructor(layer: Layer, dim: string, tiledWith: (increase: Increase) => Layer, srams: readonly Sram[]) {
    this.layer = layer;
    this.dim = dim;
    this.tiledWith = tiledWith;
    this.srams = srams;
  }

  /** The cheapest increase of the fewest SRAMs. */
  *cheapest(): Trying<Increase | undefined> {
    const { srams } = this;
    for (let count = 1; count <= srams.length; count++) {
      let best: Increase | undefined;
      for (const set of subsets(srams, count)) {
        const found = yield* this.smallestOf(set);
        if (found !== undefined && (best === undefined || inAll(found) < inAll(best))) best = found;
      }
      if (best !== undefined) return best;
    }
    return undefined;
  }

  /** All SRAMs of a set grow alike until the side does; then each gives back what the others do not need it for. */
  private *smallestOf(set: readonly Sram[]): Trying<Increase | undefined> {
    const alike = (kib: number): Increase => Object.fromEntries(set.map((sram) => [sram, kib]));
    const enough = yield* this.firstGrowth(alike, PLENTY_KIB);
    if (enough === undefined) return undefined;
    let increase = alike(enough);
    for (let before = Number.POSITIVE_INFINITY; inAll(increase) < before; ) {
      before = inAll(increase);
      for (const sram of set) {
        const others = increase;
        const own = yield* this.firstGrowth((kib) => ({ ...others, [sram]: kib }), others[sram]!);
        increase = { ...others, [sram]: own ?? others[sram]! };
      }
    }
    return Object.fromEntries(Object.entries(increase).filter(([, kib]) => kib > 0));
  }

  /** The smallest number of KiB, at most `most`, with which the side is larger. */
  private *firstGrowth(increaseOf: (kib: number) => Increase, most: number): Trying<number | undefined> {
    let kib = 0;
    for (;;) {
      yield;
      const tiled = this.tiledWith(increaseOf(kib));
      if (sidesOf(tiled)[this.dim]! > sidesOf(this.layer)[this.dim]!) return kib;
      const isSame = (more: number): boolean => tileChanges(tiled, this.tiledWith(increaseOf(kib + more))).length === 0;
      const change = firstFailing(isSame, most - kib);
      if (change === undefined) return undefined;
      kib += change;
    }
  }
}

/** What bounds each side of a tile that the generator chose. */
export function* dimensionLevers(
  layer: Layer,
  hardware: Hardware,
  retile: Retile,
  srams: readonly Sram[] = SRAMS_OF[layer.unit],
): Trying<DimensionLever[]> {
  const sizes = layer.sizes as unknown as Readonly<Record<string, number>>;
  const levers: DimensionLever[] = [];
  for (const [dim, size] of Object.entries(sizes)) {
    const lever = { dim, size, side: sidesOf(layer)[dim]! };
    if (lever.side >= size) {
      levers.push({ ...lever, more: undefined });
      continue;
    }
    const tiledWith = (increase: Increase): Layer => retile(withMore(hardware, increase));
    const kib = yield* new SideSearch(layer, dim, tiledWith, srams).cheapest();
    const grown = kib && tiledWith(kib);
    levers.push({ ...lever, more: kib && grown && { kib, changes: tileChanges(layer, grown), layer: grown } });
  }
  return levers;
}
