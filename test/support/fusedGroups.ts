/** Random small fused groups: a conv or gemm of `arbitraries.ts` and SIMD layers behind it, each on what came before. */
import fc from 'fast-check';
import type { FusedGroup, FusedMember } from '../../src/model/fusion/groups.ts';
import { completesChannelByChannel, isElementwise } from '../../src/model/fusion/groups.ts';
import { type Layer, NO_WINDOW, type SaLayer, type SimdLayer } from '../../src/model/layers/layer.ts';
import { roundUpTo } from '../../src/model/layers/rounding.ts';
import { SIMD_OPS, type SimdOp, simdOperation } from '../../src/model/operations/simdTable.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
import { saCases } from './arbitraries.ts';

/** A group that is a program of its own, and the accelerator that it is tiled for. */
export interface GroupCase {
  readonly hardware: Hardware;
  readonly group: FusedGroup;
}

/** All operations that can join a group before its end. */
export const ELEMENTWISE_OPS = SIMD_OPS.filter((op) => isElementwise(op));

/** What is drawn of a member: which of its tensors are the tile and which come from the member before. */
interface Draw {
  readonly op: SimdOp;
  readonly role: number;
  readonly isTileToo: boolean;
}

const draws: fc.Arbitrary<Draw> = fc.record({
  op: fc.oneof(fc.constantFrom<SimdOp>('relu', 'tensor-add', 'tensor-mul'), fc.constantFrom(...ELEMENTWISE_OPS)),
  role: fc.nat({ max: 2 }),
  isTileToo: fc.boolean(),
});

/** The tensors of a member with all elements, in the order of its loads. */
function rolesOf(op: SimdOp): string[] {
  return simdOperation(op).parts.flatMap(({ loads }) =>
    loads.filter(({ dims }) => dims.length === 4).map(({ tensor }) => tensor),
  );
}

function memberOf(draw: Draw, place: number, layer: SimdLayer): FusedMember {
  const roles = rolesOf(draw.op);
  const first = roles[draw.role % roles.length]!;
  const others = new Set(draw.isTileToo ? roles.filter((role) => role !== first) : []);
  const [before, none] = [new Set([first]), new Set<string>()];
  return place === 0
    ? { layer, handedOver: new Set([first, ...others]), inside: none }
    : { layer, handedOver: others, inside: before };
}

/** The layers of a group. */
export function layersOfGroup({ sa, members }: FusedGroup): Layer[] {
  return [sa, ...members.map(({ layer }) => layer)];
}

/** Random groups, with one to four slots in VMem; the options are those of `saCases`. */
export function groupCases(options: Parameters<typeof saCases>[0] = {}): fc.Arbitrary<GroupCase> {
  return fc
    .record({
      sa: saCases(options),
      chain: fc.array(draws, { minLength: 1, maxLength: 4 }),
      endsInStatistics: fc.boolean(),
      output: fc.integer({ min: 1, max: 32 }),
      isSumStored: fc.boolean(),
      vmem: fc.integer({ min: 1, max: 4 }),
    })
    .map(({ sa: { hardware: without, layer: sa }, chain, endsInStatistics, output, isSumStored, vmem }) => {
      const hardware = { ...without, slots: { ...without.slots, vmem } };
      const statistics = { op: 'bn-statistics', role: 0, isTileToo: false } as const;
      const all: readonly Draw[] = endsInStatistics && completesChannelByChannel(sa) ? [...chain, statistics] : chain;
      const members = all.map((draw, place) => memberOf(draw, place, simdLayer(draw.op, sa, hardware, place, output)));
      return { hardware, group: { first: 0, last: members.length, sa, members, isSumStored } };
    });
}

function simdLayer(op: SimdOp, sa: SaLayer, { array, bits }: Hardware, place: number, output: number): SimdLayer {
  const { oc, n, oh, ow } = sa.sizes;
  const sizes = { c: sa.groups * roundUpTo(oc, array.columns), n, h: oh, w: ow };
  const name = `simd${place}`;
  return { unit: 'SIMD', name, op, sizes, tile: sizes, window: NO_WINDOW, bits: { ...bits, input: bits.psum, output } };
}

/** A conv of one-bit operands and what follows it, on a 1×1 array at one bit per cycle (`tinyMachine.ts`): no fill on the SA, 5 on the SIMD. */
export function tinyGroup(sa: SaLayer, ops: readonly SimdOp[]): FusedGroup {
  const { oc, n, oh, ow } = sa.sizes;
  const sizes = { c: oc, n, h: oh, w: ow };
  const members = ops.map((op, place) => {
    const bits = { ...sa.bits, input: sa.bits.psum, output: 1 };
    const layer: SimdLayer = { unit: 'SIMD', name: `${op}${place}`, op, sizes, tile: sizes, window: NO_WINDOW, bits };
    const before = new Set([op === 'tensor-add' ? 'X1' : 'X']);
    const none = new Set<string>();
    return { layer, handedOver: place === 0 ? before : none, inside: place === 0 ? none : before };
  });
  return { first: 0, last: ops.length, sa, members, isSumStored: false };
}
