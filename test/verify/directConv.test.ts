import seedrandom from 'seedrandom';
import { describe, expect, it } from 'vitest';
import type { Four } from '../../src/model/schedule/region.ts';
import {
  directConv,
  directInputGradient,
  directWeightGradient,
  inputGradientOperands,
  weightGradientOperands,
} from '../../src/studies/verify/directConv.ts';
import { randomTensor } from '../../src/studies/verify/randomParameters.ts';
import { at, filled, type Tensor, tensorOf } from '../../src/studies/verify/tensor.ts';

const row = (...values: number[]): Tensor => ({ sizes: [1, 1, 1, values.length], data: Float64Array.from(values) });

describe('a convolution by definition', () => {
  it('slides its window by the stride', () => {
    // 100 + 1·10 + 2·1 = 112, 100 + 3·10 + 4·1 = 134.
    expect([...directConv(row(10, 1), row(1, 2, 3, 4), row(100), 2).data]).toEqual([112, 134]);
  });

  it('hands gradients back along its window', () => {
    // Input of 4, kernel [10, 1], stride 2, no padding: outputs 0 and 1 reach inputs 0, 1 and 2, 3.
    const how = { stride: 2, padding: 0 };
    expect([...directInputGradient(row(10, 1), row(5, 7), 1, 4, how).data]).toEqual([50, 5, 70, 7]);
    // dW = [5·x0 + 7·x2, 5·x1 + 7·x3] with x = 1, 2, 3, 4.
    expect([...directWeightGradient(row(1, 2, 3, 4), row(5, 7), 1, 2, how).data]).toEqual([26, 38]);
  });
});

describe('the gradients of a random convolution', () => {
  const random = seedrandom.alea('gradients');
  const shapes: { stride: number; padding: number; H: number; W: number }[] = [
    { stride: 1, padding: 0, H: 4, W: 5 },
    { stride: 2, padding: 1, H: 5, W: 6 },
    { stride: 3, padding: 2, H: 4, W: 4 },
  ];

  it.each(shapes)('are how much the loss grows with each input and weight: %o', ({ stride, padding, H, W }) => {
    const how = { stride, padding };
    const X = randomTensor(random, [2, 3, H, W]);
    const weight = randomTensor(random, [2, 3, 3, 2]);
    const forward = (x: Tensor, w: Tensor): Tensor => {
      const padded: Four = [2, 3, H + 2 * padding, W + 2 * padding];
      return directConv(
        w,
        tensorOf(padded, (n, ic, y, column) => at(x, n, ic, y - padding, column - padding)),
        filled([2, 1, 1, 1], 0),
        stride,
      );
    };
    const dY = randomTensor(random, forward(X, weight).sizes);
    // The loss Σ dY·Y is linear in X and in W: a step of one gives the derivative exactly.
    const loss = (x: Tensor, w: Tensor): number =>
      forward(x, w).data.reduce((sum, value, place) => sum + value * dY.data[place]!, 0);
    const derivatives = (of: Tensor, lossWith: (changed: Tensor) => number): number[] =>
      Array.from(of.data, (_, place) => {
        const data = of.data.slice();
        data[place]! += 1;
        return lossWith({ sizes: of.sizes, data }) - loss(X, weight);
      });

    const dX = directInputGradient(weight, dY, H, W, how);
    expect([...dX.data]).toEqual(derivatives(X, (changed) => loss(changed, weight)));
    const dW = directWeightGradient(X, dY, 3, 2, how);
    const inOrder = tensorOf(weight.sizes, (oc, ic, kh, kw) => at(dW, ic, oc, kh, kw));
    expect([...inOrder.data]).toEqual(derivatives(weight, (changed) => loss(X, changed)));

    const zero = filled([3, 1, 1, 1], 0);
    const forX = inputGradientOperands(weight, dY, H, W, how);
    expect(directConv(forX.weight, forX.ifmap, zero, 1)).toEqual(dX);
    const forW = weightGradientOperands(X, dY, 3, 2, how);
    expect(directConv(forW.weight, forW.ifmap, zero, 1)).toEqual(dW);
  });
});
