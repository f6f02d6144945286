/** Layers that the array runs on dilated or transposed operands, with these: gradients, and transposed convolutions. */
import type { PerDirection } from '../../model/layers/layer.ts';
import type { WorkloadLayer } from '../../model/schemas/workload.ts';
import { inferenceProgram } from '../../model/workload/forward.ts';
import { buildGraph } from '../../model/workload/graph.ts';
import type { SaOperation } from '../../model/workload/program.ts';
import { trainingProgram } from '../../model/workload/training.ts';
import { outputsAlong, transposedOutputsAlong, type WindowAlong } from '../../model/workload/window.ts';
import {
  directInputGradient,
  directWeightGradient,
  inputGradientOperands,
  type PaddedConv,
  weightGradientOperands,
} from './directConv.ts';
import type { Tensor } from './tensor.ts';

/** A forward convolution on `batch` images of IC × H × W; a gemm is one of 1×1 on images of 1×1. */
export interface ForwardConv extends PaddedConv {
  readonly op: 'conv' | 'gemm';
  readonly batch: number;
  readonly OC: number;
  readonly IC: number;
  readonly KH: number;
  readonly KW: number;
  readonly H: number;
  readonly W: number;
  /** Zeros behind the last row and column. */
  readonly after: PerDirection;
}

/** A convolution as the array runs it, the data for it and what must come out (n × oc × oh × ow). */
export interface ConvWithData {
  readonly operation: Pick<SaOperation, 'op' | 'groups' | 'sizes' | 'stride' | 'dilation'>;
  readonly weight: Tensor;
  readonly ifmap: Tensor;
  readonly expected: Tensor;
}

/** Rows and columns of the output. */
export function outputPlane(forward: ForwardConv): { OH: number; OW: number } {
  const { H, W, KH, KW } = forward;
  return { OH: outputsAlong(H, windowAlong(forward, 'h', KH)), OW: outputsAlong(W, windowAlong(forward, 'w', KW)) };
}

function windowAlong({ stride, dilation, padding, after }: ForwardConv, along: 'h' | 'w', kernel: number): WindowAlong {
  return { kernel, stride: stride[along], dilation: dilation[along], before: padding[along], after: after[along] };
}

/** Its strides, dilations, paddings and groups as a workload file has them. */
function fieldsOf({ groups, stride, dilation, padding, after }: ForwardConv) {
  return {
    groups,
    stride: [stride.h, stride.w] as [number, number],
    dilation: [dilation.h, dilation.w] as [number, number],
    padding: [padding.h, padding.w, after.h, after.w] as [number, number, number, number],
  };
}

/** One of its gradients as the training expansion derives it. */
function gradientOperation(forward: ForwardConv, which: 'dX' | 'dW'): SaOperation {
  const { op, batch, OC, IC, KH, KW, H, W } = forward;
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
          { ...second, op, dimensions: { IC, OC, KH, KW, OH, OW }, ...fieldsOf(forward), unit: 'SA' },
        ];
  const graph = buildGraph({ name: 'two layers', input: { C: 1, H, W }, layers }, 'two layers');
  const { operations } = trainingProgram(graph, batch, 'exact');
  return operations.find((each): each is SaOperation => each.unit === 'SA' && each.name === `second.${which}`)!;
}

/** The dX layer: `weight` is OC × IC/G × KH × KW, `dY` batch × OC × OH × OW. */
export function inputGradientConv(forward: ForwardConv, weight: Tensor, dY: Tensor): ConvWithData {
  const { H: h, W: w } = forward;
  return {
    operation: gradientOperation(forward, 'dX'),
    ...inputGradientOperands(weight, dY, { h, w }, forward),
    expected: directInputGradient(weight, dY, { h, w }, forward),
  };
}

/** The transposed conv that leads from outputs of a forward conv, `dY`, back to something as large as its input. */
export function transposedConv(forward: ForwardConv, weight: Tensor, dY: Tensor): ConvWithData {
  const { batch, OC, IC, KH, KW, H, W } = forward;
  const { OH, OW } = outputPlane(forward);
  // Where the stride does not divide, the last rows and columns of the input are reached by output padding.
  const outputPadding: [number, number] = [
    H - transposedOutputsAlong(OH, windowAlong(forward, 'h', KH), 0),
    W - transposedOutputsAlong(OW, windowAlong(forward, 'w', KW), 0),
  ];
  const layer: WorkloadLayer = {
    name: 'transposed',
    op: 'transposed-conv',
    inputs: ['input'],
    dimensions: { IC: OC, OC: IC, KH, KW, OH: H, OW: W },
    ...fieldsOf(forward),
    outputPadding,
    bias: false,
  };
  const graph = buildGraph({ name: 'one layer', input: { C: OC, H: OH, W: OW }, layers: [layer] }, 'one layer');
  const [operation] = inferenceProgram(graph, batch).operations as [SaOperation];
  return {
    operation,
    ...inputGradientOperands(weight, dY, { h: H, w: W }, forward),
    expected: directInputGradient(weight, dY, { h: H, w: W }, forward),
  };
}

/** The dW layer: `X` is batch × IC × H × W, `dY` batch × OC × OH × OW. */
export function weightGradientConv(forward: ForwardConv, X: Tensor, dY: Tensor): ConvWithData {
  const { KH: h, KW: w } = forward;
  return {
    operation: gradientOperation(forward, 'dW'),
    ...weightGradientOperands(X, dY, { h, w }, forward),
    expected: directWeightGradient(X, dY, { h, w }, forward),
  };
}
