/** Depthwise convolutions on the SIMD array. */
import { UNIT_SLIDING } from '../layers/layer.ts';
import { biasGradient } from './biasGradient.ts';
import type { Operation } from './program.ts';
import { forwardStep, gradientName, type LayerRule, type NodeOf } from './simdRule.ts';
import { poolInput, poolWindow, simdSizes, simdStep, updateOf } from './simdSteps.ts';

/** A depthwise conv on the SIMD array, useful MACs as torch counts them. */
function depthwiseMacs({ layer, outputShape }: NodeOf<'depthwise-conv'>, batch: number): number {
  const { KH, KW } = layer.dimensions;
  return batch * outputShape.C * outputShape.H * outputShape.W * KH * KW;
}

/** What a depthwise conv on the SIMD array consists of, forward and backward. */
export const depthwise: LayerRule<'depthwise-conv'> = {
  forward: (node, context) => {
    const { name, bias } = node.layer;
    return [
      forwardStep(node, 'depthwise-conv', context, {
        window: poolWindow(node),
        pool: poolInput(node),
        macs: depthwiseMacs(node, context.batch),
        hasBias: bias || context.hasShift,
        reads: { X: context.inputs[0]!, W: `${name}.W`, ...(bias ? { bias: `${name}.bias` } : {}) },
      }),
    ];
  },
  backward: (node, context) => {
    const { batch, dY, inputs, needs } = context;
    const { name, bias } = node.layer;
    const [window, pool, macs] = [poolWindow(node), poolInput(node), depthwiseMacs(node, batch)];
    const { stride, dilation, kh, kw } = window;
    const [input, output] = [node.inputShapes[0]!, node.outputShape];
    const steps: Operation[] = [];
    if (needs[0]) {
      // dY with zeros between its elements, under the flipped kernels.
      const laidOut = { ifmap: `${name}.dX.ifmap`, weight: `${name}.dX.weight` };
      const layouts = { ifmap: { distance: stride }, weight: { isFlipped: true } };
      const reads = { ifmap: dY, weight: `${name}.W` };
      steps.push({ unit: 'free', name: `${name}.dX.transpose`, op: 'transpose', layouts, reads, writes: laidOut });
      const padding = {
        h: (kh - 1) * dilation.h - pool.padding.h,
        w: (kw - 1) * dilation.w - pool.padding.w,
      };
      steps.push(
        simdStep(node, 'dX', 'depthwise-conv', simdSizes(input, batch), {
          window: { kh, kw, stride: UNIT_SLIDING.stride, dilation },
          pool: {
            h: (output.H - 1) * stride.h + 1,
            w: (output.W - 1) * stride.w + 1,
            padding,
            after: padding,
            distance: stride,
            countsPadding: true,
          },
          macs,
          hasBias: false,
          reads: { X: laidOut.ifmap, W: laidOut.weight },
          writes: { Y: gradientName(node) },
        }),
      );
    }
    steps.push(
      simdStep(node, 'dW', 'depthwise-weight-grad', simdSizes(output, batch), {
        window,
        pool,
        macs,
        reads: { X: inputs[0]!, dY },
        writes: { dW: `${name}.dW` },
      }),
      simdStep(node, 'sgd', 'sgd-4d', { c: output.C, n: 1, h: kh, w: kw }, updateOf(node, 'W')),
    );
    return bias ? [...steps, ...biasGradient(node, output.C, batch, dY)] : steps;
  },
};
