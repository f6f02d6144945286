/**
 * Where a layer's tensors lie in memory, and a tile as the runs of bits that it is there. Each layer has regions of
 * its own, at the width that it uses.
 */
import type { FusedGroup } from '../fusion/groups.ts';
import { CONV_DIMS, type ConvDim, type Layer, RELEVANT_DIMS, type SaLayer, type SimdLayer } from '../layers/layer.ts';
import { ceilDiv } from '../layers/rounding.ts';
import { convTileBits } from '../operations/saCosts.ts';
import { type Operand, tensorElements, tensorShape } from '../operations/simdRow.ts';
import { simdParts } from '../operations/simdTable.ts';
import { coveredSizes, regionOf, type SaTensorName, saShapes, tileOfStep } from '../schedule/saTile.ts';
import { coveredSimdSizes, simdRegion, simdStep } from '../schedule/simdTile.ts';
import type { DramSpec } from '../schemas/dram.ts';
import { InputError } from '../schemas/inputError.ts';
import { memoryBytes } from './addressMap.ts';
import type { Runs } from './burstWalk.ts';
import { FusedPlacement } from './fusedPlacement.ts';
import {
  Allocator,
  denseRuns,
  dimsOf,
  type Layout,
  ORDER,
  type PlacedTile,
  type Placement,
  type SimdDim,
  type TensorPlace,
} from './layout.ts';
import { TiledTensor } from './tiledTensor.ts';

class SaPlacement implements Placement {
  readonly bytes: number;
  private readonly layer: SaLayer;
  private readonly covered: SaLayer['sizes'];
  private readonly layout: Layout;
  private readonly tensors: Readonly<Record<SaTensorName, TensorPlace>>;
  private readonly tiled: Readonly<Record<SaTensorName, TiledTensor<ConvDim>>>;

  constructor(layer: SaLayer, edgesAreFull: boolean, spec: DramSpec, layout: Layout) {
    this.layer = layer;
    this.layout = layout;
    this.covered = coveredSizes(layer, edgesAreFull);
    const shapes = saShapes(this.covered, layer, layer.groups);
    const tileBits = convTileBits(layer.tile, layer, layer.bits);
    const allocator = new Allocator(spec);
    const tiled = (name: SaTensorName): TiledTensor<ConvDim> => {
      const { tile, groups } = layer;
      return new TiledTensor(
        { dims: relevantDims(name), covered: this.covered, tile, groups, tileBits: tileBits[name] },
        spec,
      );
    };
    this.tiled = { weight: tiled('weight'), ifmap: tiled('ifmap'), psum: tiled('psum'), bias: tiled('bias') };
    const tensor = (name: SaTensorName): TensorPlace => {
      const elements = shapes[name].reduce((product, size) => product * size, 1);
      const bits = layout === 'tiles' ? this.tiled[name].bits : elements * layer.bits[name];
      return { base: allocator.place(bits), shape: shapes[name], elementBits: layer.bits[name] };
    };
    this.tensors = { weight: tensor('weight'), ifmap: tensor('ifmap'), psum: tensor('psum'), bias: tensor('bias') };
    this.bytes = ceilDiv(allocator.end, 8);
  }

  runsOf({ tensor, step, bits }: PlacedTile): Runs {
    const name = tensor as SaTensorName;
    const place = this.tensors[name];
    const tile = tileOfStep(this.layer, this.covered, step);
    if (this.layout !== 'tiles') {
      return denseRuns(place, regionOf(name, tile, this.layer, this.covered), ORDER.SA[this.layout]);
    }
    return this.tiled[name].runOf(place.base, tile.from, bits, tile.group);
  }
}

function relevantDims(name: SaTensorName): readonly ConvDim[] {
  const relevant: readonly ConvDim[] = RELEVANT_DIMS[name];
  return CONV_DIMS.filter((dim) => relevant.includes(dim));
}

class SimdPlacement implements Placement {
  readonly bytes: number;
  private readonly layer: SimdLayer;
  private readonly covered: SimdLayer['sizes'];
  private readonly layout: Layout;
  /** By tensor and width: what is stored at another width than it was loaded has a region for each. */
  private readonly tensors = new Map<string, TensorPlace>();
  private readonly tiled = new Map<Operand, TiledTensor<SimdDim>>();

  constructor(layer: SimdLayer, edgesAreFull: boolean, spec: DramSpec, layout: Layout) {
    this.layer = layer;
    this.layout = layout;
    this.covered = coveredSimdSizes(layer, edgesAreFull);
    const allocator = new Allocator(spec);
    for (const { loads, stores } of simdParts(layer)) {
      for (const operand of [...loads, ...stores]) {
        const elementBits = layer.bits[operand.width];
        const tileBits = tensorElements(operand, layer.tile, layer.window) * elementBits;
        const tiled = new TiledTensor(
          { dims: dimsOf(operand), covered: this.covered, tile: layer.tile, tileBits },
          spec,
        );
        this.tiled.set(operand, tiled);
        const key = this.keyOf(operand);
        if (this.tensors.has(key)) continue;
        const shape = tensorShape(operand, this.covered, layer.window);
        const elements = shape.reduce((product, size) => product * size, 1);
        const bits = layout === 'tiles' ? tiled.bits : elements * elementBits;
        this.tensors.set(key, { base: allocator.place(bits), shape, elementBits });
      }
    }
    this.bytes = ceilDiv(allocator.end, 8);
  }

  runsOf({ step, direction, operand: place, bits }: PlacedTile): Runs {
    const { layer, covered, layout } = this;
    const at = simdStep(layer, covered, step);
    const part = simdParts(layer)[at.part]!;
    const operand = (direction === 'load' ? part.loads : part.stores)[place ?? 0]!;
    const { base, ...dense } = this.tensors.get(this.keyOf(operand))!;
    if (layout !== 'tiles') {
      return denseRuns({ base, ...dense }, simdRegion(operand, at, layer.window), ORDER.SIMD[layout]);
    }
    return this.tiled.get(operand)!.runOf(base, at.from, bits);
  }

  private keyOf({ tensor, width }: Operand): string {
    return `${tensor} ${this.layer.bits[width]}`;
  }
}

/**
 * Places a layer's tensors; `edgesAreFull` as the machine runs it. Throws an InputError that names the layer if they do
 * not fit into `capacityBytes`: the whole memory, unless its channels are split.
 */
export function placeTensors(
  layer: Layer,
  edgesAreFull: boolean,
  spec: DramSpec,
  layout: Layout,
  capacityBytes = memoryBytes(spec),
): Placement {
  const placement =
    layer.unit === 'SA'
      ? new SaPlacement(layer, edgesAreFull, spec, layout)
      : new SimdPlacement(layer, edgesAreFull, spec, layout);
  return fitting(placement, layer, spec, capacityBytes);
}

/** The same of what the SIMD side of a fused group loads and stores; the message names the group's last layer. */
export function placeFused(
  group: FusedGroup,
  edgesAreFull: boolean,
  spec: DramSpec,
  layout: Layout,
  capacityBytes = memoryBytes(spec),
): Placement {
  const placement = new FusedPlacement(group, edgesAreFull, spec, layout);
  return fitting(placement, group.members.at(-1)!.layer, spec, capacityBytes);
}

function fitting(placement: Placement, layer: Layer, spec: DramSpec, capacityBytes: number): Placement {
  if (placement.bytes > capacityBytes) {
    const expected = `at most the ${capacityBytes} bytes of the memory for its tensors`;
    throw new InputError({ file: spec.name, path: '', layer: layer.name, value: placement.bytes, expected });
  }
  return placement;
}
