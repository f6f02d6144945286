/**
 * A forward and a backward pass over the network itself, layer by layer in plain loops that follow the definition of
 * each forward operation: every contribution to an output is scattered back to what it came from, or traced back. Shares no code with
 * the derivation or its execution. The loss is Σ output · cotangent over the network's outputs.
 */
import type { Graph, GraphNode } from '../../src/model/workload/graph.ts';
import { perDirection, sidesOf } from '../../src/model/workload/window.ts';
import { constant, traceBack } from './tape.ts';
import { at, EPSILON, type Tensor, zeros } from './tensor.ts';
import { type TracedTensor, tracedOutput } from './tracedLayers.ts';

export interface Reference {
  /** Outputs by layer, the network's input as `input`. */
  readonly outputs: ReadonlyMap<string, Tensor>;
  /** Gradients of the outputs, by layer, and of the network's input. */
  readonly outputGradients: ReadonlyMap<string, Tensor>;
  /** Gradients by parameter: `conv.W`, `bn.gamma`, … */
  readonly parameterGradients: ReadonlyMap<string, Tensor>;
  readonly loss: number;
}

type Parameters = ReadonlyMap<string, Tensor>;
type Visit = (x: number, y: number, w: number) => void;

/** Layers that slide a kernel. */
type ConvLayer = Extract<GraphNode['layer'], { op: 'conv' | 'depthwise-conv' | 'transposed-conv' }>;

/**
 * Each product x · w that goes into y in a conv, as places in their data. A transposed conv goes the other way: each of
 * its inputs is spread over the outputs that a conv would have made it of.
 */
function eachConvProduct({ layer }: GraphNode, X: Tensor, W: Tensor, Y: Tensor, visit: Visit): void {
  const { stride, padding, dilation } = layer as ConvLayer;
  const [step, distance, { top, left }] = [perDirection(stride), perDirection(dilation), sidesOf(padding)];
  const isTransposed = layer.op === 'transposed-conv';
  // From the larger side to the smaller, as a conv goes.
  const [from, to] = isTransposed ? [Y, X] : [X, Y];
  const inputs = W.c;
  const outputs = W.n / (from.c / inputs);
  for (let n = 0; n < X.n; n++) {
    for (let oc = 0; oc < W.n; oc++) {
      for (let ic = 0; ic < inputs; ic++) {
        for (let y = 0; y < to.h; y++) {
          for (let x = 0; x < to.w; x++) {
            for (let kh = 0; kh < W.h; kh++) {
              for (let kw = 0; kw < W.w; kw++) {
                const [row, column] = [step.h * y + kh * distance.h - top, step.w * x + kw * distance.w - left];
                if (row < 0 || row >= from.h || column < 0 || column >= from.w) continue;
                const large = at(from, n, row, column, Math.floor(oc / outputs) * inputs + ic);
                const small = at(to, n, y, x, oc);
                visit(isTransposed ? small : large, isTransposed ? large : small, at(W, oc, kh, kw, ic));
              }
            }
          }
        }
      }
    }
  }
}

function eachGemmProduct(X: Tensor, W: Tensor, Y: Tensor, visit: Visit): void {
  const rows = X.n * X.h * X.w;
  const [inputs, outputs] = [W.n, Y.c / (X.c / W.n)];
  for (let row = 0; row < rows; row++) {
    for (let oc = 0; oc < Y.c; oc++) {
      const first = Math.floor(oc / outputs) * inputs;
      for (let ic = 0; ic < inputs; ic++) visit(row * X.c + first + ic, row * Y.c + oc, ic * Y.c + oc);
    }
  }
}

