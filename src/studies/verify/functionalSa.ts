/**
 * Carries real data through a conv or gemm layer while the machine runs it: DRAM, the slots of WBuf, BBuf, IBuf and
 * OBuf, and the PE array, which sees nothing but the slots. What moves and when is the machine's decision.
 */
import type { ConvSizes, SaLayer, Sliding } from '../../model/layers/layer.ts';
import type { InterfaceName, MachineObserver, StepSlots, TileMove } from '../../model/machine/observer.ts';
import { coveredSizes, regionOf, type SaTensorName, saShapes, tileOfStep } from '../../model/schedule/saTile.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { InternalError } from '../../model/schemas/inputError.ts';
import { OnChip } from './onChip.ts';
import { elementsOf, placeOf, type Tensor } from './tensor.ts';
import { clearIfChanged, type Slot, type TileTransfers } from './tileTransfers.ts';

/** What a layer has in DRAM, in the shapes of `saShapes`; `psum` holds the ofmap at the end. */
export type SaTensors = Readonly<Record<SaTensorName, Tensor>>;

const TENSORS: readonly string[] = ['weight', 'ifmap', 'bias', 'psum'] satisfies SaTensorName[];

export class FunctionalSa implements MachineObserver {
  private readonly layer: SaLayer;
  private readonly covered: ConvSizes;
  private readonly dram: SaTensors;
  private readonly slots: Readonly<Record<SaTensorName, readonly Slot[]>>;
  private readonly transfers: TileTransfers;
  /** Slots of the step that computes, and their versions when it began: psum, weight, ifmap and perhaps bias. */
  private operands: readonly Slot[] = [];
  private versions: readonly number[] = [];

  /** `dram`: each group is of the layer's size or, with full edge tiles, of whole tiles. `chip`: the layer's own by default. */
  constructor(
    layer: SaLayer,
    hardware: Hardware,
    edgesAreFull: boolean,
    dram: SaTensors,
    chip = new OnChip(hardware, [layer]),
  ) {
    this.layer = layer;
    this.covered = coveredSizes(layer, edgesAreFull);
    this.dram = dram;
    this.slots = chip.slots;
    this.transfers = chip.transfers;
  }

  layerStarted(): void {}

  /** Throws an InternalError if the bits are not those of the tile's data. */
  transferRequested(name: InterfaceName, moves: readonly TileMove[]): void {
    const { layer, covered } = this;
    const tiles = moves.map(({ tensor: tensorName, direction, step, slot, bits }) => {
      if (!TENSORS.includes(tensorName)) throw new InternalError(`a conv has no tensor ${tensorName}`);
      const tensor = tensorName as SaTensorName;
      const region = regionOf(tensor, tileOfStep(layer, covered, step), layer, covered);
      const dataBits = elementsOf(region.sizes) * layer.bits[tensor];
      if (bits !== dataBits)
        throw new InternalError(`${direction} of ${tensor} for step ${step}: ${bits} bits for data of ${dataBits}`);
      return { direction, tensor: this.dram[tensor], region, slot: this.slots[tensor][slot]! };
    });
    this.transfers.requested(name, tiles);
  }

  transferStarted(name: InterfaceName): void {
    this.transfers.started(name);
  }

  transferEnded(name: InterfaceName): void {
    this.transfers.ended(name);
  }

  computeStarted(_step: number, _cycle: number, places: StepSlots): void {
    const { weight, ifmap, psum, bias } = this.slots;
    const operands = [psum[places.result]!, weight[places.weight]!, ifmap[places.ifmap]!];
    this.operands = places.bias < 0 ? operands : [...operands, bias[places.bias]!];
    this.versions = this.operands.map((slot) => slot.version);
  }

  computeEnded(step: number): void {
    clearIfChanged(this.operands, this.versions);
    const [psum, weight, ifmap, bias] = this.operands as [Slot, Slot, Slot, Slot?];
    const { layer, covered } = this;
    const shapes = saShapes(tileOfStep(layer, covered, step).extents, layer);
    const sum: Tensor = { sizes: shapes.psum, data: psum.data.slice(0, elementsOf(shapes.psum)) };
    if (bias !== undefined) startFromBias(sum, bias.data);
    accumulate({ sizes: shapes.weight, data: weight.data }, { sizes: shapes.ifmap, data: ifmap.data }, sum, layer);
    psum.hold(sum.data);
  }

  layerEnded(): void {}
}

/** Bias is the initial value of every sum of its channel. */
function startFromBias({ sizes, data }: Tensor, bias: Float64Array): void {
  const plane = sizes[2] * sizes[3];
  for (let place = 0; place < data.length; place++) data[place] = bias[Math.floor(place / plane) % sizes[1]]!;
}

/** All MACs of a tile, weight by weight as a weight-stationary array does them. */
function accumulate(weight: Tensor, ifmap: Tensor, sum: Tensor, { stride, dilation }: Sliding): void {
  const [channels, inputs, kernelHeight, kernelWidth] = weight.sizes;
  const [images, , rows, columns] = sum.sizes;
  let weightPlace = 0;
  for (let channel = 0; channel < channels; channel++)
    for (let input = 0; input < inputs; input++)
      for (let y = 0; y < kernelHeight; y++)
        for (let x = 0; x < kernelWidth; x++) {
          const held = weight.data[weightPlace++]!;
          for (let image = 0; image < images; image++)
            for (let row = 0; row < rows; row++) {
              const sumPlace = placeOf(sum.sizes, image, channel, row, 0);
              const ifmapPlace = placeOf(ifmap.sizes, image, input, row * stride.h + y * dilation.h, x * dilation.w);
              for (let column = 0; column < columns; column++)
                sum.data[sumPlace + column]! += held * ifmap.data[ifmapPlace + column * stride.w]!;
            }
        }
}
