/** What a layer on the SIMD array consists of, as a rule, and the steps that such rules are made of. */
import type { SimdOp } from '../operations/simdTable.ts';
import type { WorkloadLayer } from '../schemas/workload.ts';
import type { GraphNode } from './graph.ts';
import type { Operation, Program, SimdOperationStep } from './program.ts';
import { overridesOf, type SimdMore, simdSizes, simdStep } from './simdSteps.ts';

/** The operations of the workload schema. */
export type Op = WorkloadLayer['op'];
/** A node of the graph whose layer is one operation's. */
export type NodeOf<O extends Op> = GraphNode & { readonly layer: Extract<WorkloadLayer, { op: O }> };

/** What the forward operations of a node depend on besides the node. */
export interface LayerContext {
  readonly phase: Program['phase'];
  readonly batch: number;
  /** What the node reads, by the names of the tensors. */
  readonly inputs: readonly string[];
  /** A batch norm is folded into the node, whose shift is a bias then. */
  readonly hasShift: boolean;
  /** Nothing reads the node but what takes its operands in any order: a transpose costs nothing. */
  readonly isReadInAnyOrder: boolean;
}

/** What the backward operations of a node depend on besides the node. */
export interface GradientContext {
  readonly batch: number;
  readonly inputs: readonly string[];
  /** The gradient of the node's output. */
  readonly dY: string;
  /** Of which of the inputs the gradient is needed. */
  readonly needs: readonly boolean[];
  readonly isReadInAnyOrder: boolean;
  /** The published ResNet-18's pool gradients have the input's size. */
  readonly arePoolGradientsAtInputSize: boolean;
}

/** What a layer of one operation consists of. One without `backward` has no gradient. */
export interface LayerRule<O extends Op> {
  readonly forward: (node: NodeOf<O>, context: LayerContext) => Operation[];
  readonly backward?: (node: NodeOf<O>, context: GradientContext) => Operation[];
  /** The tensors with the gradients of what the node reads; `name.dX` if left out. */
  readonly gradients?: (node: NodeOf<O>, dY: string) => string[];
}

/** Rules by the operation of the workload schema. */
export type SimdRules = { readonly [O in Op]?: LayerRule<O> };

/** The name of a node's layer, which is that of the tensor that it writes. */
export const nameOf = ({ layer }: GraphNode): string => layer.name;

/** The tensor with the gradient of what a node reads, or of one of several inputs. */
export const gradientName = ({ layer, inputShapes }: GraphNode, place = 0): string =>
  inputShapes.length > 1 ? `${layer.name}.dX${place + 1}` : `${layer.name}.dX`;

/** The tensors with the gradients of all that a node reads. */
export const everyGradient = (node: GraphNode): string[] =>
  node.inputShapes.map((_, place) => gradientName(node, place));

/** The forward operation of a node. */
export function forwardStep(
  node: GraphNode,
  op: SimdOp,
  { batch, inputs }: LayerContext,
  more: Partial<SimdMore> & { sizes?: SimdOperationStep['sizes'] } = {},
): SimdOperationStep {
  const { sizes = simdSizes(node.outputShape, batch), ...others } = more;
  const { name } = node.layer;
  return simdStep(node, '', op, sizes, {
    reads: { X: inputs[0]! },
    writes: { Y: name },
    ...overridesOf(node),
    ...others,
  });
}

/** The gradient of a node with respect to its only input. */
export function gradientStep(
  node: GraphNode,
  op: SimdOp,
  context: GradientContext,
  more: Partial<SimdMore> & { sizes?: SimdOperationStep['sizes'] } = {},
): SimdOperationStep {
  const { sizes = simdSizes(node.outputShape, context.batch), ...others } = more;
  return simdStep(node, 'grad', op, sizes, {
    reads: { dY: context.dY },
    writes: { dX: gradientName(node) },
    ...others,
  });
}

/** What any free operation of one tensor X that becomes Y has; what kind it is comes beside it. */
export const free = (name: string, X: string, Y: string) =>
  ({ unit: 'free', name, reads: { X }, writes: { Y } }) as const;
