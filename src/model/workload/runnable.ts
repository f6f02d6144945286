/**
 * Which layers the closed form and the machine can run. What is not among them is read, checked and counted, but a
 * program that holds it is refused as a whole. Remove an entry here when its operation is there.
 */
import { InputError } from '../schemas/inputError.ts';
import type { WorkloadLayer } from '../schemas/workload.ts';
import type { Graph } from './graph.ts';

/** Why a layer cannot run yet, as what there are several of: `conv with groups`; undefined if it can. */
function missingFor(layer: WorkloadLayer): string | undefined {
  switch (layer.op) {
    case 'depthwise-conv':
      return layer.unit === 'SA' ? undefined : layer.op;
    case 'tensor-add':
      return layer.scalar === undefined ? undefined : 'tensor-add of a scalar';
    case 'conv':
    case 'transposed-conv':
    case 'gemm':
    case 'matmul':
    case 'max-pool':
    case 'avg-pool':
    case 'batch-norm':
    case 'relu':
    case 'global-avg-pool':
    case 'flatten':
    case 'dropout':
      return undefined;
    default:
      return layer.op;
  }
}

/** Throws one InputError that counts every kind of layer that cannot run yet, with the first of each. */
export function refuseWhatCannotRun(graph: Graph): void {
  const found = new Map<string, { count: number; first: string }>();
  const note = (kind: string, name: string): void => {
    const entry = found.get(kind);
    found.set(kind, { count: (entry?.count ?? 0) + 1, first: entry?.first ?? name });
  };
  for (const { layer, inputShapes } of graph.nodes) {
    const [first, second] = inputShapes;
    const isBroadcast = layer.op === 'tensor-add' && second !== undefined && second.H * second.W < first!.H * first!.W;
    const kind = isBroadcast ? 'tensor-add per channel' : missingFor(layer);
    if (kind !== undefined) note(kind, layer.name);
  }
  if (graph.isList) note('graph: list', graph.nodes[0]!.layer.name);
  if (found.size === 0) return;
  const kinds = [...found].map(([kind, { count, first }]) => `${count} × ${kind} (first: ${first})`);
  throw new InputError({
    file: graph.file,
    path: '',
    expected: `only layers that can be run; these cannot yet: ${kinds.join(', ')}`,
  });
}
