/** The two convolutions that a training iteration runs for a forward convolution, with real operands. */
import { buildGraph, windowOutputs } from '../workload/graph.ts';
import type { SaOperation } from '../workload/program.ts';
import { trainingProgram } from '../workload/training.ts';
import {
  directInputGradient,
  directWeightGradient,
  inputGradientOperands,
  type Sliding,
  weightGradientOperands,
} from './directConv.ts';
import type { Tensor } from './tensor.ts';

/** A forward convolution on `batch` images of IC × H × W. */
export interface ForwardConv extends Sliding {
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

/** Its gradient convolutions as the training expansion derives them. */
function gradientOperation(forward: ForwardConv, which: 'dX' | 'dW'): SaOperation {
  const { batch, OC, IC, KH, KW, H, W, stride, padding } = forward;
  const conv = { op: 'conv', bias: false } as const;
  // The network's first layer has no dX, so another one goes before.
  const first = { IC: 1, OC: IC, KH: 1, KW: 1, OH: H, OW: W };
  const second = { IC, OC, KH, KW, ...outputPlane(forward) };
  const workload = {
    name: 'two convolutions',
    input: { C: 1, H, W },
    layers: [
      { ...conv, name: 'first', inputs: ['input'], dimensions: first, stride: 1, padding: 0 },
      { ...conv, name: 'second', inputs: ['first'], dimensions: second, stride, padding },
    ],
  };
  const { operations } = trainingProgram(buildGraph(workload, workload.name), batch, 'exact');
  return operations.find((each): each is SaOperation => each.unit === 'SA' && each.name === `second.${which}`)!;
}

/** The dX convolution: `weight` is OC × IC × KH × KW, `dY` batch × OC × OH × OW. */
export function inputGradientConv(forward: ForwardConv, weight: Tensor, dY: Tensor): ConvWithData {
  const { H, W } = forward;
  return {
    operation: gradientOperation(forward, 'dX'),
    ...inputGradientOperands(weight, dY, H, W, forward),
    expected: directInputGradient(weight, dY, H, W, forward),
  };
}

/** The dW convolution: `X` is batch × IC × H × W, `dY` batch × OC × OH × OW. */
export function weightGradientConv(forward: ForwardConv, X: Tensor, dY: Tensor): ConvWithData {
  const { KH, KW } = forward;
  return {
    operation: gradientOperation(forward, 'dW'),
    ...weightGradientOperands(X, dY, KH, KW, forward),
    expected: directWeightGradient(X, dY, KH, KW, forward),
  };
}
