/** Networks written down layer by layer, as the modules of a torch model are called one after the other. */
import type { Shape } from '../../model/workload/shapes.ts';
import { outputsAlong, perDirection, transposedOutputsAlong, windowsOf } from '../../model/workload/window.ts';

/** A layer's output. */
export interface Tensor {
  readonly name: string;
  readonly shape: Shape;
}

type Pair = number | readonly [number, number];

/** A convolution's window; padding is half of the kernel, so that a stride of 1 keeps the size, unless given. */
export interface ConvOptions {
  readonly kernel?: Pair;
  readonly stride?: Pair;
  readonly padding?: Pair;
  readonly groups?: number;
  readonly bias?: boolean;
}

interface PoolOptions {
  readonly stride?: number;
  readonly padding?: number;
  readonly ceilMode?: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

/** A draft of a workload. */
export interface NetworkDraft {
  readonly name: string;
  readonly description: string;
  readonly input: Shape;
  readonly layers: readonly Fields[];
}

const both = (value: Pair): readonly [number, number] => (typeof value === 'number' ? [value, value] : value);
const half = (kernel: Pair): Pair => {
  const [h, w] = both(kernel);
  return h === w ? (h - 1) / 2 : [(h - 1) / 2, (w - 1) / 2];
};

/** Collects layers; every method adds one, named as torch names the module, and gives its output. */
export class NetworkBuilder {
  readonly layers: Fields[] = [];
  readonly input: Tensor;

  constructor(input: Shape) {
    this.input = { name: 'input', shape: input };
  }

  private add(name: string, op: string, inputs: readonly Tensor[], fields: Fields, shape: Shape): Tensor {
    this.layers.push({ name, op, inputs: inputs.map((input) => input.name), ...fields });
    return { name, shape };
  }

  private plane(name: string, op: string, inputs: readonly Tensor[], shape: Shape, fields: Fields = {}): Tensor {
    return this.add(name, op, inputs, { dimensions: shape, ...fields }, shape);
  }

  /** A convolution to `OC` channels; depthwise if each channel is a group of its own. */
  conv(name: string, x: Tensor, OC: number, options: ConvOptions = {}): Tensor {
    const { kernel = 3, stride = 1, padding = half(kernel), groups = 1, bias = false } = options;
    const [KH, KW] = both(kernel);
    const { C, H, W } = x.shape;
    const window = { stride: pairOf(stride), padding: pairOf(padding) };
    const { h, w } = windowsOf({ dimensions: { KH, KW }, ...window });
    const [OH, OW] = [outputsAlong(H, h), outputsAlong(W, w)];
    const shape = { C: OC, H: OH, W: OW };
    if (groups > 1 && groups === C && groups === OC) {
      const fields = { dimensions: { C, KH, KW, OH, OW }, ...window, bias };
      return this.add(name, 'depthwise-conv', [x], fields, shape);
    }
    const grouped = groups > 1 ? { groups } : {};
    return this.add(
      name,
      'conv',
      [x],
      { dimensions: { OC, IC: C, KH, KW, OH, OW }, ...window, ...grouped, bias },
      shape,
    );
  }

  transposedConv(name: string, x: Tensor, OC: number, kernel: number, stride: number): Tensor {
    const { C, H, W } = x.shape;
    const { h, w } = windowsOf({ dimensions: { KH: kernel, KW: kernel }, stride, padding: 0 });
    const [OH, OW] = [transposedOutputsAlong(H, h, 0), transposedOutputsAlong(W, w, 0)];
    const dimensions = { OC, IC: C, KH: kernel, KW: kernel, OH, OW };
    const fields = { dimensions, stride, padding: 0, bias: true };
    return this.add(name, 'transposed-conv', [x], fields, { C: OC, H: OH, W: OW });
  }

  batchNorm(name: string, x: Tensor): Tensor {
    return this.plane(name, 'batch-norm', [x], x.shape);
  }

  /** An element-wise function without parameters: relu, silu, gelu, … */
  activation(name: string, op: string, x: Tensor): Tensor {
    return this.plane(name, op, [x], x.shape);
  }

  relu(name: string, x: Tensor): Tensor {
    return this.activation(name, 'relu', x);
  }

  relu6(name: string, x: Tensor): Tensor {
    return this.plane(name, 'clip', [x], x.shape, { min: 0, max: 6 });
  }

  sum(name: string, a: Tensor, b: Tensor): Tensor {
    return this.plane(name, 'tensor-add', [a, b], a.shape);
  }

  /** The product with a tensor of the same shape, or with one of a number per channel. */
  product(name: string, a: Tensor, b: Tensor): Tensor {
    return this.plane(name, 'tensor-mul', [a, b], a.shape);
  }

