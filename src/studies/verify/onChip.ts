/** What is on the chip while real data is carried: the slots of all SRAMs, and the tiles on their way to and from them. */
import type { Layer } from '../../model/layers/layer.ts';
import { type SaTensorName, saShapes } from '../../model/schedule/saTile.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { elementsOf } from './tensor.ts';
import { Slot, TileTransfers } from './tileTransfers.ts';

/** Layers that run on one chip share its slots, so that a tile in a slot which another needs is noticed. */
export class OnChip {
  readonly transfers = new TileTransfers();
  readonly slots: Readonly<Record<SaTensorName, readonly Slot[]>>;
  /** Per slot of VMem its tiles by name. */
  readonly workingSets: readonly Map<string, Slot>[];

  /** Slots with room for the tiles of all these layers. */
  constructor({ slots }: Hardware, layers: readonly Layer[]) {
    const shapes = layers.flatMap((layer) => (layer.unit === 'SA' ? saShapes(layer.tile, layer) : []));
    const slotsOf = (count: number, tensor: SaTensorName): Slot[] => {
      const elements = Math.max(0, ...shapes.map((shape) => elementsOf(shape[tensor])));
      return Array.from({ length: count }, () => new Slot(elements));
    };
    this.slots = {
      weight: slotsOf(slots.wbuf, 'weight'),
      ifmap: slotsOf(slots.ibuf, 'ifmap'),
      bias: slotsOf(slots.bbuf, 'bias'),
      psum: slotsOf(slots.obuf, 'psum'),
    };
    this.workingSets = Array.from({ length: slots.vmem }, () => new Map<string, Slot>());
  }
}