/** Each product a · b of a head of an image, as places in the data of two activations and their product. */
function eachHeadProduct({ layer }: GraphNode, A: Tensor, B: Tensor, Y: Tensor, visit: Visit): void {
  const { dimensions, isSecondTransposed } = layer as Extract<GraphNode['layer'], { op: 'matmul' }>;
  const { G, M, IC, OC } = dimensions;
  for (let n = 0; n < Y.n; n++)
    for (let head = 0; head < G; head++)
      for (let row = 0; row < M; row++)
        for (let oc = 0; oc < OC; oc++)
          for (let ic = 0; ic < IC; ic++) {
            const b = isSecondTransposed ? at(B, n, oc, 0, head * IC + ic) : at(B, n, ic, 0, head * OC + oc);
            visit(at(A, n, row, 0, head * IC + ic), at(Y, n, row, 0, head * OC + oc), b);
          }
}

/** The places of X under the window of each y. */
function eachWindow(
  node: GraphNode,
  X: Tensor,
  Y: Tensor,
  visit: (y: number, xs: number[], cells: number) => void,
): void {
  const { layer } = node;
  const isPool = layer.op === 'max-pool' || layer.op === 'avg-pool';
  const [kh, kw] = isPool ? [layer.dimensions.KH, layer.dimensions.KW] : [X.h, X.w];
  const stride = isPool ? perDirection(layer.stride) : { h: 1, w: 1 };
  const { top, left, bottom, right } = isPool ? sidesOf(layer.padding) : sidesOf(0);
  const countsPadding = layer.op !== 'avg-pool' || layer.countIncludePad !== false;
  for (let n = 0; n < Y.n; n++) {
    for (let c = 0; c < Y.c; c++) {
      for (let y = 0; y < Y.h; y++) {
        for (let x = 0; x < Y.w; x++) {
          const xs: number[] = [];
          let cells = 0;
          for (let i = 0; i < kh; i++) {
            for (let j = 0; j < kw; j++) {
              const [row, column] = [y * stride.h - top + i, x * stride.w - left + j];
              const isOnImage = row >= 0 && row < X.h && column >= 0 && column < X.w;
              // What hangs over the padding, too, is no cell at all.
              if (isOnImage || (countsPadding && row < X.h + bottom && column < X.w + right)) cells++;
              if (isOnImage) xs.push(at(X, n, row, column, c));
            }
          }
          visit(at(Y, n, y, x, c), xs, cells);
        }
      }
    }
  }
}

/** The places of each channel's elements, with their mean and standard deviation. */
function eachChannel(X: Tensor, visit: (c: number, places: number[], mean: number, deviation: number) => void): void {
  for (let c = 0; c < X.c; c++) {
    const places = Array.from({ length: X.data.length / X.c }, (_, position) => position * X.c + c);
    const mean = places.reduce((sum, place) => sum + X.data[place]!, 0) / places.length;
    const variance = places.reduce((sum, place) => sum + (X.data[place]! - mean) ** 2, 0) / places.length;
    visit(c, places, mean, Math.sqrt(variance + EPSILON));
  }
}

/** The place in Y of each place of X when images are laid out as channels, rows, columns. */
function flattenedPlaces(X: Tensor): number[] {
  const places: number[] = [];
  for (let n = 0; n < X.n; n++) {
    for (let h = 0; h < X.h; h++) {
      for (let w = 0; w < X.w; w++) {
        for (let c = 0; c < X.c; c++) places.push(n * X.c * X.h * X.w + (c * X.h + h) * X.w + w);
      }
    }
  }
  return places;
}

const largest = (X: Tensor, xs: number[]): number => xs.reduce((most, x) => (X.data[x]! > X.data[most]! ? x : most));

/** A layer beyond the paper's on numbers that remember, with those that stand for its inputs and parameters. */
function traced(node: GraphNode, inputs: readonly Tensor[], parameters: Parameters, batch: number) {
  const lift = (tensor: Tensor): TracedTensor => ({ ...tensor, data: Array.from(tensor.data, constant) });
  const used = new Map<string, TracedTensor>();
  const { name } = node.layer;
  const parameter = (which: string): TracedTensor => {
    const full = which === '' ? name : `${name}.${which}`;
    if (!used.has(full)) used.set(full, lift(parameters.get(full)!));
    return used.get(full)!;
  };
  const lifted = inputs.map(lift);
  return { output: tracedOutput(node, lifted, parameter, batch), lifted, used };
}