  scaled(name: string, x: Tensor, scalar: number): Tensor {
    return this.plane(name, 'tensor-mul', [x], x.shape, { scalar });
  }

  pool(name: string, op: 'max-pool' | 'avg-pool', x: Tensor, kernel: number, options: PoolOptions = {}): Tensor {
    const { stride = kernel, padding = 0, ceilMode = false } = options;
    const { C, H, W } = x.shape;
    const { h, w } = windowsOf({ dimensions: { KH: kernel, KW: kernel }, stride, padding });
    const [OH, OW] = [outputsAlong(H, h, ceilMode), outputsAlong(W, w, ceilMode)];
    const dimensions = { C, KH: kernel, KW: kernel, OH, OW };
    const fields = { dimensions, stride, padding, ...(ceilMode ? { ceilMode } : {}) };
    return this.add(name, op, [x], fields, { C, H: OH, W: OW });
  }

  globalAveragePool(name: string, x: Tensor): Tensor {
    const { C, H, W } = x.shape;
    return this.add(name, 'global-avg-pool', [x], { dimensions: { C, IH: H, IW: W } }, { C, H: 1, W: 1 });
  }

  flatten(name: string, x: Tensor): Tensor {
    const { C, H, W } = x.shape;
    return this.add(name, 'flatten', [x], {}, { C: C * H * W, H: 1, W: 1 });
  }

  dropout(name: string, x: Tensor): Tensor {
    return this.add(name, 'dropout', [x], {}, x.shape);
  }

  /** A linear layer on every row. */
  gemm(name: string, x: Tensor, OC: number): Tensor {
    const { C: IC, H, W } = x.shape;
    const M = H * W;
    const fields = { dimensions: { OC, IC, ...(M > 1 ? { M } : {}) }, bias: true };
    return this.add(name, 'gemm', [x], fields, { C: OC, H: M, W: 1 });
  }

  /** One after the other along the channels, or along another axis. */
  concat(name: string, inputs: readonly Tensor[], axis: 'C' | 'H' = 'C'): Tensor {
    const total = inputs.reduce((sum, { shape }) => sum + shape[axis], 0);
    return this.plane(name, 'concat', inputs, { ...inputs[0]!.shape, [axis]: total }, axis === 'C' ? {} : { axis });
  }

  /** `count` channels, or rows, from `start` on. */
  slice(name: string, x: Tensor, axis: 'C' | 'H', start: number, count: number): Tensor {
    return this.plane(name, 'slice', [x], { ...x.shape, [axis]: count }, { start: { [axis]: start } });
  }

  channelShuffle(name: string, x: Tensor, groups: number): Tensor {
    return this.plane(name, 'channel-shuffle', [x], x.shape, { groups });
  }

  reshape(name: string, x: Tensor, shape: Shape): Tensor {
    return this.plane(name, 'reshape', [x], shape);
  }

  /** Another layout in memory: channels last. */
  transpose(name: string, x: Tensor): Tensor {
    return this.plane(name, 'transpose', [x], x.shape);
  }

  parameter(name: string, shape: Shape): Tensor {
    this.layers.push({ name, op: 'parameter', dimensions: shape });
    return { name, shape };
  }

  layerNorm(name: string, x: Tensor): Tensor {
    return this.plane(name, 'layer-norm', [x], x.shape);
  }

  /** Scores of `heads` heads: the rows of a with the rows of b. */
  scores(name: string, a: Tensor, b: Tensor, heads: number): Tensor {
    const dimensions = { G: heads, M: a.shape.H, IC: a.shape.C / heads, OC: b.shape.H };
    const shape = { C: heads * b.shape.H, H: a.shape.H, W: 1 };
    return this.add(name, 'matmul', [a, b], { dimensions, isSecondTransposed: true }, shape);
  }

  /** Values of `heads` heads, weighted. */
  weighted(name: string, weights: Tensor, values: Tensor, heads: number): Tensor {
    const { H: M } = weights.shape;
    const dimensions = { G: heads, M, IC: values.shape.H, OC: values.shape.C / heads };
    return this.add(name, 'matmul', [weights, values], { dimensions }, { C: values.shape.C, H: M, W: 1 });
  }

  softmax(name: string, x: Tensor, groups: number): Tensor {
    return this.plane(name, 'softmax', [x], x.shape, { groups });
  }
}

/** One number where both are equal. */
function pairOf(value: Pair): number | [number, number] {
  const { h, w } = perDirection(value as number | [number, number]);
  return h === w ? h : [h, w];
}
