/** Identical operations of a network cost the same: each is listed once, with how often it runs. */
import type { Layer } from '../layers/layer.ts';
import type { Hardware } from '../schemas/hardware.ts';
import {
  isQuantised,
  type Operation,
  type Program,
  type SaOperation,
  type SimdOperationStep,
} from '../workload/program.ts';
import { operationIdentity } from './costIdentity.ts';
import { tileOperation } from './tileProgram.ts';

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

/** The different operations of a program. */
export interface DistinctOperations {
  /** In the order in which they first appear; free ones are left out. */
  readonly list: readonly RepeatedOperation[];
  /** For each layer of the program, in its order, which of the list it is. */
  readonly ofLayers: readonly number[];
}

const known = new WeakMap<readonly Operation[], DistinctOperations>();

/** The different operations of a program; worked out once for each: a search tiles the same one for many machines. */
export function distinctOperations(program: Program): DistinctOperations {
  let distinct = known.get(program.operations);
  if (distinct === undefined) {
    distinct = workOut(program);
    known.set(program.operations, distinct);
  }
  return distinct;
}

function workOut(program: Program): DistinctOperations {
  const places = new Map<string, number>();
  const list: { operation: SaOperation | SimdOperationStep; isBeforeConv: boolean; times: number }[] = [];
  const ofLayers: number[] = [];
  for (const [at, operation] of program.operations.entries()) {
    if (operation.unit === 'free') continue;
    const isBeforeConv = isQuantised(program, at);
    const identity = operationIdentity(operation, isBeforeConv);
    const place = places.get(identity) ?? list.length;
    if (place === list.length) {
      places.set(identity, place);
      list.push({ operation, isBeforeConv, times: 0 });
    }
    list[place]!.times++;
    ofLayers.push(place);
  }
  return { list, ofLayers };
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
