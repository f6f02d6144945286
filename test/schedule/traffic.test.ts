import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ifmapPlane,
  type Layer,
  type SaLayer,
  type SaUseful,
  type SimdLayer,
  type SimdUseful,
  windowInput,
} from '../../src/model/layers/layer.ts';
import { type DramBits, noDramBits } from '../../src/model/layers/result.ts';
import type { UsefulAxis } from '../../src/model/layers/usefulAxis.ts';
import { Machine } from '../../src/model/machine/machine.ts';
import { bookedTensor, type MachineObserver, type TileMove } from '../../src/model/machine/observer.ts';
import { SIMD_OPERATIONS, type SimdOp, simdParts } from '../../src/model/operations/simdTable.ts';
import type { Assumptions } from '../../src/model/schedule/assumptions.ts';
import type { Region } from '../../src/model/schedule/region.ts';
import { coveredSizes, regionOf, type SaTensorName, tileOfStep } from '../../src/model/schedule/saTile.ts';
import { coveredSimdSizes, simdRegion, simdStep } from '../../src/model/schedule/simdTile.ts';
import { trafficOf } from '../../src/model/schedule/traffic.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
import { assumptionSets, type Case, isDefined, saCases, sample, simdCases } from '../support/arbitraries.ts';

const anySimd = fc
  .constantFrom(...(Object.keys(SIMD_OPERATIONS) as SimdOp[]))
  .chain((op) => simdCases(op, { randomSlots: true }));
const anySa = saCases({ randomSlots: true, randomOrder: true });

/** A share of a size, from nothing to all of it. */
const shareOf = (size: number): fc.Arbitrary<number> => fc.integer({ min: 0, max: size });
/** Elements anywhere along an axis of `extent` positions, some of them outside, maybe dilated. */
const axisIn = (extent: number): fc.Arbitrary<UsefulAxis> =>
  fc.record({
    from: fc.integer({ min: -3, max: 4 }),
    step: fc.integer({ min: 1, max: 3 }),
    count: shareOf(extent + 3),
  });

function usefulSa(layer: SaLayer): fc.Arbitrary<SaUseful> {
  const { oc, ic, n, oh, ow, kh, kw } = layer.sizes;
  const input = ifmapPlane(layer.sizes, layer);
  return fc.record({
    macs: fc.constant(1),
    sizes: fc.record({ oc: shareOf(oc), ic: shareOf(ic), n: shareOf(n), oh: shareOf(oh), ow: shareOf(ow) }),
    ifmap: fc.record({ rows: axisIn(input.h), columns: axisIn(input.w) }),
    kernel: fc.record({ rows: axisIn(kh), columns: axisIn(kw) }),
    hasBias: fc.boolean(),
  });
}

function usefulSimd({ sizes, window }: SimdLayer): fc.Arbitrary<SimdUseful> {
  const { c, n, h, w } = sizes;
  const input = windowInput(sizes, window);
  return fc.record({
    macs: fc.constant(0),
    sizes: fc.record({ c: shareOf(c), n: shareOf(n), h: shareOf(h), w: shareOf(w) }),
    window: fc.record({ rows: axisIn(input.h), columns: axisIn(input.w) }),
    hasBias: fc.boolean(),
  });
}

const anyUsefulCase: fc.Arbitrary<Case<Layer>> = fc.oneof(
  {
    weight: 3,
    arbitrary: anySa.chain(({ hardware, layer }) =>
      usefulSa(layer).map((useful) => ({ hardware, layer: { ...layer, useful } })),
    ),
  },
  {
    weight: 1,
    arbitrary: anySimd.chain(({ hardware, layer }) =>
      usefulSimd(layer).map((useful) => ({ hardware, layer: { ...layer, useful } })),
    ),
  },
);

/** The positions of an axis at which an element is, one by one. */
function positionsOf({ from, step, count }: UsefulAxis): Set<number> {
  return new Set(Array.from({ length: count }, (_, place) => from + place * step));
}

const firstOnes = (count: number): Set<number> => positionsOf({ from: 0, step: 1, count });

/** Elements of a region that are there along every axis, looked at one by one. */
function elementsIn({ from, sizes }: Region, axes: readonly Set<number>[]): number {
  return axes.reduce((all, axis, place) => {
    let there = 0;
    for (let at = from[place]!; at < from[place]! + sizes[place]!; at++) if (axis.has(at)) there++;
    return all * there;
  }, 1);
}

