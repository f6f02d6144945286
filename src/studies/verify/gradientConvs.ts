/** The two layers that a training iteration runs on the array for a forward conv or gemm, with real operands. */
import type { WorkloadLayer } from '../../model/schemas/workload.ts';
import { buildGraph, windowOutputs } from '../../model/workload/graph.ts';
import type { SaOperation } from '../../model/workload/program.ts';
import { trainingProgram } from '../../model/workload/training.ts';
import {
  directInputGradient,
  directWeightGradient,
  inputGradientOperands,
  type Sliding,
  weightGradientOperands,
} from './directConv.ts';
import type { Tensor } from './tensor.ts';

/** A forward convolution on `batch` images of IC × H × W; a gemm is one of 1×1 on images of 1×1. */
export interface ForwardConv extends Sliding {
  readonly op: 'conv' | 'gemm';
  readonly batch: number;
  readonly OC: number;
  readonly IC: number;
  readonly KH: number;
  readonly KW: number;
  readonly H: number;
  readonly W: number;
}

/** A convolution as the array runs it, the data for it and what must come out (n × oc × oh × ow). */
export interface ConvWithData {
  readonly operation: Pick<SaOperation, 'op' | 'sizes' | 'stride'>;
  readonly weight: Tensor;
  readonly ifmap: Tensor;
  readonly expected: Tensor;
}

/** Rows and columns of the output. */
export function outputPlane({ H, W, KH, KW, stride, padding }: ForwardConv): { OH: number; OW: number } {
  return { OH: windowOutputs(H, KH, stride, padding), OW: windowOutputs(W, KW, stride, padding) };
}

/** One of its gradients as the training expansion derives it. */
function gradientOperation(forward: ForwardConv, which: 'dX' | 'dW'): SaOperation {
  const { op, batch, OC, IC, KH, KW, H, W, stride, padding } = forward;
  const { OH, OW } = outputPlane(forward);
  // The network's first layer has no dX, so another one goes before.
  const first = { name: 'first', inputs: ['input'], bias: false };
  const second = { name: 'second', inputs: ['first'], bias: false };
  const layers: WorkloadLayer[] =
    op === 'gemm'
      ? [
          { ...first, op, dimensions: { IC: 1, OC: IC } },
          { ...second, op, dimensions: { IC, OC } },
        ]
      : [
          { ...first, op, dimensions: { IC: 1, OC: IC, KH: 1, KW: 1, OH: H, OW: W }, stride: 1, padding: 0 },
          { ...second, op, dimensions: { IC, OC, KH, KW, OH, OW }, stride, padding },
        ];
  const graph = buildGraph({ name: 'two layers', input: { C: 1, H, W }, layers }, 'two layers');
  const { operations } = trainingProgram(graph, batch, 'exact');
  return operations.find((each): each is SaOperation => each.unit === 'SA' && each.name === `second.${which}`)!;
}

/** The dX layer: `weight` is OC × IC × KH × KW, `dY` batch × OC × OH × OW. */
export function inputGradientConv(forward: ForwardConv, weight: Tensor, dY: Tensor): ConvWithData {
  const { H, W } = forward;
  return {
    operation: gradientOperation(forward, 'dX'),
    ...inputGradientOperands(weight, dY, H, W, forward),
    expected: directInputGradient(weight, dY, H, W, forward),
  };
}

/** The dW layer: `X` is batch × IC × H × W, `dY` batch × OC × OH × OW. */
export function weightGradientConv(forward: ForwardConv, X: Tensor, dY: Tensor): ConvWithData {
  const { KH, KW } = forward;
  return {
    operation: gradientOperation(forward, 'dW'),
    ...weightGradientOperands(X, dY, KH, KW, forward),
    expected: directWeightGradient(X, dY, KH, KW, forward),
  };
}
