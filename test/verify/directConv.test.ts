import seedrandom from 'seedrandom';
import { describe, expect, it } from 'vitest';
import { inBoth } from '../../src/model/layers/layer.ts';
import type { Four } from '../../src/model/schedule/region.ts';
import {
  directConv,
  directInputGradient,
  directWeightGradient,
  type Grouped,
  inputGradientOperands,
  type PaddedConv,
  weightGradientOperands,
} from '../../src/studies/verify/directConv.ts';
import { randomTensor } from '../../src/studies/verify/randomParameters.ts';
import { at, filled, type Tensor, tensorOf } from '../../src/studies/verify/tensor.ts';

const row = (...values: number[]): Tensor => ({ sizes: [1, 1, 1, values.length], data: Float64Array.from(values) });
const channels = (...values: number[]): Tensor => ({
  sizes: [1, values.length, 1, 1],
  data: Float64Array.from(values),
});
const plain: Grouped = { groups: 1, stride: inBoth(1), dilation: inBoth(1) };

describe('a convolution by definition', () => {
  it('slides its window by the stride', () => {
    // 100 + 1·10 + 2·1 = 112, 100 + 3·10 + 4·1 = 134.
    const how = { ...plain, stride: { h: 1, w: 2 } };
    expect([...directConv(row(10, 1), row(1, 2, 3, 4), row(100), how).data]).toEqual([112, 134]);
  });

  it('sees inputs that are as far apart as its dilation', () => {
    // 1·10 + 3·1 and 2·10 + 4·1.
    const how = { ...plain, dilation: { h: 1, w: 2 } };
    expect([...directConv(row(10, 1), row(1, 2, 3, 4), row(0), how).data]).toEqual([13, 24]);
  });

  it('makes each group of outputs of its own group of inputs', () => {
    // Two groups of one input and two outputs each: weights 1, 2 of input 10, then 3, 4 of input 20.
    const weight: Tensor = { sizes: [4, 1, 1, 1], data: Float64Array.from([1, 2, 3, 4]) };
    const result = directConv(weight, channels(10, 20), filled([4, 1, 1, 1], 0), { ...plain, groups: 2 });
    expect([...result.data]).toEqual([10, 20, 60, 80]);
  });

  it('hands gradients back along its window', () => {
    // Input of 4, kernel [10, 1], stride 2, no padding: outputs 0 and 1 reach inputs 0, 1 and 2, 3.
    const how = { ...plain, stride: { h: 1, w: 2 }, padding: inBoth(0) };
    expect([...directInputGradient(row(10, 1), row(5, 7), { h: 1, w: 4 }, how).data]).toEqual([50, 5, 70, 7]);
    // dW = [5·x0 + 7·x2, 5·x1 + 7·x3] with x = 1, 2, 3, 4.
    expect([...directWeightGradient(row(1, 2, 3, 4), row(5, 7), { h: 1, w: 2 }, how).data]).toEqual([26, 38]);
  });
});

describe('the gradients of a random convolution', () => {
  const random = seedrandom.alea('gradients');
  const pair = (h: number, w: number) => ({ h, w });
  const shapes: [string, PaddedConv, Four][] = [
    ['plain', { ...plain, padding: inBoth(0) }, [2, 3, 4, 5]],
    ['padded, in steps of two', { ...plain, stride: inBoth(2), padding: inBoth(1) }, [2, 3, 5, 6]],
    [
      'oblong steps, more zeros before than behind',
      { ...plain, stride: pair(3, 1), padding: pair(2, 0) },
      [2, 3, 4, 4],
    ],
    ['dilated, in two groups', { ...plain, groups: 2, dilation: pair(2, 3), padding: pair(1, 2) }, [2, 4, 6, 4]],
    ['depthwise', { ...plain, groups: 3, stride: pair(1, 2), padding: pair(1, 0) }, [2, 3, 4, 5]],
  ];

  it.each(shapes)('are how much the loss grows with each input and weight: %s', (_, how, sizes) => {
    const { groups, padding } = how;
    const [images, inputs, H, W] = sizes;
    const X = randomTensor(random, sizes);
    const weight = randomTensor(random, [2 * groups, inputs / groups, 3, 2]);
    const forward = (x: Tensor, w: Tensor): Tensor => {
      const padded: Four = [images, inputs, H + 2 * padding.h, W + 2 * padding.w];
      const input = tensorOf(padded, (n, ic, y, column) => at(x, n, ic, y - padding.h, column - padding.w));
      return directConv(w, input, filled([2 * groups, 1, 1, 1], 0), how);
    };
    const dY = randomTensor(random, forward(X, weight).sizes);
    // The loss Σ dY·Y is linear in X and in W: a step of one gives the derivative exactly.
    const loss = (x: Tensor, w: Tensor): number =>
      forward(x, w).data.reduce((sum, value, place) => sum + value * dY.data[place]!, 0);
    const derivatives = (of: Tensor, lossWith: (changed: Tensor) => number): number[] =>
      Array.from(of.data, (_value, place) => {
        const data = of.data.slice();
        data[place]! += 1;
        return lossWith({ sizes: of.sizes, data }) - loss(X, weight);
      });

    const plane = { h: H, w: W };
    const kernel = { h: 3, w: 2 };
    const dX = directInputGradient(weight, dY, plane, how);
    expect([...dX.data]).toEqual(derivatives(X, (changed) => loss(changed, weight)));
    const dW = directWeightGradient(X, dY, kernel, how);
    const inOrder = tensorOf(weight.sizes, (oc, ic, kh, kw) => at(dW, ic, oc, kh, kw));
    expect([...inOrder.data]).toEqual(derivatives(weight, (changed) => loss(X, changed)));

    const zero = filled([Math.max(inputs, 2 * groups), 1, 1, 1], 0);
    const forX = inputGradientOperands(weight, dY, plane, how);
    // Neighbouring outputs of these are one apart; the kernel's elements as far as in the forward pass.
    expect(directConv(forX.weight, forX.ifmap, zero, { ...how, stride: inBoth(1) })).toEqual(dX);
    const forW = weightGradientOperands(X, dY, kernel, how);
    // The other way round for the weights.
    const swapped = { groups, stride: how.dilation, dilation: inBoth(1) };
    expect(directConv(forW.weight, forW.ifmap, zero, swapped)).toEqual(dW);
  });
});
