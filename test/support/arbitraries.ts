/** Random small accelerators and tiled layers for fast-check. Layers are built directly, so SRAM sizes do not matter. */
import fc from 'fast-check';
import {
  CONV_DIMS,
  type ConvDim,
  type ConvSizes,
  inBoth,
  NO_WINDOW,
  OUTPUT_STATIONARY,
  type PerDirection,
  type SaLayer,
  type SimdLayer,
  type Sliding,
  UNIT_SLIDING,
  WEIGHT_STATIONARY,
  type Window,
} from '../../src/model/layers/layer.ts';
import { type SimdOp, simdOperation } from '../../src/model/operations/simdTable.ts';
import { type Assumptions, singleSlotBuffer } from '../../src/model/schedule/assumptions.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';

/** A layer and the accelerator that it is tiled for. */
export interface Case<L> {
  readonly hardware: Hardware;
  readonly layer: L;
}

/** The sample is fixed, so that the suite gives the same answer every time; `npm run verify` takes twenty times as many. */
export function sample(numRuns: number): { seed: number; numRuns: number } {
  return { seed: 20_240_229, numRuns: process.env['SYSTOLE_VERIFY'] === '1' ? 20 * numRuns : numRuns };
}

/** Some so small that their transfers take longer than anything else, some so large that they never matter. */
const bandwidth = fc.oneof(
  fc.integer({ min: 1, max: 8 }),
  fc.integer({ min: 9, max: 64 }),
  fc.integer({ min: 65, max: 1024 }),
);
const width = fc.integer({ min: 1, max: 32 });
/** Mostly so few that they matter, at times more than there are tiles. */
const slotCount = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 3 }) },
  { weight: 1, arbitrary: fc.integer({ min: 4, max: 16 }) },
);
const cycles = fc.integer({ min: 1, max: 15 });

/**
 * 1 to 4 rows and columns. Slots: 1 to 16 everywhere with `randomSlots`; else 2 to `mostSlots`, 2 if left out, on the
 * SA side and one in VMem.
 */
export function hardwares({ randomSlots = false, mostSlots = 2 } = {}): fc.Arbitrary<Hardware> {
  const saSlots = randomSlots ? slotCount : fc.integer({ min: 2, max: mostSlots });
  const vmemSlots = randomSlots ? slotCount : fc.constant(1);
  return fc.record({
    name: fc.constant('random'),
    array: fc.record({ rows: fc.integer({ min: 1, max: 4 }), columns: fc.integer({ min: 1, max: 4 }) }),
    bits: fc.record({ weight: width, ifmap: width, psum: width, bias: width }),
    sramKiB: fc.constant({ wbuf: 1, ibuf: 1, obuf: 1, bbuf: 1, vmem: 1, imem: 1 }),
    slots: fc.record({ wbuf: saSlots, ibuf: saSlots, obuf: saSlots, bbuf: saSlots, vmem: vmemSlots }),
    bitsPerCycle: fc.record({ weight: bandwidth, ifmap: bandwidth, psum: bandwidth, vmem: bandwidth }),
    aluCycles: fc.record({
      add: cycles,
      sub: cycles,
      mul: cycles,
      div: cycles,
      max: cycles,
      exp: cycles,
      invSqrt: cycles,
      condMove: cycles,
      min: cycles,
      mac: cycles,
    }),
    clockPicoseconds: fc.constant(1000),
  });
}

/** How a dimension is cut: tiles of `tile` elements, `trips` of them, of which the last has `last` elements. */
interface Cut {
  readonly tile: number;
  readonly trips: number;
  readonly last: number;
}

const WHOLE: Cut = { tile: 1, trips: 1, last: 1 };

/** A cut in up to `mostTrips` tiles; about half of them leave the dimension in one piece. */
function cuts(mostTile: number, mostTrips: number): fc.Arbitrary<Cut> {
  return fc
    .record({
      tile: fc.integer({ min: 1, max: mostTile }),
      trips: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: mostTrips })),
      rest: fc.nat({ max: mostTile - 1 }),
    })
    .map(({ tile, trips, rest }) => ({ tile, trips, last: trips === 1 ? tile : tile - (rest % tile) }));
}

