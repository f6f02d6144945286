/**
 * Real data between DRAM and SRAM slots. A load samples DRAM when its transfer starts and lands when that ends, a
 * store reads its slot at the start and commits at the end (SEMANTICS.md, Below the tile). Nothing is trusted: what is
 * not there, or changes while it is used, is NaN, and NaN spreads to the result.
 */
import type { InterfaceName } from '../../model/machine/observer.ts';
import type { Region } from '../../model/schedule/region.ts';
import { addRegion, readRegion, type Tensor, writeRegion } from './tensor.ts';

/** A slot of an SRAM: a tile, densely in its own shape. */
export class Slot {
  readonly data: Float64Array;
  /** Changes with the content. */
  version = 0;

  /** Room for `elements`; nothing is in it. */
  constructor(elements: number) {
    this.data = new Float64Array(elements).fill(Number.NaN);
  }

  /** Whatever was in it is gone. */
  clear(): void {
    this.data.fill(Number.NaN);
    this.version++;
  }

  /** A tile takes the place of what was in it. */
  hold(values: Float64Array): void {
    this.data.fill(Number.NaN);
    this.data.set(values);
    this.version++;
  }
}

/** Clears all slots if one of them is not as it was when `versions` were noted: it changed while it was in use. */
export function clearIfChanged(slots: readonly Slot[], versions: readonly number[]): void {
  if (slots.some((slot, place) => slot.version !== versions[place])) for (const slot of slots) slot.clear();
}

/** A tile that a transfer moves between its place in DRAM and its slot. */
export interface TileTransfer {
  readonly direction: 'load' | 'store';
  readonly tensor: Tensor;
  readonly region: Region;
  readonly slot: Slot;
  /** A store that adds to what is in DRAM. */
  readonly adds?: boolean;
}

/** A tile on its way: what was sampled, and the slot's version then. */
interface Travelling {
  readonly tile: TileTransfer;
  readonly sample: Float64Array;
  readonly version: number;
}

/** The interfaces' queues with the data that they move. */
export class TileTransfers {
  private readonly waiting = new Map<InterfaceName, (readonly TileTransfer[])[]>();
  /** Transfers under way, the oldest first: at a banked memory they overlap. */
  private readonly travelling = new Map<InterfaceName, (readonly Travelling[])[]>();

  /** The slot of a load is granted, so what it held is gone. */
  requested(name: InterfaceName, tiles: readonly TileTransfer[]): void {
    for (const { direction, slot } of tiles) if (direction === 'load') slot.clear();
    const queue = this.waiting.get(name);
    if (queue === undefined) this.waiting.set(name, [tiles]);
    else queue.push(tiles);
  }

  started(name: InterfaceName): void {
    const tiles = this.waiting.get(name)?.shift() ?? [];
    const transfer = tiles.map((tile) => ({
      tile,
      sample: tile.direction === 'load' ? readRegion(tile.tensor, tile.region) : tile.slot.data.slice(),
      version: tile.slot.version,
    }));
    const queue = this.travelling.get(name);
    if (queue === undefined) this.travelling.set(name, [transfer]);
    else queue.push(transfer);
  }

  ended(name: InterfaceName): void {
    for (const { tile, sample, version } of this.travelling.get(name)?.shift() ?? []) {
      if (tile.direction === 'load') {
        tile.slot.hold(sample);
        continue;
      }
      if (tile.slot.version !== version) sample.fill(Number.NaN);
      if (tile.adds === true) addRegion(tile.tensor, tile.region, sample);
      else writeRegion(tile.tensor, tile.region, sample);
    }
  }
}
