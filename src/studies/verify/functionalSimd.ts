/**
 * Carries real data through a SIMD layer while the machine runs it: DRAM, VMem's slots, each the working set of one
 * step, the per-channel vectors beside them, and the operation's parts, which see nothing else.
 */
import type { SimdLayer, SimdSizes } from '../../model/layers/layer.ts';
import type { InterfaceName, MachineObserver, StepSlots, TileMove } from '../../model/machine/observer.ts';
import { type Part, type Tensor as Place, tensorElements } from '../../model/operations/simdRow.ts';
import { simdOperation, simdParts } from '../../model/operations/simdTable.ts';
import { coveredSimdSizes, simdRegion, simdStep } from '../../model/schedule/simdTile.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { InternalError } from '../../model/schemas/inputError.ts';
import { OnChip } from './onChip.ts';
import { executePart, scopeOf } from './simdInterpreter.ts';
import { elementsOf, type Tensor } from './tensor.ts';
import { clearIfChanged, Slot, type TileTransfers } from './tileTransfers.ts';

export class FunctionalSimd implements MachineObserver {
  private readonly layer: SimdLayer;
  private readonly covered: SimdSizes;
  private readonly dram: ReadonlyMap<string, Tensor>;
  /** Per slot of VMem its tiles by name. */
  private readonly workingSets: readonly Map<string, Slot>[];
  private readonly vectors = new Map<string, Slot>();
  private readonly transfers: TileTransfers;
  /** The slot of the step that computes, its tiles, and their versions when it began. */
  private workingSet = 0;
  private operands: readonly Slot[] = [];
  private versions: readonly number[] = [];

  /** `dram`: the tensors by name, of the layer's size or, with full edge tiles, of whole tiles. `chip`: its own by default. */
  constructor(
    layer: SimdLayer,
    hardware: Hardware,
    edgesAreFull: boolean,
    dram: ReadonlyMap<string, Tensor>,
    chip = new OnChip(hardware, [layer]),
  ) {
    this.layer = layer;
    this.covered = coveredSimdSizes(layer, edgesAreFull);
    this.dram = dram;
    this.workingSets = chip.workingSets;
    this.transfers = chip.transfers;
  }

  layerStarted(): void {}

  /** Throws an InternalError if the bits are not those of the tile's data. */
  transferRequested(name: InterfaceName, moves: readonly TileMove[]): void {
    const tiles = moves.map(({ tensor, direction, step, slot, bits, operand: place }) => {
      const { layer } = this;
      const { loads, stores } = this.partOf(step);
      const operand = (direction === 'load' ? loads : stores)[place ?? -1];
      if (operand?.tensor !== tensor) throw new InternalError(`step ${step} has no ${direction} of ${tensor}`);
      const region = simdRegion(operand, simdStep(layer, this.covered, step), layer.window);
      const dataBits = elementsOf(region.sizes) * layer.bits[operand.width];
      if (bits !== dataBits)
        throw new InternalError(`${direction} of ${tensor} for step ${step}: ${bits} bits for data of ${dataBits}`);
      return {
        direction,
        tensor: this.dram.get(tensor)!,
        region,
        slot: this.slotOf(operand, slot),
        adds: operand.adds === true,
      };
    });
    this.transfers.requested(name, tiles);
  }

  /** The slot is another step's now: what it held is gone. */
  slotGranted(_sram: 'obuf' | 'vmem', slot: number): void {
    const workingSet = this.workingSets[slot]!;
    for (const old of workingSet.values()) old.clear();
    workingSet.clear();
  }

  transferStarted(name: InterfaceName): void {
    this.transfers.started(name);
  }

  transferEnded(name: InterfaceName): void {
    this.transfers.ended(name);
  }

  computeStarted(step: number, _cycle: number, { result }: StepSlots): void {
    this.workingSet = result;
    this.operands = this.partOf(step).loads.map((operand) => this.slotOf(operand, result));
    this.versions = this.operands.map((slot) => slot.version);
  }

  computeEnded(step: number): void {
    clearIfChanged(this.operands, this.versions);
    const { layer } = this;
    const { extents, isFirstOfBlock } = simdStep(layer, this.covered, step);
    const part = this.partOf(step);
    const { workingSet } = this;
    const dataOf = (place: Place): Float64Array => this.slotOf(place, workingSet).data;
    executePart({ layer, part, sizes: extents, dataOf, isFirstOfBlock });
    for (const operand of part.stores) this.slotOf(operand, workingSet).version++;
  }

  layerEnded(): void {}

  private partOf(step: number): Part {
    return simdParts(this.layer)[simdStep(this.layer, this.covered, step).part]!;
  }

  /**
   * Vectors of the tile of the outer loops lie beside the working sets, and so do tiles that a later part goes on with
   * where the data pass once.
   */
  private slotOf(place: Place, workingSet: number): Slot {
    const { layer } = this;
    const { tile, window } = layer;
    const isOnePass = simdParts(layer) === simdOperation(layer.op).partsInOnePass;
    const slots = isOnePass || scopeOf(place, layer) === 'block' ? this.vectors : this.workingSets[workingSet]!;
    return slotIn(slots, place.tensor, tensorElements(place, tile, window));
  }
}

/** The slot of that name, made when first asked for. */
function slotIn(slots: Map<string, Slot>, tensor: string, elements: number): Slot {
  let slot = slots.get(tensor);
  if (slot === undefined) {
    slot = new Slot(elements);
    slots.set(tensor, slot);
  }
  return slot;
}
