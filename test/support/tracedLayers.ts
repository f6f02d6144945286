/**
 * Layers beyond the paper's, by their definitions on numbers that remember: what they put out, and by that alone the
 * gradients of what they read.
 */
import type { GraphNode } from '../../src/model/workload/graph.ts';
import { sidesOf } from '../../src/model/workload/window.ts';
import { add, constant, div, exp, larger, mul, scaled, smaller, sqrt, sub, sum, type Traced, tanh } from './tape.ts';
import { EPSILON, type Shape4 } from './tensor.ts';

/** A tensor of such numbers; channels innermost. */
export interface TracedTensor extends Shape4 {
  readonly data: readonly Traced[];
}
type Make = (n: number, h: number, w: number, c: number) => Traced;
type Layer<Op> = Extract<GraphNode['layer'], { op: Op }>;

const at = (tensor: TracedTensor, n: number, h: number, w: number, c: number): Traced =>
  tensor.data[((n * tensor.h + h) * tensor.w + w) * tensor.c + c]!;

function made(shape: Shape4, value: Make): TracedTensor {
  const data: Traced[] = [];
  for (let n = 0; n < shape.n; n++)
    for (let h = 0; h < shape.h; h++)
      for (let w = 0; w < shape.w; w++) for (let c = 0; c < shape.c; c++) data.push(value(n, h, w, c));
  return { n: shape.n, h: shape.h, w: shape.w, c: shape.c, data };
}

const map = (X: TracedTensor, value: (x: Traced, c: number) => Traced): TracedTensor => ({
  ...X,
  data: X.data.map((x, place) => value(x, place % X.c)),
});

const one = constant(1);
const sigmoid = (x: Traced): Traced => div(one, add(one, exp(scaled(x, -1))));
const ROOT = Math.sqrt(2 / Math.PI);
const clamp = (x: Traced, low: number, high: number): Traced => smaller(larger(x, constant(low)), constant(high));
const hardSigmoid = (x: Traced): Traced => clamp(add(scaled(x, 1 / 6), constant(0.5)), 0, 1);

const FUNCTIONS: Readonly<Record<string, (x: Traced) => Traced>> = {
  sigmoid,
  tanh,
  silu: (x) => mul(x, sigmoid(x)),
  gelu: (x) => {
    const cubed = mul(mul(x, x), x);
    return mul(scaled(x, 0.5), add(one, tanh(scaled(add(x, scaled(cubed, 0.044715)), ROOT))));
  },
  'hard-sigmoid': hardSigmoid,
  'hard-swish': (x) => mul(x, hardSigmoid(x)),
};
const ARITHMETIC: Readonly<Record<string, (a: Traced, b: Traced) => Traced>> = {
  'tensor-add': add,
  'tensor-sub': sub,
  'tensor-mul': mul,
  'tensor-div': div,
};

/** Positions of a tensor, each with the channels of one group. */
function inGroups(X: TracedTensor, groups: number, value: (xs: Traced[]) => Traced[]): TracedTensor {
  const size = X.c / groups;
  const data = Array.from({ length: X.data.length / size }, (_, row) =>
    value(X.data.slice(row * size, (row + 1) * size)),
  ).flat();
  return { ...X, data };
}

function normalised(xs: readonly Traced[]): Traced[] {
  const mean = scaled(sum(xs), 1 / xs.length);
  const centred = xs.map((x) => sub(x, mean));
  const variance = scaled(sum(centred.map((x) => mul(x, x))), 1 / xs.length);
  const deviation = sqrt(add(variance, constant(EPSILON)));
  return centred.map((x) => div(x, deviation));
}

/** Where an output along one direction lies between inputs: with its centre at the same share of the whole. */
function between(place: number, outputs: number, inputs: number): [number, number][] {
  const exact = ((place + 0.5) * inputs) / outputs - 0.5;
  const first = Math.floor(exact);
  const inside = (index: number): number => Math.max(0, Math.min(inputs - 1, index));
  return [
    [inside(first), first + 1 - exact],
    [inside(first + 1), exact - first],
  ];
}

