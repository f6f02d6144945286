/** How much of its slot a tile takes, SRAM by SRAM. */
import type { Layer, SaLayer, SimdLayer } from '../../model/layers/layer.ts';
import { convTileBits } from '../../model/operations/saCosts.ts';
import { simdOperation } from '../../model/operations/simdTable.ts';
import { type Hardware, slotBits } from '../../model/schemas/hardware.ts';
import { simdTileFits } from '../../model/tiling/simdTiling.ts';
import { firstFailing } from './search.ts';
import type { Sram } from './tileLevers.ts';

/** A tile and its slot in bits; of VMem one half, as the generator counts. */
export interface SlotUse {
  readonly sram: Sram;
  readonly tileBits: number;
  readonly slotBits: number;
}

function saSlotUse(layer: SaLayer, hardware: Hardware): SlotUse[] {
  const tile = convTileBits(layer.tile, layer, layer.bits);
  const slot = slotBits(hardware);
  return [
    { sram: 'wbuf', tileBits: tile.weight, slotBits: slot.wbuf },
    { sram: 'ibuf', tileBits: tile.ifmap, slotBits: slot.ibuf },
    { sram: 'obuf', tileBits: tile.psum, slotBits: slot.obuf },
    { sram: 'bbuf', tileBits: tile.bias, slotBits: slot.bbuf },
  ];
}

/** What must fit differs from operation to operation: the smallest half that takes the tile is what the tile takes. */
function simdSlotUse({ op, tile, window, bits }: SimdLayer, hardware: Hardware): SlotUse[] {
  const row = simdOperation(op);
  const half = slotBits(hardware).vmemHalf;
  const isTooSmall = (size: number): boolean =>
    !simdTileFits(row, tile, window, hardware.array.columns, bits.psum, size);
  return [{ sram: 'vmem', tileBits: firstFailing(isTooSmall, Math.floor(half)) ?? half, slotBits: half }];
}

/** The slots of the SRAMs that hold a layer's tiles. */
export function slotUse(layer: Layer, hardware: Hardware): SlotUse[] {
  return layer.unit === 'SA' ? saSlotUse(layer, hardware) : simdSlotUse(layer, hardware);
}