const gradientsOf = (tensor: TracedTensor): Tensor => ({
  ...tensor,
  data: Float64Array.from(tensor.data, ({ gradient }) => gradient),
});

function forward(node: GraphNode, inputs: Tensor[], parameters: Parameters, batch: number): Tensor {
  const { output } = traced(node, inputs, parameters, batch);
  if (output !== undefined) return { ...output, data: Float64Array.from(output.data, ({ value }) => value) };
  const [X, X2] = inputs;
  const { name, op } = node.layer;
  const { C, H, W } = node.outputShape;
  const Y = zeros({ n: X!.n, h: H, w: W, c: C });
  const parameter = (which: string): Tensor => parameters.get(`${name}.${which}`)!;
  switch (op) {
    case 'conv':
    case 'depthwise-conv':
    case 'transposed-conv':
    case 'gemm': {
      const weights = parameter('W');
      const add: Visit = (x, y, w) => {
        Y.data[y]! += X!.data[x]! * weights.data[w]!;
      };
      if (op === 'gemm') eachGemmProduct(X!, weights, Y, add);
      else eachConvProduct(node, X!, weights, Y, add);
      if (node.layer.bias) for (let y = 0; y < Y.data.length; y++) Y.data[y]! += parameter('bias').data[y % C]!;
      return Y;
    }
    case 'matmul':
      eachHeadProduct(node, X!, X2!, Y, (a, y, b) => {
        Y.data[y]! += X!.data[a]! * X2!.data[b]!;
      });
      return Y;
    case 'batch-norm':
      eachChannel(X!, (c, places, mean, deviation) => {
        for (const place of places) {
          Y.data[place] =
            (parameter('gamma').data[c]! * (X!.data[place]! - mean)) / deviation + parameter('beta').data[c]!;
        }
      });
      return Y;
    case 'relu':
      return { ...Y, data: X!.data.map((x) => (x > 0 ? x : 0)) };
    case 'max-pool':
      eachWindow(node, X!, Y, (y, xs) => {
        Y.data[y] = X!.data[largest(X!, xs)]!;
      });
      return Y;
    case 'avg-pool':
    case 'global-avg-pool':
      eachWindow(node, X!, Y, (y, xs, cells) => {
        for (const x of xs) Y.data[y]! += X!.data[x]! / cells;
      });
      return Y;
    case 'flatten':
      flattenedPlaces(X!).forEach((y, x) => {
        Y.data[y] = X!.data[x]!;
      });
      return Y;
    case 'dropout':
      return X!;
    default:
      throw new Error(`no reference for ${op}`);
  }
}

