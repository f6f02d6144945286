/**
 * What a layer moves and computes, counted one by one: every step, every cycle of the array, every MAC. Written from
 * the paper's definitions and SEMANTICS.md, Traffic, alone; it shares nothing with the schedule or the machine but types.
 */
import type { ConvDim, ConvSizes, SaLayer, SimdLayer } from '../../src/model/layers/layer.ts';
import type { DramBits } from '../../src/model/layers/result.ts';
import type { SimdOp } from '../../src/model/operations/simdTable.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';

/** The counts of a conv or gemm layer. */
export interface SaCounts {
  tiles: number;
  /** Cycles in which the array takes a vector, and the fill before each tile. */
  computeCycles: number;
  dramBits: DramBits;
  sramBits: { wbuf: number; ibuf: number; obuf: number; bbuf: number };
  mac: number;
  /** How often the MAC (or MACs) computed least and most often have been computed. */
  leastOften: number;
  mostOften: number;
}

/** Half-open range of the elements that a tile of a group covers in each dimension, and the tile's index. */
interface Tile {
  readonly group: number;
  readonly index: ConvSizes;
  readonly from: ConvSizes;
  readonly to: ConvSizes;
}

const WEIGHT: readonly ConvDim[] = ['oc', 'ic', 'kh', 'kw'];
const IFMAP: readonly ConvDim[] = ['ic', 'kh', 'kw', 'n', 'oh', 'ow'];
const PSUM: readonly ConvDim[] = ['oc', 'n', 'oh', 'ow'];

function* upTo(end: number): Generator<number> {
  for (let value = 0; value < end; value++) yield value;
}

/** All tiles in loop order, group by group, edge tiles cut to the tensor. */
function tilesInOrder(layer: SaLayer): Tile[] {
  return [...upTo(layer.groups)].flatMap((group) => tilesOfGroup(layer, group));
}

function tilesOfGroup({ sizes, tile, loopOrder }: SaLayer, group: number): Tile[] {
  const trips = loopOrder.map((dim) => Math.ceil(sizes[dim] / tile[dim]));
  const tiles: Tile[] = [];
  for (const i0 of upTo(trips[0]!))
    for (const i1 of upTo(trips[1]!))
      for (const i2 of upTo(trips[2]!))
        for (const i3 of upTo(trips[3]!))
          for (const i4 of upTo(trips[4]!))
            for (const i5 of upTo(trips[5]!))
              for (const i6 of upTo(trips[6]!)) {
                const indices = [i0, i1, i2, i3, i4, i5, i6];
                const perDim = (value: (index: number, dim: ConvDim) => number): ConvSizes =>
                  Object.fromEntries(loopOrder.map((dim, place) => [dim, value(indices[place]!, dim)])) as ConvSizes;
                tiles.push({
                  group,
                  index: perDim((index) => index),
                  from: perDim((index, dim) => index * tile[dim]),
                  to: perDim((index, dim) => Math.min((index + 1) * tile[dim], sizes[dim])),
                });
              }
  return tiles;
}

/**
 * Place in the loop order of the loop that advances before a step: the outermost one whose iteration is another; −1 for
 * the group, and at the beginning.
 */
function advancedLoop(loopOrder: readonly ConvDim[], before: Tile | undefined, tile: Tile): number {
  return before === undefined || before.group !== tile.group
    ? -1
    : loopOrder.findIndex((dim) => before.index[dim] !== tile.index[dim]);
}

/** Slots that hold tiles by name; the one used longest ago gives way. */
class Slots {
  private names: string[] = [];
  private readonly slots: number;

  constructor(slots: number) {
    this.slots = slots;
  }

  /** Uses a tile; returns whether it had to be loaded. */
  use(name: string): boolean {
    const isHere = this.names.includes(name);
    this.names = [...this.names.filter((other) => other !== name), name].slice(-this.slots);
    return !isHere;
  }
}

