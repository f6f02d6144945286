/** A training iteration as ASTRA-sim's text workload: times per layer, and what an all-reduce of its gradients moves. */
import { parametersOf } from '../../model/workload/counts.ts';
import type { Graph } from '../../model/workload/graph.ts';
import type { Operation } from '../../model/workload/program.ts';

/** Cycles of each operation of a program, by its name; operations that cost nothing are left out. */
export type OperationCycles = ReadonlyMap<string, number>;

/** When ASTRA-sim runs an operation: before or after the loss, for the weights' gradients, or when those are there. */
type Pass = 'forward' | 'inputGradient' | 'weightGradient' | 'update';

function backwardPass({ name }: Operation): Pass {
  if (name.endsWith('.dW') || name.endsWith('.bias-grad')) return 'weightGradient';
  return /[.-]sgd$/.test(name) ? 'update' : 'inputGradient';
}

const BITS_PER_BYTE = 8;

/**
 * The text of the file: `DATA` (all layers run data-parallel), the number of layers, and a line of twelve columns per
 * layer: name, −1, forward time, communication and its bytes, then the same three of the input gradient and of the
 * weight gradient, and the time of the update. `unitsPerCycle` is 1 for cycles. Gradients travel `gradientBits` wide.
 */
export function astraSimText(
  graph: Graph,
  operations: readonly Operation[],
  cycles: OperationCycles,
  { unitsPerCycle, gradientBits }: { readonly unitsPerCycle: number; readonly gradientBits: number },
): string {
  const times = new Map<string, Record<Pass, number>>();
  let isForward = true;
  for (const operation of operations) {
    if (operation.unit === 'free') {
      if (operation.op === 'loss') isForward = false;
      continue;
    }
    const time = times.get(operation.source) ?? { forward: 0, inputGradient: 0, weightGradient: 0, update: 0 };
    time[isForward ? 'forward' : backwardPass(operation)] += cycles.get(operation.name) ?? 0;
    times.set(operation.source, time);
  }
  const rows = graph.nodes.flatMap(({ layer, source }) => {
    const time = times.get(source);
    if (time === undefined) return [];
    const units = (pass: Pass): number => Math.round(time[pass] * unitsPerCycle);
    const bytes = Math.ceil((parametersOf(layer) * gradientBits) / BITS_PER_BYTE);
    const gradient = bytes > 0 ? ['ALLREDUCE', bytes] : ['NONE', 0];
    return [
      [
        layer.name.replaceAll(/\s/g, '_'),
        -1,
        units('forward'),
        'NONE',
        0,
        units('inputGradient'),
        'NONE',
        0,
        units('weightGradient'),
        ...gradient,
        units('update'),
      ].join('\t'),
    ];
  });
  return `DATA\n${rows.length}\n${rows.join('\n')}\n`;
}