/** What the node adds to the gradients of its inputs, one after the other, and, in `found`, of its parameters. */
function backward(
  node: GraphNode,
  inputs: readonly [Tensor, Tensor?],
  dY: Tensor,
  parameters: Parameters,
  found: Map<string, Tensor>,
): Tensor[] {
  const { output, lifted, used } = traced(node, inputs as readonly Tensor[], parameters, dY.n);
  if (output !== undefined) {
    traceBack(output.data, dY.data);
    for (const [parameterName, tensor] of used) found.set(parameterName, gradientsOf(tensor));
    return lifted.map(gradientsOf);
  }
  const [X, X2] = inputs;
  const { name, op } = node.layer;
  const dX = zeros(X);
  const parameter = (which: string): Tensor => parameters.get(`${name}.${which}`)!;
  const gradient = (which: string): Tensor => {
    const tensor = zeros(parameter(which));
    found.set(`${name}.${which}`, tensor);
    return tensor;
  };
  switch (op) {
    case 'conv':
    case 'depthwise-conv':
    case 'transposed-conv':
    case 'gemm': {
      const [weights, dW] = [parameter('W'), gradient('W')];
      const scatter: Visit = (x, y, w) => {
        dX.data[x]! += dY.data[y]! * weights.data[w]!;
        dW.data[w]! += dY.data[y]! * X.data[x]!;
      };
      if (op === 'gemm') eachGemmProduct(X, weights, dY, scatter);
      else eachConvProduct(node, X, weights, dY, scatter);
      if (node.layer.bias) {
        const dbias = gradient('bias');
        dY.data.forEach((dy, y) => {
          dbias.data[y % dY.c]! += dy;
        });
      }
      return [dX];
    }
    case 'batch-norm': {
      const [gamma, dgamma, dbeta] = [parameter('gamma'), gradient('gamma'), gradient('beta')];
      eachChannel(X, (c, places, mean, deviation) => {
        // y = γ (x − μ)/σ + β, with μ and σ functions of every x: their derivatives one by one, by the chain rule.
        const [scale, count] = [gamma.data[c]!, places.length];
        let [dMean, dVariance] = [0, 0];
        for (const place of places) {
          const dy = dY.data[place]!;
          dgamma.data[c]! += (dy * (X.data[place]! - mean)) / deviation;
          dbeta.data[c]! += dy;
          dMean -= (dy * scale) / deviation;
          dVariance -= (dy * scale * (X.data[place]! - mean)) / (2 * deviation ** 3);
        }
        for (const place of places) {
          dX.data[place] =
            (dY.data[place]! * scale) / deviation + dMean / count + (dVariance * 2 * (X.data[place]! - mean)) / count;
        }
      });
      return [dX];
    }
    case 'relu':
      return [{ ...dX, data: X.data.map((x, place) => (x > 0 ? dY.data[place]! : 0)) }];
    case 'max-pool':
      eachWindow(node, X, dY, (y, xs) => {
        dX.data[largest(X, xs)]! += dY.data[y]!;
      });
      return [dX];
    case 'avg-pool':
    case 'global-avg-pool':
      eachWindow(node, X, dY, (y, xs, cells) => {
        for (const x of xs) dX.data[x]! += dY.data[y]! / cells;
      });
      return [dX];
    case 'flatten':
      flattenedPlaces(X).forEach((y, x) => {
        dX.data[x] = dY.data[y]!;
      });
      return [dX];
    case 'dropout':
      return [dY];
    case 'matmul': {
      const dX2 = zeros(X2!);
      eachHeadProduct(node, X, X2!, dY, (a, y, b) => {
        dX.data[a]! += dY.data[y]! * X2!.data[b]!;
        dX2.data[b]! += dY.data[y]! * X.data[a]!;
      });
      return [dX, dX2];
    }
    default:
      throw new Error(`no reference for ${op}`);
  }
}

/** Runs both passes on the network's input and parameters. `cotangents` has an entry for each output of the network. */
export function referencePass(
  graph: Graph,
  input: Tensor,
  parameters: Parameters,
  cotangents: ReadonlyMap<string, Tensor>,
): Reference {
  const outputs = new Map([['input', input]]);
  const inputsOf = ({ layer }: GraphNode): Tensor[] => layer.inputs.map((name) => outputs.get(name)!);
  for (const node of graph.nodes) outputs.set(node.layer.name, forward(node, inputsOf(node), parameters, input.n));

  const outputGradients = new Map([...outputs].map(([name, tensor]) => [name, zeros(tensor)] as const));
  let loss = 0;
  for (const [name, cotangent] of cotangents) {
    outputGradients.set(name, cotangent);
    loss += outputs.get(name)!.data.reduce((sum, value, place) => sum + value * cotangent.data[place]!, 0);
  }
  const parameterGradients = new Map<string, Tensor>();
  for (const node of [...graph.nodes].reverse()) {
    const dY = outputGradients.get(node.layer.name)!;
    const inputs = inputsOf(node) as [Tensor, Tensor?];
    const gradients = backward(node, inputs, dY, parameters, parameterGradients);
    for (const [place, name] of node.layer.inputs.entries()) {
      const sum = outputGradients.get(name)!;
      sum.data.set(sum.data.map((value, element) => value + gradients[place]!.data[element]!));
    }
  }
  return { outputs, outputGradients, parameterGradients, loss };
}
