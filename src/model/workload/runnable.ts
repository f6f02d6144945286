/**
 * Which layers the closed form and the machine cannot run: a program that holds one is refused as a whole, with every
 * kind of such layers named at once.
 */
import { InputError } from '../schemas/inputError.ts';
import type { Graph, GraphNode, Shape } from './graph.ts';
import { hasGradient } from './simdLayers.ts';

/** Why a layer cannot run, as what there are several of; undefined if it can. */
function missingFor({ layer, inputShapes, outputShape }: GraphNode): string | undefined {
  if (layer.op !== 'upsample') return undefined;
  const [{ H, W }] = inputShapes as readonly [Shape];
  return outputShape.H % H === 0 && outputShape.W % W === 0 ? undefined : 'upsample by a factor that is not whole';
}

/** Why a layer cannot be trained; undefined if it can. */
function gradientMissingFor({ layer }: GraphNode): string | undefined {
  if (!hasGradient(layer)) return `${layer.op}, which has no gradient`;
  return layer.op === 'prelu' && layer.isShared ? 'prelu with one slope for all channels' : undefined;
}

/** Throws one InputError that counts every kind of layer that cannot run, or be trained, with the first of each. */
export function refuseWhatCannotRun(graph: Graph, phase: 'inference' | 'training'): void {
  const found = new Map<string, { count: number; first: string }>();
  for (const node of graph.nodes) {
    const kind = missingFor(node) ?? (phase === 'training' && !graph.isList ? gradientMissingFor(node) : undefined);
    if (kind === undefined) continue;
    const entry = found.get(kind);
    found.set(kind, { count: (entry?.count ?? 0) + 1, first: entry?.first ?? node.layer.name });
  }
  if (found.size === 0) return;
  const kinds = [...found].map(([kind, { count, first }]) => `${count} × ${kind} (first: ${first})`);
  const what = phase === 'training' ? 'be trained' : 'run';
  throw new InputError({
    file: graph.file,
    path: '',
    expected: `only layers that can ${what}; these cannot: ${kinds.join(', ')}`,
  });
}