/** Counts a conv or gemm layer in its loop order. `keepsResident` skips loads of tiles that a slot still holds. */
export function bruteForceSa(layer: SaLayer, hardware: Hardware, keepsResident = false): SaCounts {
  const { loopOrder, bits } = layer;
  const tiles = tilesInOrder(layer);
  const counts = countArray(layer, hardware, tiles);
  const { dramBits } = counts;

  const innermost = (dims: readonly ConvDim[]): number => Math.max(...dims.map((dim) => loopOrder.indexOf(dim)));
  const nameOf = (tile: Tile, dims: readonly ConvDim[]): string =>
    [tile.group, ...dims.map((dim) => tile.index[dim])].join();
  const { slots } = hardware;
  const [wbuf, ibuf, bbuf] = [new Slots(slots.wbuf), new Slots(slots.ibuf), new Slots(slots.bbuf)];
  // A bias tile stays until the group or oc advances, and so does a kept one until its slot is needed.
  const biasSlots = keepsResident ? bbuf : new Slots(1);
  const additions = new Map<string, number>();
  const stepsPerSum = tiles.filter((tile) => nameOf(tile, PSUM) === '0,0,0,0,0').length;

  tiles.forEach((tile, step) => {
    const extent = (dim: ConvDim): number => tile.to[dim] - tile.from[dim];
    const inputExtent = (out: ConvDim, kernel: ConvDim, along: 'h' | 'w'): number =>
      (extent(out) - 1) * layer.stride[along] + (extent(kernel) - 1) * layer.dilation[along] + 1;
    const weightBits = extent('oc') * extent('ic') * extent('kh') * extent('kw') * bits.weight;
    const ifmapBits =
      extent('ic') * extent('n') * inputExtent('oh', 'kh', 'h') * inputExtent('ow', 'kw', 'w') * bits.ifmap;
    const psumBits = extent('oc') * extent('n') * extent('oh') * extent('ow') * bits.psum;
    const psumName = nameOf(tile, PSUM);
    const added = additions.get(psumName) ?? 0;
    additions.set(psumName, added + 1);

    const advanced = advancedLoop(loopOrder, tiles[step - 1], tile);
    if (keepsResident ? wbuf.use(nameOf(tile, WEIGHT)) : advanced <= innermost(WEIGHT)) dramBits.weight += weightBits;
    if (keepsResident ? ibuf.use(nameOf(tile, IFMAP)) : advanced <= innermost(IFMAP)) dramBits.ifmap += ifmapBits;
    if (added === 0 && biasSlots.use(nameOf(tile, ['oc']))) dramBits.bias += extent('oc') * bits.bias;

    // A visit to a psum tile lasts while (kept) the tile or (else) all loops down to its innermost stay.
    const begins = (at: Tile | undefined, before: Tile | undefined): boolean => {
      if (at === undefined || before === undefined) return true;
      if (keepsResident) return nameOf(at, PSUM) !== nameOf(before, PSUM);
      return advancedLoop(loopOrder, before, at) <= innermost(PSUM);
    };
    if (begins(tile, tiles[step - 1]) && added > 0) dramBits.psum += psumBits;
    if (begins(tiles[step + 1], tile)) {
      if (added + 1 === stepsPerSum) dramBits.ofmap += psumBits;
      else dramBits.psum += psumBits;
    }
  });
  return counts;
}

/**
 * Runs the array cycle by cycle: each takes J inputs and J·K weights, and adds to K psums. A psum that exists is
 * read from OBuf; one that does not starts from the bias in BBuf.
 */
