/** Which capacity made the tile what it is: found by asking the generator again with more or less of each SRAM. */
import type { Layer } from '../layers/layer.ts';
import type { Hardware } from '../spec/hardware.ts';
import { InputError } from '../spec/inputError.ts';

export type Sram = keyof Hardware['sramKiB'];

/** The layer tiled for another hardware point; an InputError where no tile fits. */
export type Retile = (hardware: Hardware) => Layer;

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
  /** The largest decrease in KiB that leaves the tile as it is. */
  readonly sparedKib: number;
}

/** The SRAMs that hold a layer's tiles. */
const SRAMS: Readonly<Record<Layer['unit'], readonly Sram[]>> = {
  SA: ['wbuf', 'ibuf', 'obuf', 'bbuf'],
  SIMD: ['vmem'],
};
/** How far up a lever is tried: so many times the size that there is. */
const MOST_TIMES = 64;

/** The hardware with another size of one SRAM. */
export function withSram(hardware: Hardware, sram: Sram, kib: number): Hardware {
  return { ...hardware, sramKiB: { ...hardware.sramKiB, [sram]: kib } };
}

/** The sides that differ between two tiles of a layer. */
export function tileChanges(from: Layer, to: Layer): TileChange[] {
  const before = from.tile as Readonly<Record<string, number>>;
  const after = to.tile as Readonly<Record<string, number>>;
  return Object.keys(before)
    .filter((dim) => before[dim] !== after[dim])
    .map((dim) => ({ dim, from: before[dim]!, to: after[dim]! }));
}

/** The levers of a layer, SRAM by SRAM, to the KiB. */
export function tileLevers(layer: Layer, hardware: Hardware, retile: Retile): TileLever[] {
  return SRAMS[layer.unit].map((sram) => {
    const kib = hardware.sramKiB[sram];
    const tiled = (size: number): Layer | undefined => tryRetile(() => retile(withSram(hardware, sram, size)));
    const isSame = (size: number): boolean => {
      const other = tiled(size);
      return other !== undefined && tileChanges(layer, other).length === 0;
    };
    const more = firstFailing((increase) => isSame(kib + increase), kib * (MOST_TIMES - 1));
    const less = firstFailing((decrease) => isSame(kib - decrease), Math.ceil(kib) - 1);
    const grown = more === undefined ? undefined : tiled(kib + more)!;
    return {
      sram,
      kib,
      more: grown && { kib: more!, changes: tileChanges(layer, grown), layer: grown },
      sparedKib: (less ?? Math.ceil(kib)) - 1,
    };
  });
}

function tryRetile(retile: () => Layer): Layer | undefined {
  try {
    return retile();
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/**
 * The first of 1, 2, 3, … for which `holds` fails: steps double until one does, then the gap is halved. So it holds for
 * the number before it; undefined if it holds up to `most`.
 */
export function firstFailing(holds: (value: number) => boolean, most: number): number | undefined {
  let good = 0;
  let bad = 1;
  while (holds(bad)) {
    good = bad;
    if (bad >= most) return undefined;
    bad = Math.min(2 * bad, most);
  }
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (holds(middle)) good = middle;
    else bad = middle;
  }
  return bad;
}
