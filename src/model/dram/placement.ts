/**
 * Where a layer's tensors lie in memory, and a tile as the runs of bits that it is there. Each layer has regions of
 * its own, at the width that it uses.
 */
import { CONV_DIMS, type ConvDim, type Layer, RELEVANT_DIMS, type SaLayer, type SimdLayer } from '../layers/layer.ts';
import { ceilDiv } from '../layers/rounding.ts';
import { convTileBits } from '../operations/saCosts.ts';
import { type Operand, tensorElements, tensorShape } from '../operations/simdRow.ts';
import { simdParts } from '../operations/simdTable.ts';
import type { Four, Region } from '../schedule/region.ts';
import { coveredSizes, regionOf, type SaTensorName, saShapes, tileOfStep } from '../schedule/saTile.ts';
import { coveredSimdSizes, simdRegion, simdStep } from '../schedule/simdTile.ts';
import type { DramSpec } from '../schemas/dram.ts';
import { InputError } from '../schemas/inputError.ts';
import { memoryBytes } from './addressMap.ts';
import type { Runs } from './burstWalk.ts';

/** How tensors lie in memory: each tile in one piece, halos duplicated; or the whole tensor, channels last or first. */
export const LAYOUTS = ['tiles', 'nhwc', 'nchw'] as const;
export type Layout = (typeof LAYOUTS)[number];

/** A tile that is moved: its tensor, the step that identifies it and, on the SIMD array, the operand. */
export interface PlacedTile {
  readonly tensor: string;
  readonly step: number;
  readonly direction: 'load' | 'store';
  readonly bits: number;
  readonly operand?: number;
}

/** Finds the tiles of one layer. */
export interface Placement {
  /** Bytes from the memory's first to the last that a tensor of the layer needs. */
  readonly bytes: number;
  runsOf(tile: PlacedTile): Runs;
}

/** A tensor's place. `order` lists its dimensions as they lie in memory, outermost first. */
interface Tensor {
  readonly base: number;
  readonly shape: Four;
  readonly elementBits: number;
}

/** Gives tensors their bases one after the other, each a few rows further into its bank rotation (CONTROLLER.md). */
class Allocator {
  private readonly rotationBits: number;
  private readonly staggerBits: number;
  /** Bits up to the end of the last tensor. */
  end = 0;
  private tensors = 0;

  constructor({ organization: org }: DramSpec) {
    const rowBits = 8 * org.accessesPerRow * org.bytesPerAccess * org.channels;
    this.staggerBits = 4 * rowBits;
    this.rotationBits = rowBits * org.bankGroups * org.banksPerGroup;
  }

  place(bits: number): number {
    const base = ceilDiv(this.end, this.rotationBits) * this.rotationBits + this.tensors * this.staggerBits;
    this.tensors++;
    this.end = base + bits;
    return base;
  }
}

/** The dense block of a tensor as runs. */
function denseRuns({ base, shape, elementBits }: Tensor, { from, sizes }: Region, order: Four): Runs {
  let strideBits = elementBits;
  let runBits = elementBits;
  let start = base;
  let isContiguous = true;
  const loops: { count: number; strideBits: number }[] = [];
  for (let place = order.length - 1; place >= 0; place--) {
    const dim = order[place]!;
    const [size, whole] = [sizes[dim]!, shape[dim]!];
    start += from[dim]! * strideBits;
    if (isContiguous) runBits *= size;
    else if (size > 1) loops.unshift({ count: size, strideBits });
    if (size < whole) isContiguous = false;
    strideBits *= whole;
  }
  return { base: start, runBits, loops };
}

/** The regions' dimensions: n, c, h, w on the SA (weights oc, ic, kh, kw); c, n, h, w on the SIMD array. */
const ORDER: Readonly<Record<'SA' | 'SIMD', Readonly<Record<'nhwc' | 'nchw', Four>>>> = {
  SA: { nchw: [0, 1, 2, 3], nhwc: [0, 2, 3, 1] },
  SIMD: { nchw: [1, 0, 2, 3], nhwc: [1, 2, 3, 0] },
};

function wholeBursts(bits: number, spec: DramSpec): number {
  const burstBits = 8 * spec.organization.bytesPerAccess;
  return ceilDiv(bits, burstBits) * burstBits;
}

class SaPlacement implements Placement {
  readonly bytes: number;
  private readonly layer: SaLayer;
  private readonly covered: SaLayer['sizes'];
  private readonly layout: Layout;
  private readonly tensors: Readonly<Record<SaTensorName, Tensor>>;
  private readonly tileStrideBits: Readonly<Record<SaTensorName, number>>;