function countArray(layer: SaLayer, hardware: Hardware, tiles: readonly Tile[]): SaCounts {
  const { sizes, bits, groups } = layer;
  const { rows, columns } = hardware.array;
  const outputs = groups * sizes.oc * sizes.n * sizes.oh * sizes.ow;
  const timesComputed = new Uint8Array(outputs * sizes.ic * sizes.kh * sizes.kw);
  const hasPsum = new Uint8Array(outputs);
  const sramBits = { wbuf: 0, ibuf: 0, obuf: 0, bbuf: 0 };
  let computeCycles = 0;
  let mac = 0;

  for (const { group, from, to } of tiles) {
    computeCycles += rows - 1 + (columns - 1);
    for (let kh = from.kh; kh < to.kh; kh++)
      for (let kw = from.kw; kw < to.kw; kw++)
        for (let firstIc = from.ic; firstIc < to.ic; firstIc += rows)
          for (let firstOc = from.oc; firstOc < to.oc; firstOc += columns)
            for (let n = from.n; n < to.n; n++)
              for (let oh = from.oh; oh < to.oh; oh++)
                for (let ow = from.ow; ow < to.ow; ow++) {
                  computeCycles++;
                  sramBits.wbuf += rows * columns * bits.weight;
                  sramBits.ibuf += rows * bits.ifmap;
                  for (let oc = firstOc; oc < firstOc + columns; oc++) {
                    const output = (((group * sizes.oc + oc) * sizes.n + n) * sizes.oh + oh) * sizes.ow + ow;
                    if (hasPsum[output] === 1) sramBits.obuf += bits.psum;
                    else sramBits.bbuf += bits.bias;
                    hasPsum[output] = 1;
                    sramBits.obuf += bits.psum;
                    for (let ic = firstIc; ic < firstIc + rows; ic++) {
                      timesComputed[((output * sizes.ic + ic) * sizes.kh + kh) * sizes.kw + kw]!++;
                      mac++;
                    }
                  }
                }
  }
  return {
    tiles: tiles.length,
    computeCycles,
    dramBits: { weight: 0, ifmap: 0, psum: 0, ofmap: 0, bias: 0 },
    sramBits,
    mac,
    leastOften: timesComputed.reduce((least, times) => Math.min(least, times)),
    mostOften: timesComputed.reduce((most, times) => Math.max(most, times)),
  };
}

/** How large a tensor's tile is. */
type Extent =
  /** As the tile of the loops. */
  | 'tile'
  /** The tile with its window's halo. */
  | 'window'
  /** The tile with one more element on every side. */
  | 'margin'
  /** One element per channel; per image and channel; per place of n. */
  | 'channel'
  | 'image'
  | 'step'
  /** The tile of one image. */
  | 'shared'
  /** One element per channel and place of the window. */
  | 'kernel';
type Width = 'input' | 'output' | 'psum' | 'weight' | 'bias';

/** What an operation loads and stores (MODEL.md §4, OPERATIONS.md), so many tensors of each kind. */
interface SimdTensors {
  /** Of every tile. */
  readonly loads?: readonly Extent[];
  /** Loads of tiles for a second pass, where n is tiled; what is in one tile passes once. */
  readonly loadsAgain?: readonly Extent[];
  readonly stores?: readonly Extent[];
  /** Stores of X̂, which are booked as loads. */
  readonly storesOfLoads?: readonly Extent[];
  /** Once per c-tile, or per tile of c and n where `byImage` says so. */
  readonly vectors?: readonly (readonly [Extent, Width])[];
  readonly storedVectors?: readonly (readonly [Extent, Width])[];
  readonly byImage?: true;
}

const ONE = { loads: ['tile'], stores: ['tile'] } as const;
const TWO = { loads: ['tile', 'tile'], stores: ['tile'] } as const;
const POOL = { loads: ['window'], stores: ['tile'] } as const;
const channels = (count: number): NonNullable<SimdTensors['vectors']> =>
  Array.from({ length: count }, () => ['channel', 'psum'] as const);
/** By a second operand that has all elements, one per channel, one per image and channel, those of one image, or one. */
const FORMS = {
  '': TWO,
  '-per-channel': { ...ONE, vectors: channels(1) },
  '-per-image': { ...ONE, vectors: [['image', 'psum']], byImage: true },
  '-shared': { loads: ['tile', 'shared'], stores: ['tile'] },
  '-scalar': ONE,
} as const satisfies Record<string, SimdTensors>;