const sizeOf = ({ tile, trips, last }: Cut): number => tile * (trips - 1) + last;
const MOST_STEPS = 200;

type ConvCuts = Readonly<Record<ConvDim, Cut>>;

/** What is drawn of a layer; how it slides is left out where nothing does. */
interface SaShape {
  readonly op: SaLayer['op'];
  readonly cut: ConvCuts;
  readonly groups: number;
  readonly sliding?: Sliding;
}

const pair = (most: number): fc.Arbitrary<PerDirection> =>
  fc.record({ h: fc.integer({ min: 1, max: most }), w: fc.integer({ min: 1, max: most }) });
/** Strides, and dilations in about half of the cases, of each direction for itself. */
const slidings: fc.Arbitrary<Sliding> = fc.record({
  stride: pair(3),
  dilation: fc.oneof(fc.constant(inBoth(1)), pair(3)),
});
/** None in about two thirds of the cases. */
const groupCounts = fc.oneof(
  { weight: 2, arbitrary: fc.constant(1) },
  { weight: 1, arbitrary: fc.integer({ min: 2, max: 5 }) },
);

/** A conv with a tiled kernel, a gemm of many rows, a gemm of one row. */
const saShapes: fc.Arbitrary<SaShape> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      op: fc.constant('conv' as const),
      cut: fc.record({
        oc: cuts(2, 3),
        ic: cuts(2, 3),
        kh: cuts(3, 2),
        kw: cuts(3, 2),
        n: cuts(2, 2),
        oh: cuts(3, 3),
        ow: cuts(3, 5),
      }),
      groups: groupCounts,
      sliding: slidings,
    }),
  },
  {
    weight: 1,
    arbitrary: gemms(
      cuts(4, 6).map((n) => (sizeOf(n) === 1 ? { tile: 2, trips: 1, last: 2 } : n)),
      3,
    ),
  },
  { weight: 1, arbitrary: gemms(fc.constant(WHOLE), 6) },
);

function gemms(n: fc.Arbitrary<Cut>, mostTrips: number): typeof saShapes {
  const one = fc.constant(WHOLE);
  return fc.record({
    op: fc.constant('gemm' as const),
    cut: fc.record({ oc: cuts(2, mostTrips), ic: cuts(2, mostTrips), kh: one, kw: one, n, oh: one, ow: one }),
    groups: groupCounts,
  });
}

/** Up to four loops of any length, the others in one piece: layers in which something recurs. */
const longCut = fc.oneof(cuts(3, 4), cuts(3, 30));
const longSaShapes: typeof saShapes = fc
  .record({
    moving: fc.subarray([...CONV_DIMS], { minLength: 1, maxLength: 4 }),
    cut: fc.record({ oc: longCut, ic: longCut, kh: longCut, kw: longCut, n: longCut, oh: longCut, ow: longCut }),
    groups: fc.oneof({ weight: 3, arbitrary: groupCounts }, { weight: 1, arbitrary: fc.integer({ min: 6, max: 30 }) }),
    sliding: slidings,
  })
  .map(({ moving, cut, ...rest }) => ({
    op: 'conv' as const,
    cut: { ...cut, ...Object.fromEntries(CONV_DIMS.filter((dim) => !moving.includes(dim)).map((dim) => [dim, WHOLE])) },
    ...rest,
  }));
const MOST_LONG_STEPS = 6000;

