/** Thirty small fused groups by an independent prototype of the rules (FUSION.md, Groups). */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { FusedGroup } from '../../src/model/fusion/groups.ts';
import { type ConvSizes, inBoth, NO_WINDOW, type SaLayer, type SimdLayer } from '../../src/model/layers/layer.ts';
import type { DramBits } from '../../src/model/layers/result.ts';
import { roundUpTo } from '../../src/model/layers/rounding.ts';
import { Machine } from '../../src/model/machine/machine.ts';
import { totalWaiting } from '../../src/model/machine/waiting.ts';
import { HARDWARE } from '../../src/model/schedule/assumptions.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
import { complete } from '../support/complete.ts';

interface GoldenGroup {
  readonly id: number;
  readonly op: 'conv' | 'gemm';
  readonly dims: ConvSizes;
  readonly stride: number;
  readonly tile: ConvSizes;
  readonly loopOrder: SaLayer['loopOrder'];
  readonly chain: readonly ('relu' | 'tensor-add' | 'tensor-mul')[];
  readonly outputBits: number;
  readonly sumAlsoStored: boolean;
  readonly hw: Pick<Hardware, 'array' | 'bits' | 'bitsPerCycle' | 'slots'>;
  readonly cycles: {
    readonly total: number;
    readonly saCompute: number;
    readonly simdCompute: number;
    readonly saWaiting: number;
    readonly simdWaiting: number;
  };
  readonly dramBits: DramBits & { readonly vmemLoad: number; readonly vmemStore: number };
  readonly saSteps: number;
  readonly simdSteps: number;
}

const cases = JSON.parse(
  readFileSync(new URL('../golden/fused-machine.json', import.meta.url), 'utf8'),
) as readonly GoldenGroup[];

function hardwareOf({ hw }: GoldenGroup): Hardware {
  return {
    name: 'golden',
    ...hw,
    sramKiB: { wbuf: 64, ibuf: 64, obuf: 64, bbuf: 64, vmem: 64, imem: 1 },
    aluCycles: { add: 1, sub: 1, mul: 1, div: 1, max: 1, exp: 1, invSqrt: 1, condMove: 1, min: 1, mac: 1 },
    clockPicoseconds: 1000,
  } as Hardware;
}

/** The group: each SIMD layer takes what the one before it makes in its first tensor. */
function groupOf({ op, dims, stride, tile, loopOrder, chain, outputBits, sumAlsoStored, hw }: GoldenGroup): FusedGroup {
  const { rows, columns } = hw.array;
  const sizes = { ...dims, oc: roundUpTo(dims.oc, columns), ic: roundUpTo(dims.ic, rows) };
  const sa: SaLayer = {
    unit: 'SA',
    name: 'sa',
    op,
    groups: 1,
    sizes,
    tile,
    stride: inBoth(stride),
    dilation: inBoth(1),
    loopOrder,
    bits: hw.bits,
  };
  const plane = { c: sizes.oc, n: sizes.n, h: sizes.oh, w: sizes.ow };
  const members = chain.map((member, place) => {
    const { psum, weight, bias } = hw.bits;
    const layer: SimdLayer = {
      unit: 'SIMD',
      name: `simd${place}`,
      op: member,
      sizes: plane,
      tile: plane,
      window: NO_WINDOW,
      bits: { input: psum, output: place === chain.length - 1 ? outputBits : psum, psum, weight, bias },
    };
    const before = new Set([member === 'relu' ? 'X' : 'X1']);
    const none = new Set<string>();
    return { layer, handedOver: place === 0 ? before : none, inside: place === 0 ? none : before };
  });
  return { first: 0, last: chain.length, sa, members, isSumStored: sumAlsoStored };
}

describe.each(cases.map((golden) => [golden.id, golden] as const))('fused group %i', (_, golden) => {
  const group = groupOf(golden);
  const layers = [group.sa, ...group.members.map(({ layer }) => layer)];
  const result = complete(new Machine(hardwareOf(golden)).runGroup(layers, group, HARDWARE));
  const [{ totalCycles, units }] = result.groups as [(typeof result.groups)[number]];

  it('takes these cycles, busy and waiting on each side', () => {
    const { total, saCompute, simdCompute, saWaiting, simdWaiting } = golden.cycles;
    expect(totalCycles).toBe(total);
    expect([units.SA.busyCycles, units.SIMD.busyCycles]).toEqual([saCompute, simdCompute]);
    expect([totalWaiting(units.SA.waiting), totalWaiting(units.SIMD.waiting)]).toEqual([saWaiting, simdWaiting]);
  });

  it('moves these bits', () => {
    const { vmemLoad, vmemStore, ...ofSa } = golden.dramBits;
    const [sa, ...members] = result.layers;
    expect(sa!.dramBits).toEqual(ofSa);
    expect(members.reduce((sum, { dramBits }) => sum + dramBits.ifmap, 0)).toBe(vmemLoad);
    expect(members.reduce((sum, { dramBits }) => sum + dramBits.ofmap, 0)).toBe(vmemStore);
    expect([sa!.tiles, members[0]!.tiles]).toEqual([golden.saSteps, golden.simdSteps]);
  });
});