/** What a layer puts out; undefined for one of the paper's, which are elsewhere. */
export function tracedOutput(
  { layer, outputShape }: GraphNode,
  inputs: readonly TracedTensor[],
  parameter: (which: string) => TracedTensor,
  batch: number,
): TracedTensor | undefined {
  const [X, X2] = inputs as [TracedTensor, TracedTensor?];
  const shape: Shape4 = { n: batch, h: outputShape.H, w: outputShape.W, c: outputShape.C };
  switch (layer.op) {
    case 'sigmoid':
    case 'tanh':
    case 'silu':
    case 'gelu':
    case 'hard-sigmoid':
    case 'hard-swish':
      return map(X, FUNCTIONS[layer.op]!);
    case 'clip':
      return map(X, (x) => clamp(x, layer.min ?? Number.NEGATIVE_INFINITY, layer.max ?? Number.POSITIVE_INFINITY));
    case 'leaky-relu':
      return map(X, (x) => (x.value > 0 ? x : scaled(x, layer.alpha)));
    case 'prelu': {
      const alpha = parameter('alpha').data;
      return map(X, (x, c) => (x.value > 0 ? x : mul(x, alpha[c]!)));
    }
    case 'tensor-add':
    case 'tensor-sub':
    case 'tensor-mul':
    case 'tensor-div': {
      const compute = ARITHMETIC[layer.op]!;
      if (layer.scalar !== undefined) return map(X, (x) => compute(x, constant(layer.scalar!)));
      const second: Make = (n, h, w, c) => at(X2!, n, X2!.h === 1 ? 0 : h, X2!.w === 1 ? 0 : w, c);
      return made(shape, (n, h, w, c) => compute(at(X, n, h, w, c), second(n, h, w, c)));
    }
    case 'layer-norm': {
      const isAffine = layer.isAffine ?? true;
      const plain = inGroups(X, 1, normalised);
      if (!isAffine) return plain;
      const [gamma, beta] = [parameter('gamma').data, parameter('beta').data];
      return map(plain, (x, c) => add(mul(x, gamma[c]!), beta[c]!));
    }
    case 'softmax':
      return inGroups(X, layer.groups ?? 1, (xs) => {
        const powers = xs.map(exp);
        return powers.map((power) => div(power, sum(powers)));
      });
    case 'reduce-mean':
      return made(shape, (n, h, w) => scaled(sum(Array.from({ length: X.c }, (_, c) => at(X, n, h, w, c))), 1 / X.c));
    case 'upsample':
      return made(shape, (n, h, w, c) => {
        if (layer.mode === 'nearest') {
          return at(X, n, Math.floor((h * X.h) / shape.h), Math.floor((w * X.w) / shape.w), c);
        }
        const terms = between(h, shape.h, X.h).flatMap(([row, down]) =>
          between(w, shape.w, X.w).map(([column, right]) => scaled(at(X, n, row, column, c), down * right)),
        );
        return sum(terms);
      });
    case 'reshape':
      return made(shape, (n, h, w, c) => {
        const place = (c * shape.h + h) * shape.w + w;
        const row = Math.floor(place / X.w);
        return at(X, n, row % X.h, place % X.w, Math.floor(row / X.h));
      });
    case 'transpose': {
      const order = layer.order ?? (['C', 'H', 'W'] as const);
      return made(shape, (n, h, w, c) => {
        const from = { C: 0, H: 0, W: 0 };
        [c, h, w].forEach((place, axis) => {
          from[order[axis]!] = place;
        });
        return at(X, n, from.H, from.W, from.C);
      });
    }
    case 'channel-shuffle': {
      const size = X.c / layer.groups;
      return made(shape, (n, h, w, c) => at(X, n, h, w, (c % layer.groups) * size + Math.floor(c / layer.groups)));
    }
    case 'concat': {
      const key = ({ C: 'c', H: 'h', W: 'w' } as const)[layer.axis ?? 'C'];
      return made(shape, (n, h, w, c) => {
        const place = { h, w, c };
        let part = 0;
        for (; place[key] >= inputs[part]![key]; part++) place[key] -= inputs[part]![key];
        return at(inputs[part]!, n, place.h, place.w, place.c);
      });
    }
    case 'slice': {
      const along = (axis: 'C' | 'H' | 'W', place: number): number =>
        (layer.start?.[axis] ?? 0) + place * (layer.step?.[axis] ?? 1);
      return made(shape, (n, h, w, c) => at(X, n, along('H', h), along('W', w), along('C', c)));
    }
    case 'pad': {
      const { top, left } = sidesOf((layer as Layer<'pad'>).padding);
      return made(shape, (n, h, w, c) => {
        const [row, column] = [h - top, w - left];
        const isInside = row >= 0 && row < X.h && column >= 0 && column < X.w;
        return isInside ? at(X, n, row, column, c) : constant(0);
      });
    }
    case 'parameter': {
      const own = parameter('');
      return made(shape, (_, h, w, c) => at(own, 0, h, w, c));
    }
    default:
      return undefined;
  }
}