/** Conv and gemm layers in their default loop order, or in any; `mostMacs` bounds their size beyond the steps. */
export function saCases({
  randomSlots = false,
  mostSlots = 2,
  randomOrder = false,
  isLong = false,
  mostMacs = Number.POSITIVE_INFINITY,
} = {}): fc.Arbitrary<Case<SaLayer>> {
  const order = randomOrder
    ? fc.shuffledSubarray([...CONV_DIMS], { minLength: CONV_DIMS.length })
    : fc.constant(undefined);
  return fc
    .record({ hardware: hardwares({ randomSlots, mostSlots }), shape: isLong ? longSaShapes : saShapes, order })
    .map(({ hardware, shape: { op, cut, groups, sliding = UNIT_SLIDING }, order }): Case<SaLayer> => {
      // IC comes in multiples of J and OC of K.
      const unit = (dim: ConvDim): number =>
        dim === 'ic' ? hardware.array.rows : dim === 'oc' ? hardware.array.columns : 1;
      const perDim = (value: (dim: ConvDim) => number): ConvSizes =>
        Object.fromEntries(CONV_DIMS.map((dim) => [dim, unit(dim) * value(dim)])) as ConvSizes;
      const sizes = perDim((dim) => sizeOf(cut[dim]));
      const defaultOrder = op === 'gemm' && sizes.n === 1 ? OUTPUT_STATIONARY : WEIGHT_STATIONARY;
      const layer: SaLayer = {
        unit: 'SA',
        name: `random ${op}`,
        op,
        groups,
        sizes,
        tile: perDim((dim) => cut[dim].tile),
        ...sliding,
        loopOrder: order ?? defaultOrder,
        bits: hardware.bits,
      };
      return { hardware, layer };
    })
    .filter(({ layer }) => stepsOf(layer) <= (isLong ? MOST_LONG_STEPS : MOST_STEPS))
    .filter(({ layer }) => layer.groups * productOf(layer.sizes) <= mostMacs);
}

/** Steps of a conv or gemm layer: the product of its loops' trips. */
export function stepsOf({ groups, sizes, tile }: SaLayer): number {
  return CONV_DIMS.reduce((steps, dim) => steps * Math.ceil(sizes[dim] / tile[dim]), groups);
}

function productOf(sizes: ConvSizes): number {
  return CONV_DIMS.reduce((product, dim) => product * sizes[dim], 1);
}

/** Windows of the operation's kind. */
function windowsOf(op: SimdOp): fc.Arbitrary<Window> {
  const upTo3 = fc.integer({ min: 1, max: 3 });
  switch (simdOperation(op).window) {
    case 'none':
      return fc.constant(NO_WINDOW);
    case 'line':
      return upTo3.map((kh) => ({ ...NO_WINDOW, kh }));
    case 'blocks':
      return pair(3).map((step) => ({ kh: step.h, kw: step.w, stride: step, dilation: inBoth(1) }));
    case 'sliding': {
      const dilation = op.includes('pool') ? fc.constant(inBoth(1)) : pair(2);
      return fc.record({ kh: upTo3, kw: upTo3, stride: pair(3), dilation });
    }
  }
}

/** Layers of one SIMD operation; where lanes hold rows, h and w are 1. */
export function simdCases(op: SimdOp, { randomSlots = false, isLong = false } = {}): fc.Arbitrary<Case<SimdLayer>> {
  const side = isLong ? fc.oneof(cuts(3, 3), cuts(3, 15)) : cuts(3, 3);
  const inner = simdOperation(op).partsInOnePass === undefined ? side : cuts(1, 1);
  return fc
    .record({
      hardware: hardwares({ randomSlots }),
      cut: fc.record({ c: isLong ? side : cuts(2, 3), n: side, h: inner, w: inner }),
      window: windowsOf(op),
      input: width,
      output: width,
    })
    .map(({ hardware, cut: { c, n, h, w }, window, input, output }) => {
      const lanes = hardware.array.columns;
      const layer: SimdLayer = {
        unit: 'SIMD',
        name: `random ${op}`,
        op,
        sizes: { c: lanes * sizeOf(c), n: sizeOf(n), h: sizeOf(h), w: sizeOf(w) },
        tile: { c: lanes * c.tile, n: n.tile, h: h.tile, w: w.tile },
        window,
        bits: { ...hardware.bits, input, output },
      };
      return { hardware, layer };
    });
}

/** Whether a case goes with assumptions: lockstep is not defined for a conv or gemm with a single slot anywhere. */
export function isDefined({ hardware, layer }: Case<SaLayer | SimdLayer>, { lockstep }: Assumptions): boolean {
  return layer.unit === 'SIMD' || !lockstep || singleSlotBuffer(hardware) === undefined;
}

/** Any of the sixteen combinations of the paper's assumptions. */
export const assumptionSets: fc.Arbitrary<Assumptions> = fc.record({
  fullEdgeTiles: fc.boolean(),
  lockstep: fc.boolean(),
  noPsumHazard: fc.boolean(),
  reloadOperands: fc.boolean(),
  prefetch: fc.constant(false),
});
