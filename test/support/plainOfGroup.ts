/** A fused group of the model as the plain count takes it, with what its operations cost by the pages. */
import type { FusedGroup } from '../../src/model/fusion/groups.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
import type { PlainGroup } from './plainGroup.ts';

/** Tensors, and cycles per element, of operations whose latencies are one cycle (MODEL.md §4; OPERATIONS.md). */
const OPERATIONS: Readonly<Record<string, { readonly tensors: readonly string[]; readonly cycles: number }>> = {
  relu: { tensors: ['X'], cycles: 1 },
  clip: { tensors: ['X'], cycles: 1 + 3 },
  'leaky-relu': { tensors: ['X'], cycles: 1 + 3 },
  'tensor-add': { tensors: ['X1', 'X2'], cycles: 1 },
  'tensor-sub': { tensors: ['X1', 'X2'], cycles: 1 },
  'tensor-mul': { tensors: ['X1', 'X2'], cycles: 1 },
  'sgd-2d': { tensors: ['P', 'dP'], cycles: 2 },
  'sgd-4d': { tensors: ['P', 'dP'], cycles: 2 },
  'bn-statistics': { tensors: ['X'], cycles: 1 + 1 + 3 },
};

/** The group for the plain count. */
export function plainOf({ sa, members, isSumStored }: FusedGroup, hardware: Hardware): PlainGroup {
  const { psum } = hardware.bits;
  const { div, invSqrt } = hardware.aluCycles;
  const last = members.at(-1)!.layer;
  const isStatistics = last.op === 'bn-statistics';
  return {
    ...hardware,
    ...sa,
    hardwareWeightBits: hardware.bits.weight,
    members: members.map(({ layer, handedOver, inside }) => {
      const { tensors, cycles } = OPERATIONS[layer.op]!;
      const loaded = tensors.filter((tensor) => !handedOver.has(tensor) && !inside.has(tensor));
      return { cyclesPerElement: cycles, operandBits: loaded.map(() => psum) };
    }),
    outputBits: isStatistics ? 0 : last.bits.output,
    isSumStored,
    ...(isStatistics && {
      statistics: { cyclesPerChannel: div + 3 + div + 3 + 3 + invSqrt + 2, storedBits: [psum, psum] },
    }),
  };
}