  constructor(layer: SaLayer, edgesAreFull: boolean, spec: DramSpec, layout: Layout) {
    this.layer = layer;
    this.layout = layout;
    this.covered = coveredSizes(layer, edgesAreFull);
    const shapes = saShapes(this.covered, layer, layer.groups);
    const tileBits = convTileBits(layer.tile, layer, layer.bits);
    const allocator = new Allocator(spec);
    const strideOf = (name: SaTensorName): number => wholeBursts(tileBits[name], spec);
    const tensor = (name: SaTensorName): Tensor => {
      const elements = shapes[name].reduce((product, size) => product * size, 1);
      const bits = layout === 'tiles' ? this.tilesOf(name) * strideOf(name) : elements * layer.bits[name];
      return { base: allocator.place(bits), shape: shapes[name], elementBits: layer.bits[name] };
    };
    this.tensors = { weight: tensor('weight'), ifmap: tensor('ifmap'), psum: tensor('psum'), bias: tensor('bias') };
    this.tileStrideBits = {
      weight: strideOf('weight'),
      ifmap: strideOf('ifmap'),
      psum: strideOf('psum'),
      bias: strideOf('bias'),
    };
    this.bytes = ceilDiv(allocator.end, 8);
  }

  runsOf({ tensor, step, bits }: PlacedTile): Runs {
    const name = tensor as SaTensorName;
    const place = this.tensors[name];
    const tile = tileOfStep(this.layer, this.covered, step);
    if (this.layout !== 'tiles') {
      return denseRuns(place, regionOf(name, tile, this.layer, this.covered), ORDER.SA[this.layout]);
    }
    const number = relevantDims(name).reduce(
      (count, dim) => count * this.trips(dim) + tile.from[dim] / this.layer.tile[dim],
      tile.group,
    );
    return { base: place.base + number * this.tileStrideBits[name], runBits: bits, loops: [] };
  }

  private trips(dim: ConvDim): number {
    return ceilDiv(this.covered[dim], this.layer.tile[dim]);
  }

  private tilesOf(name: SaTensorName): number {
    return relevantDims(name).reduce((count, dim) => count * this.trips(dim), this.layer.groups);
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
  private readonly spec: DramSpec;
  /** By tensor and width: what is stored at another width than it was loaded has a region for each. */
  private readonly tensors = new Map<string, Tensor>();

  constructor(layer: SimdLayer, edgesAreFull: boolean, spec: DramSpec, layout: Layout) {
    this.layer = layer;
    this.layout = layout;
    this.spec = spec;
    this.covered = coveredSimdSizes(layer, edgesAreFull);
    const allocator = new Allocator(spec);
    for (const { loads, stores } of simdParts(layer)) {
      for (const operand of [...loads, ...stores]) {
        const key = this.keyOf(operand);
        if (this.tensors.has(key)) continue;
        const shape = tensorShape(operand, this.covered, layer.window);
        const elementBits = layer.bits[operand.width];
        const elements = shape.reduce((product, size) => product * size, 1);
        const bits = layout === 'tiles' ? this.tilesOf(operand) * this.tileStrideBits(operand) : elements * elementBits;
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
    const number = dimsOf(operand).reduce((count, dim) => count * this.trips(dim) + at.from[dim] / layer.tile[dim], 0);
    return { base: base + number * this.tileStrideBits(operand), runBits: bits, loops: [] };
  }

  private keyOf({ tensor, width }: Operand): string {
    return `${tensor} ${this.layer.bits[width]}`;
  }

  private trips(dim: 'c' | 'n' | 'h' | 'w'): number {
    return ceilDiv(this.covered[dim], this.layer.tile[dim]);
  }

  private tilesOf(operand: Operand): number {
    return dimsOf(operand).reduce((count, dim) => count * this.trips(dim), 1);
  }

  private tileStrideBits(operand: Operand): number {
    const { tile, window, bits } = this.layer;
    return wholeBursts(tensorElements(operand, tile, window) * bits[operand.width], this.spec);
  }
}

/** The loops that a tensor depends on, outermost first. */
function dimsOf({ dims }: Operand): readonly ('c' | 'n' | 'h' | 'w')[] {
  return (['c', 'n', 'h', 'w'] as const).filter((dim) => dims.includes(dim));
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
  if (placement.bytes > capacityBytes) {
    const expected = `at most the ${capacityBytes} bytes of the memory for its tensors`;
    throw new InputError({ file: spec.name, path: '', layer: layer.name, value: placement.bytes, expected });
  }
  return placement;
}
