/** What can be hunted on: each operation, with the first network of a layer or two that has it. */
import type { Layer } from '../../model/layers/layer.ts';
import type { Workload } from '../../model/schemas/workload.ts';
import { inferenceProgram } from '../../model/workload/forward.ts';
import { buildGraph } from '../../model/workload/graph.ts';
import type { Program } from '../../model/workload/program.ts';
import { trainingProgram } from '../../model/workload/training.ts';
import { HUNTED, NETWORK_KINDS, type NetworkKind } from './networks.ts';

/** An operation and where it occurs. */
export interface HuntedOperation {
  readonly op: Layer['op'];
  readonly unit: Layer['unit'];
  readonly network: NetworkKind;
  readonly phase: Program['phase'];
  /** The name of the layer in the program: `it`, or one of the operations that its training adds. */
  readonly layer: string;
  /** Which tile the layer may be given: a forward pass's alone. */
  readonly tile: NetworkKind['tile'];
}

/** What a network runs in a phase. Throws an InputError where it cannot. */
export function programOfCase(workload: Workload, phase: Program['phase'], batch: number): Program {
  const graph = buildGraph(workload, workload.name);
  return phase === 'training' ? trainingProgram(graph, batch, 'exact') : inferenceProgram(graph, batch);
}

/** Numbers with which each network can be looked at. */
const SAMPLE = 2;

const isHunted = (name: string): boolean => name === HUNTED || name.startsWith(`${HUNTED}.`);

let found: readonly HuntedOperation[] | undefined;

/** All operations that occur, in the order of the networks; those of a forward pass first. */
export function huntedOperations(): readonly HuntedOperation[] {
  found ??= findAll();
  return found;
}

function findAll(): HuntedOperation[] {
  const operations = new Map<Layer['op'], HuntedOperation>();
  for (const phase of ['inference', 'training'] as const) {
    for (const network of NETWORK_KINDS) {
      if (phase === 'training' && !network.hasGradient) continue;
      const numbers = Object.fromEntries(network.sizes.map((size) => [size, SAMPLE]));
      const { operations: all } = programOfCase(network.workload(numbers, phase === 'training'), phase, SAMPLE);
      for (const operation of all) {
        if (operation.unit === 'free' || operations.has(operation.op) || !isHunted(operation.name)) continue;
        const { op, unit, name } = operation;
        const tile = name === HUNTED && phase === 'inference' ? network.tile : undefined;
        operations.set(op, { op, unit, network, phase, layer: name, tile });
      }
    }
  }
  return [...operations.values()];
}
