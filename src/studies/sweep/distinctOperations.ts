/** Identical operations of a network cost the same: each is listed once, with how often it runs. */

import type { Layer } from '../../model/layers/layer.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { operationIdentity } from '../../model/tiling/costIdentity.ts';
import { tileOperation } from '../../model/tiling/tileProgram.ts';
import { isQuantised, type Program, type SaOperation, type SimdOperationStep } from '../../model/workload/program.ts';

/** An operation and the number of times that the network runs one like it. */
export interface RepeatedOperation {
  readonly operation: SaOperation | SimdOperationStep;
  /** Whether its output is quantised for a conv or gemm that comes next. */
  readonly isBeforeConv: boolean;
  readonly times: number;
}

/** A tiled layer and the number of times that it runs. */
export interface RepeatedLayer {
  readonly layer: Layer;
  readonly times: number;
}

/** The different operations of a program in the order in which they first appear; free ones are left out. */
export function distinctOperations(program: Program): RepeatedOperation[] {
  const distinct = new Map<string, RepeatedOperation>();
  program.operations.forEach((operation, place) => {
    if (operation.unit === 'free') return;
    const candidate = { operation, isBeforeConv: isQuantised(program, place) };
    const key = operationIdentity(operation, candidate.isBeforeConv);
    distinct.set(key, { ...candidate, times: (distinct.get(key)?.times ?? 0) + 1 });
  });
  return [...distinct.values()];
}

/** Tiles the different operations for a hardware; throws an InputError where one does not fit. */
export function tileDistinct(
  operations: readonly RepeatedOperation[],
  hardware: Hardware,
  file: string,
): RepeatedLayer[] {
  return operations.map(({ operation, isBeforeConv, times }) => ({
    layer: tileOperation(operation, isBeforeConv, hardware, file),
    times,
  }));
}