const LAYER_NORM = { loads: ['tile', 'step', 'step'], loadsAgain: ['tile', 'step', 'step'], stores: ['tile'] } as const;
const PLAIN_NORM = { loads: ['tile'], loadsAgain: ['tile'], stores: ['tile'] } as const;

const SIMD_TENSORS: { readonly [op in Exclude<SimdOp, `tensor-${string}`>]: SimdTensors } = {
  ...{ relu: ONE, clip: ONE, 'clip-below': ONE, 'clip-above': ONE, 'leaky-relu': ONE, sigmoid: ONE, tanh: ONE },
  ...{ silu: ONE, gelu: ONE, 'hard-sigmoid': ONE, 'hard-swish': ONE, copy: ONE },
  ...{ 'relu-grad': TWO, 'clip-grad': TWO, 'clip-below-grad': TWO, 'clip-above-grad': TWO, 'leaky-relu-grad': TWO },
  ...{ 'sigmoid-grad': TWO, 'tanh-grad': TWO, 'silu-grad': TWO, 'gelu-grad': TWO, 'hard-sigmoid-grad': TWO },
  ...{ 'hard-swish-grad': TWO, 'sgd-1d': TWO, 'sgd-2d': TWO, 'sgd-4d': TWO },
  prelu: { ...ONE, vectors: channels(1) }, // α
  'prelu-grad': { ...TWO, vectors: channels(1), storedVectors: channels(1) }, // α, dα
  'max-pool': POOL,
  'avg-pool': POOL,
  'global-avg-pool': POOL,
  'max-pool-grad': { loads: ['tile'], vectors: [['tile', 'psum']], stores: ['window'] }, // its index is b_p wide
  'avg-pool-grad': { loads: ['tile'], stores: ['window'] },
  'global-avg-pool-grad': { loads: ['tile'], stores: ['window'] },
  'depthwise-conv': {
    ...POOL,
    vectors: [
      ['kernel', 'weight'],
      ['channel', 'bias'],
    ],
  },
  'depthwise-weight-grad': { loads: ['window', 'tile'], storedVectors: [['kernel', 'psum']] },
  'upsample-nearest': { loads: ['tile'], stores: ['window'] },
  'upsample-nearest-grad': POOL,
  'upsample-bilinear': { loads: ['margin'], stores: ['window'] },
  'upsample-bilinear-grad': { loads: ['window'], stores: ['margin'] },
  'roi-align': POOL,
  lrn: POOL,
  'bn-statistics': { loads: ['tile'], storedVectors: channels(2) }, // mean, 1/std
  'bn-normalise': { ...ONE, vectors: channels(4) }, // mean, 1/std, γ, β
  // Part 1 loads X and dY and stores X̂, part 2 loads X̂ and dY again; mean, 1/std, γ in; dγ, dβ out.
  'bn-grad': {
    loads: ['tile', 'tile', 'tile', 'tile'],
    storesOfLoads: ['tile'],
    stores: ['tile'],
    vectors: channels(3),
    storedVectors: channels(2),
  },
  'batch-norm': { ...ONE, vectors: channels(2) },
  'reduce-sum': { loads: ['tile'], storedVectors: [['channel', 'output']] },
  'reduce-product': { loads: ['tile', 'tile'], storedVectors: channels(1) },
  'image-sum': { loads: ['tile'], storedVectors: [['image', 'psum']], byImage: true },
  'image-product': { loads: ['tile', 'tile'], storedVectors: [['image', 'psum']], byImage: true },
  'plane-mean': { loads: ['tile'], storedVectors: [['image', 'output']], byImage: true },
  'plane-mean-grad': { stores: ['tile'], vectors: [['image', 'input']], byImage: true },
  softmax: PLAIN_NORM,
  'softmax-grad': { loads: ['tile', 'tile'], loadsAgain: ['tile', 'tile'], stores: ['tile'] },
  'layer-norm': LAYER_NORM,
  'layer-norm-plain': PLAIN_NORM,
  'layer-norm-training': { ...LAYER_NORM, storedVectors: channels(2) },
  'layer-norm-plain-training': { ...PLAIN_NORM, storedVectors: channels(2) },
  // X, dY and γ, then X̂, dY and γ again.
  'layer-norm-grad': {
    loads: ['tile', 'tile', 'step'],
    loadsAgain: ['tile', 'tile', 'step'],
    storesOfLoads: ['tile'],
    stores: ['tile'],
    vectors: channels(2),
  },
  'layer-norm-plain-grad': {
    loads: ['tile', 'tile'],
    loadsAgain: ['tile', 'tile'],
    storesOfLoads: ['tile'],
    stores: ['tile'],
    vectors: channels(2),
  },
  'reduce-mean': { loads: ['tile'], storedVectors: [['channel', 'output']] },
  'reduce-mean-grad': { stores: ['tile'], vectors: channels(1) },
};

