/**
 * What every layer that does not run on the PE array consists of, forward and backward: one entry per operation of the
 * workload schema. An entry without `backward` has no gradient; a training iteration that needs it is refused.
 */
import type { WorkloadLayer } from '../schemas/workload.ts';
import { ARITHMETIC_LAYERS } from './arithmeticLayers.ts';
import { batchNorm } from './batchNormLayers.ts';
import { depthwise } from './depthwiseLayers.ts';
import { FUNCTION_LAYERS } from './functionLayers.ts';
import type { GraphNode } from './graph.ts';
import { parameter } from './parameterLayers.ts';
import type { Operation } from './program.ts';
import { REARRANGING_LAYERS } from './rearrangingLayers.ts';
import { ROWWISE_LAYERS } from './rowwiseLayers.ts';
import {
  everyGradient,
  type GradientContext,
  type LayerContext,
  type LayerRule,
  type Op,
  type SimdRules,
} from './simdRule.ts';
import { WINDOW_LAYERS } from './windowLayers.ts';

const RULES = {
  ...FUNCTION_LAYERS,
  ...ARITHMETIC_LAYERS,
  'batch-norm': batchNorm,
  ...ROWWISE_LAYERS,
  ...WINDOW_LAYERS,
  'depthwise-conv': depthwise,
  ...REARRANGING_LAYERS,
  parameter,
} as const satisfies SimdRules;

const rules: { readonly [name in Op]?: LayerRule<Op> } = RULES as never;

/** Whether a layer runs on the PE array. */
export function runsOnArray({ op, ...layer }: WorkloadLayer): boolean {
  if (op === 'depthwise-conv') return 'unit' in layer && layer.unit === 'SA';
  return op === 'conv' || op === 'transposed-conv' || op === 'gemm' || op === 'matmul';
}

/** The forward operations of a node that does not run on the PE array. */
export function simdForward(node: GraphNode, context: LayerContext): Operation[] {
  return rules[node.layer.op]!.forward(node, context);
}

/** The backward operations of a node that does not run on the PE array and has a gradient. */
export function simdBackward(node: GraphNode, context: GradientContext): Operation[] {
  return rules[node.layer.op]!.backward!(node, context);
}

/** Whether a layer has a gradient. */
export function hasGradient(layer: WorkloadLayer): boolean {
  return runsOnArray(layer) || rules[layer.op]!.backward !== undefined;
}

/** The tensors that hold the gradients of what a node reads, one for each input. */
export function inputGradientsOf(node: GraphNode, dY: string): string[] {
  return runsOnArray(node.layer)
    ? everyGradient(node)
    : (rules[node.layer.op]!.gradients?.(node, dY) ?? everyGradient(node));
}
