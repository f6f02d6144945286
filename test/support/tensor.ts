/** Four-dimensional tensors for the numeric tests, channels innermost. */

/** Batch (or output channels of a weight), rows, columns, channels. */
export interface Shape4 {
  readonly n: number;
  readonly h: number;
  readonly w: number;
  readonly c: number;
}

export interface Tensor extends Shape4 {
  readonly data: Float64Array;
}

/** What the paper leaves open; any values do, as long as both sides use the same. */
export { EPSILON, LEARNING_RATE } from '../../src/studies/verify/simdReference.ts';

export const elementsOf = ({ n, h, w, c }: Shape4): number => n * h * w * c;
export const inWords = ({ n, h, w, c }: Shape4): string => `${n}×${h}×${w}×${c}`;
export const vector = (c: number): Shape4 => ({ n: 1, h: 1, w: 1, c });

export function zeros({ n, h, w, c }: Shape4): Tensor {
  return { n, h, w, c, data: new Float64Array(n * h * w * c) };
}

export function at(tensor: Tensor, n: number, h: number, w: number, c: number): number {
  return ((n * tensor.h + h) * tensor.w + w) * tensor.c + c;
}

/** Every element from its coordinates. */
export function tensorOf(shape: Shape4, value: (n: number, h: number, w: number, c: number) => number): Tensor {
  const tensor = zeros(shape);
  let place = 0;
  for (let n = 0; n < shape.n; n++) {
    for (let h = 0; h < shape.h; h++) {
      for (let w = 0; w < shape.w; w++) {
        for (let c = 0; c < shape.c; c++) tensor.data[place++] = value(n, h, w, c);
      }
    }
  }
  return tensor;
}

/** An element, or `outside` where there is none. */
export function read(tensor: Tensor, n: number, h: number, w: number, c: number, outside = 0): number {
  const isInside = h >= 0 && h < tensor.h && w >= 0 && w < tensor.w;
  return isInside ? tensor.data[at(tensor, n, h, w, c)]! : outside;
}

/** Two tensors of one shape, combined element by element. */
export function zip(first: Tensor, second: Tensor, combine: (a: number, b: number) => number): Tensor {
  return { ...first, data: first.data.map((value, place) => combine(value, second.data[place]!)) };
}

/** Sum over everything but the channels. */
export function sumPerChannel(tensor: Tensor): Tensor {
  const sum = zeros(vector(tensor.c));
  tensor.data.forEach((value, place) => {
    sum.data[place % tensor.c]! += value;
  });
  return sum;
}