function tensorsOf(op: SimdOp): SimdTensors {
  const arithmetic = /^(tensor-(?:add|sub|mul|div))(.*)$/.exec(op);
  if (arithmetic !== null) return FORMS[arithmetic[2] as keyof typeof FORMS];
  return SIMD_TENSORS[op as keyof typeof SIMD_TENSORS];
}

/** The DRAM bits of a SIMD layer, tile by tile at true sizes. */
export function bruteForceSimd({ op, sizes, tile, window, bits }: SimdLayer): { ifmap: number; ofmap: number } {
  const tensors = tensorsOf(op);
  const { loads = [], loadsAgain = [], stores = [], storesOfLoads = [], vectors = [], storedVectors = [] } = tensors;
  const dramBits = { ifmap: 0, ofmap: 0 };
  const isOnePass = tile.n === sizes.n && tile.h === sizes.h && tile.w === sizes.w;
  for (let c = 0; c < sizes.c; c += tile.c) {
    const channels = Math.min(tile.c, sizes.c - c);
    for (let n = 0; n < sizes.n; n += tile.n) {
      const images = Math.min(tile.n, sizes.n - n);
      for (let h = 0; h < sizes.h; h += tile.h)
        for (let w = 0; w < sizes.w; w += tile.w) {
          const [height, width] = [Math.min(tile.h, sizes.h - h), Math.min(tile.w, sizes.w - w)];
          const { stride, dilation, kh, kw } = window;
          const rows = (height - 1) * stride.h + (kh - 1) * dilation.h + 1;
          const columns = (width - 1) * stride.w + (kw - 1) * dilation.w + 1;
          const elements: Record<Extent, number> = {
            tile: channels * images * height * width,
            window: channels * images * rows * columns,
            margin: channels * images * (height + 2) * (width + 2),
            channel: channels,
            image: channels * images,
            step: images,
            shared: channels * height * width,
            kernel: channels * kh * kw,
          };
          /** Vectors over steps are parameters, as wide as those per channel. */
          const bitsOf = (extents: readonly Extent[], width: 'input' | 'output'): number =>
            extents.reduce((sum, each) => sum + elements[each] * bits[each === 'step' ? 'psum' : width], 0);
          dramBits.ifmap += bitsOf(loads, 'input') + bitsOf(storesOfLoads, 'input');
          if (!isOnePass) dramBits.ifmap += bitsOf(loadsAgain, 'input');
          dramBits.ofmap += bitsOf(stores, 'output');
          const isFirst = h + w === 0 && (tensors.byImage === true || n === 0);
          for (const [column, moved] of [
            ['ifmap', vectors],
            ['ofmap', storedVectors],
          ] as const) {
            for (const [extent, width] of moved) {
              if (isFirst || extent === 'tile') dramBits[column] += elements[extent] * bits[width];
            }
          }
        }
    }
  }
  return dramBits;
}