function usefulBitsOfSa(layer: SaLayer, { fullEdgeTiles }: Assumptions, { tensor, step }: TileMove): number {
  const { useful, bits } = layer;
  const { sizes, ifmap, kernel, hasBias } = useful!;
  const one = firstOnes(1);
  const axes: Record<SaTensorName, Set<number>[]> = {
    weight: [firstOnes(sizes.oc), firstOnes(sizes.ic), positionsOf(kernel.rows), positionsOf(kernel.columns)],
    ifmap: [firstOnes(sizes.n), firstOnes(sizes.ic), positionsOf(ifmap.rows), positionsOf(ifmap.columns)],
    bias: [hasBias ? firstOnes(sizes.oc) : new Set(), one, one, one],
    psum: [firstOnes(sizes.n), firstOnes(sizes.oc), firstOnes(sizes.oh), firstOnes(sizes.ow)],
  };
  const name = tensor as SaTensorName;
  const covered = coveredSizes(layer, fullEdgeTiles);
  // Each group has as many channels of its own: look at it as if it were the first.
  const tile = { ...tileOfStep(layer, covered, step), group: 0 };
  return elementsIn(regionOf(name, tile, layer, covered), axes[name]) * bits[name];
}

function usefulBitsOfSimd(layer: SimdLayer, { fullEdgeTiles }: Assumptions, move: TileMove): [keyof DramBits, number] {
  const { sizes, window } = layer.useful!;
  const at = simdStep(layer, coveredSimdSizes(layer, fullEdgeTiles), move.step);
  const part = simdParts(layer)[at.part]!;
  const operand = (move.direction === 'load' ? part.loads : part.stores)[move.operand!]!;
  const { dims, around, width } = operand;
  const plane = (direction: 'h' | 'w', slid: UsefulAxis, taps: number): Set<number> => {
    const isWindowed = dims.includes(direction === 'h' ? 'kh' : 'kw');
    if (!dims.includes(direction)) return firstOnes(isWindowed ? taps : 1);
    if (!isWindowed) return firstOnes(sizes[direction]);
    // Neighbours around a tensor of its own size: those before its first are none of it.
    return positionsOf(around === undefined ? slid : { from: around, step: 1, count: sizes[direction] });
  };
  const axes = [
    firstOnes(dims.includes('c') ? sizes.c : 1),
    firstOnes(dims.includes('n') ? sizes.n : 1),
    plane('h', window.rows, layer.window.kh),
    plane('w', window.columns, layer.window.kw),
  ];
  const isAbsent = width === 'bias' && !layer.useful!.hasBias;
  const elements = isAbsent ? 0 : elementsIn(simdRegion(operand, at, layer.window), axes);
  return [operand.booked, elements * layer.bits[operand.width]];
}

/** Runs a layer and looks at each element of each tile that it moves. */
function watchedUsefulBits(layer: Layer, hardware: Hardware, assumptions: Assumptions): DramBits {
  const bits = noDramBits();
  const machine = new Machine(hardware);
  const observer: Partial<MachineObserver> = {
    layerStarted() {},
    transferStarted() {},
    transferEnded() {},
    computeStarted() {},
    computeEnded() {},
    layerEnded() {},
    transferRequested(_, moves) {
      for (const move of moves) {
        if (layer.unit === 'SA') {
          bits[bookedTensor(move) as keyof DramBits] += usefulBitsOfSa(layer, assumptions, move);
        } else {
          const [tensor, useful] = usefulBitsOfSimd(layer, assumptions, move);
          bits[tensor] += useful;
        }
      }
    },
  };
  machine.observe(observer as MachineObserver);
  machine.run(layer, assumptions);
  return bits;
}

describe('the traffic of a layer without a run', () => {
  it('is what the machine moves, whatever the loop order, the slots and the assumptions', () => {
    fc.assert(
      fc.property(fc.oneof<fc.Arbitrary<Case<Layer>>[]>(anySa, anySimd), assumptionSets, (drawn, assumptions) => {
        fc.pre(isDefined(drawn, assumptions));
        const { hardware, layer } = drawn;
        fc.pre(isDefined(drawn, assumptions));
        const { dramBits } = new Machine(hardware).run(layer, assumptions);
        expect(trafficOf(layer, hardware, assumptions)).toMatchObject({ issued: dramBits });
      }),
      sample(200),
    );
  });

  it('is useful as far as elements of the tensors are in the tiles, counted one by one', () => {
    fc.assert(
      fc.property(anyUsefulCase, assumptionSets, ({ hardware, layer }, assumptions) => {
        fc.pre(isDefined({ hardware, layer }, assumptions));
        const expected = watchedUsefulBits(layer, hardware, assumptions);
        expect(trafficOf(layer, hardware, assumptions).useful).toEqual(expected);
      }),
      sample(200),
    );
  });

  it('is useful altogether in a layer without a network', () => {
    fc.assert(
      fc.property(anySa, assumptionSets, ({ hardware, layer }, assumptions) => {
        fc.pre(isDefined({ hardware, layer }, assumptions));
        const { issued, useful } = trafficOf(layer, hardware, { ...assumptions, fullEdgeTiles: false });
        expect(useful).toEqual(issued);
      }),
      sample(50),
    );
  });
});
