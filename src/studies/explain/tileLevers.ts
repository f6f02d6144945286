/** What the size of each SRAM does to the tile: found by asking the generator again with more or less of it. */
import type { Layer } from '../../model/layers/layer.ts';
import { type Hardware, smallestSramKiB } from '../../model/schemas/hardware.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import { firstFailing } from './search.ts';

/** The SRAMs that hold tiles. */
export type Sram = Exclude<keyof Hardware['sramKiB'], 'imem'>;

/** A layer, or a fused group, tiled for another hardware point; an InputError where no tile fits. */
export type Retile<Tiled = Layer> = (hardware: Hardware) => Tiled;

/** A side of the tile that changes. */
export interface TileChange {
  readonly dim: string;
  readonly from: number;
  readonly to: number;
}

/** What more, or less, of one SRAM does to the tile. */
export interface TileLever {
  readonly sram: Sram;
  readonly kib: number;
  /** The smallest increase in KiB (of the whole SRAM, all slots) that changes the tile, and how; none if nothing does. */
  readonly more: { readonly kib: number; readonly changes: readonly TileChange[]; readonly layer: Layer } | undefined;
  /** The largest decrease in whole KiB that leaves the tile as it is and the hardware valid. */
  readonly sparedKib: number;
  /** What forbids a KiB less than that. */
  readonly sparedUntil: 'the tile' | 'the smallest valid size';
  /** That size. */
  readonly smallestKib: number;
}

/** The SRAMs that hold a layer's tiles. */
export const SRAMS_OF: Readonly<Record<Layer['unit'], readonly Sram[]>> = {
  SA: ['wbuf', 'ibuf', 'obuf', 'bbuf'],
  SIMD: ['vmem'],
};
/** How far up a lever is tried: so many times the size that there is. */
const MOST_TIMES = 64;

/** The hardware with other sizes of some SRAMs, in KiB. */
export function withSrams(hardware: Hardware, kib: Partial<Record<Sram, number>>): Hardware {
  return { ...hardware, sramKiB: { ...hardware.sramKiB, ...kib } };
}

/** The sides that differ between two tiles of a layer. */
export function tileChanges(from: Layer, to: Layer): TileChange[] {
  const before = from.tile as Readonly<Record<string, number>>;
  const after = to.tile as Readonly<Record<string, number>>;
  return Object.keys(before)
    .filter((dim) => before[dim] !== after[dim])
    .map((dim) => ({ dim, from: before[dim]!, to: after[dim]! }));
}

/** What is tiled for another hardware point; undefined where no tile fits. */
export function tryRetile<Tiled>(retile: Retile<Tiled>, hardware: Hardware): Tiled | undefined {
  try {
    return retile(hardware);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** The levers of a layer, SRAM by SRAM, to the KiB. */
export function tileLevers(
  layer: Layer,
  hardware: Hardware,
  retile: Retile,
  srams: readonly Sram[] = SRAMS_OF[layer.unit],
): TileLever[] {
  return srams.map((sram) => {
    const kib = hardware.sramKiB[sram];
    const tiled = (size: number): Layer | undefined => tryRetile(retile, withSrams(hardware, { [sram]: size }));
    const isSame = (size: number): boolean => {
      const other = tiled(size);
      return other !== undefined && tileChanges(layer, other).length === 0;
    };
    const more = firstFailing((increase) => isSame(kib + increase), Math.floor(kib * (MOST_TIMES - 1)));
    const grown = more === undefined ? undefined : tiled(kib + more)!;
    const [smallestKib] = smallestSramKiB(hardware)[sram];
    // Below its smallest valid size an SRAM makes no hardware, whatever the tile would be.
    const most = Math.max(0, Math.floor(kib - smallestKib));
    const less = firstFailing((decrease) => isSame(kib - decrease), most);
    return {
      sram,
      kib,
      more: grown && { kib: more!, changes: tileChanges(layer, grown), layer: grown },
      sparedKib: less === undefined ? most : less - 1,
      sparedUntil: less === undefined ? 'the smallest valid size' : 'the tile',
      smallestKib,
    };
  });
}
