/** Tiny random networks, built through the workload parser as a user's file is, and random data for them. */
import fc from 'fast-check';
import seedrandom from 'seedrandom';
import { parseWorkload } from '../../src/model/schemas/workload.ts';
import { buildGraph, type Graph, type GraphNode, type Shape } from '../../src/model/workload/graph.ts';
import { outputsAlong, transposedOutputsAlong, windowSpan } from '../../src/model/workload/window.ts';
import { type Shape4, type Tensor, tensorOf, vector } from './tensor.ts';

const KINDS = [
  'conv',
  'grouped conv',
  'depthwise-conv',
  'transposed-conv',
  'attention',
  'relu',
  'batch-norm',
  'max-pool',
  'avg-pool',
  'residual',
  'x + x',
  'dropout',
  'second output',
] as const;

/** Layers beyond the paper's. */
const MORE_KINDS = [
  'depthwise-conv on the SIMD array',
  'function',
  'prelu',
  'scalar',
  'two tensors',
  'squeeze and excite',
  'parameter',
  'parameter per channel',
  'class token',
  'layer-norm',
  'softmax',
  'reduce-mean',
  'upsample',
  'transpose',
  'channel-shuffle',
  'concat',
  'slice',
  'split',
  'pad',
  'reshape',
] as const;

/** How a network ends: as it is, or with gemms on all pixels, on each position or on the pooled image. */
const ENDINGS = ['as it is', 'flatten, gemm', 'gemm', 'global-avg-pool, flatten, gemm', 'gemm, flatten, gemm'] as const;

/** One step in the making of a network; its numbers are cut to what the tensor at hand allows. */
interface Choice {
  readonly kind: (typeof KINDS)[number] | (typeof MORE_KINDS)[number];
  readonly channels: number;
  readonly KH: number;
  readonly KW: number;
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
  /** Top, left, bottom, right. */
  readonly padding: readonly [number, number, number, number];
  readonly bias: boolean;
  /** Of a pool: rounds its outputs up; of a gemm: in groups. */
  readonly isOther: boolean;
}

/** What differs between the layers that slide a window. */
type Windowed = 'conv' | 'grouped conv' | 'depthwise-conv' | 'transposed-conv' | 'max-pool' | 'avg-pool';

const upTo = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });

const PAPER_KINDS = fc.oneof(
  { weight: 2, arbitrary: fc.constant('conv' as const) },
  { weight: 5, arbitrary: fc.constantFrom(...KINDS) },
);
const ALL_KINDS = fc.oneof(
  { weight: 1, arbitrary: PAPER_KINDS },
  { weight: 2, arbitrary: fc.constantFrom(...MORE_KINDS) },
);

const choicesOf = (kind: fc.Arbitrary<Choice['kind']>): fc.Arbitrary<Choice> =>
  fc.record({
    kind,
    channels: fc.integer({ min: 1, max: 3 }),
    KH: fc.integer({ min: 1, max: 3 }),
    KW: fc.integer({ min: 1, max: 3 }),
    stride: fc.tuple(upTo(1, 3), upTo(1, 3)),
    dilation: fc.oneof(fc.constant([1, 1] as const), fc.tuple(upTo(1, 3), upTo(1, 3))),
    padding: fc.tuple(upTo(0, 2), upTo(0, 2), upTo(0, 2), upTo(0, 2)),
    bias: fc.boolean(),
    isOther: fc.boolean(),
  });

/** A tensor that layers can be put on. */
interface Place {
  readonly name: string;
  readonly shape: Shape;
}

type LayerDraft = Record<string, unknown> & { readonly op: string };

/** Appends layers to a list; each method gives the output of what it added. */
function layerList() {
  const layers: Record<string, unknown>[] = [];
  const append = (from: readonly Place[], shape: Shape, draft: LayerDraft): Place => {
    const name = `${draft.op}${layers.length}`;
    layers.push({ name, inputs: from.map((place) => place.name), ...draft });
    return { name, shape };
  };
  const windowed = (from: Place, kind: Windowed, choice: Choice, unit: 'SA' | 'SIMD' = 'SA'): Place => {
    const { C, H, W } = from.shape;
    const { channels, bias, stride, isOther } = choice;
    const isPool = kind === 'max-pool' || kind === 'avg-pool';
    const dilation = isPool ? ([1, 1] as const) : choice.dilation;
    const [top, left, bottom, right] = isPool
      ? // A pool's window always covers some of the image.
        choice.padding.map((zeros, side) => Math.min(zeros, (side % 2 === 0 ? choice.KH : choice.KW) - 1))
      : choice.padding;
    const along = (axis: 0 | 1, extent: number, given: number, before: number, after: number) => {
      const window = { stride: stride[axis], dilation: dilation[axis], before, after };
      let kernel = given;
      const room = kind === 'transposed-conv' ? Number.POSITIVE_INFINITY : extent + before + after;
      while (windowSpan({ ...window, kernel }) > room) kernel--;
      return { ...window, kernel };
    };
    const [h, w] = [along(0, H, choice.KH, top!, bottom!), along(1, W, choice.KW, left!, right!)];
    const [KH, KW] = [h.kernel, w.kernel];
    const slides = { stride: [...stride], padding: [top, left, bottom, right] };
    const plane = (ceilMode: boolean) => ({ OH: outputsAlong(H, h, ceilMode), OW: outputsAlong(W, w, ceilMode) });
    const append1 = (shape: Shape, draft: LayerDraft): Place => append([from], shape, { ...draft, ...slides });
    switch (kind) {
      case 'conv':
      case 'grouped conv': {
        const groups = kind === 'conv' ? 1 : C;
        const [OC, { OH, OW }] = [groups * channels, plane(false)];
        const dimensions = { OC, IC: C, KH, KW, OH, OW };
        // A conv of as many groups as channels is a depthwise one; two outputs of each group are none.
        const unit = groups === C && OC === C && C > 1 ? { unit: 'SA' } : {};
        const more = { dilation: [...dilation], groups, bias, ...unit };
        return append1({ C: OC, H: OH, W: OW }, { op: 'conv', dimensions, ...more });
      }
      case 'depthwise-conv': {
        const { OH, OW } = plane(false);
        const more = { dilation: [...dilation], bias, unit };
        return append1({ C, H: OH, W: OW }, { op: kind, dimensions: { C, KH, KW, OH, OW }, ...more });
      }
      case 'transposed-conv': {
        const outputPadding = [Math.min(1, stride[0] - 1), 0];
        const [OH, OW] = [transposedOutputsAlong(H, h, outputPadding[0]!), transposedOutputsAlong(W, w, 0)];
        // What would leave nothing, or grow beyond what is tiny, is left out.
        if (OH < 1 || OW < 1 || OH * OW > 100) return from;
        const groups = isOther ? C : 1;
        const OC = groups * channels;
        const more = { dilation: [...dilation], groups, outputPadding, bias };
        return append1({ C: OC, H: OH, W: OW }, { op: kind, dimensions: { OC, IC: C, KH, KW, OH, OW }, ...more });
      }
      case 'max-pool':
      case 'avg-pool': {
        const { OH, OW } = plane(isOther);
        const average = kind === 'avg-pool' ? { countIncludePad: bias } : {};
        const more = { dimensions: { C, KH, KW, OH, OW }, ceilMode: isOther, ...average };
        return append1({ C, H: OH, W: OW }, { op: kind, ...more });
      }
    }
  };
  const pointwise = (op: 'relu' | 'batch-norm' | 'tensor-add', ...from: [Place, Place?]): Place =>
    append(from as Place[], from[0].shape, { op, dimensions: from[0].shape });
  const gemm = (from: Place, OC: number, bias: boolean, groups = 1): Place => {
    const { C, H, W } = from.shape;
    return append([from], { C: OC, H: H * W, W: 1 }, { op: 'gemm', dimensions: { OC, IC: C, M: H * W }, groups, bias });
  };
  /** Two heads of `width` channels: queries by keys, which lie transposed, then scores by values, which do not. */
  const attention = (from: Place, width: number): Place => {
    const [G, M] = [2, from.shape.H * from.shape.W];
    const queries = gemm(from, G * width, true);
    const keys = gemm(from, G * width, false);
    const scores = append(
      [queries, keys],
      { C: G * M, H: M, W: 1 },
      {
        op: 'matmul',
        dimensions: { G, M, IC: width, OC: M },
        isSecondTransposed: true,
      },
    );
    const values = gemm(from, G * width, false);
    return append(
      [scores, values],
      { C: G * width, H: M, W: 1 },
      { op: 'matmul', dimensions: { G, M, IC: M, OC: width } },
    );
  };
  const flatten = (from: Place): Place => {
    const { C, H, W } = from.shape;
    return append([from], { C: C * H * W, H: 1, W: 1 }, { op: 'flatten' });
  };
  const globalPool = (from: Place): Place => {
    const { C, H, W } = from.shape;
    return append([from], { C, H: 1, W: 1 }, { op: 'global-avg-pool', dimensions: { C, IH: H, IW: W } });
  };
  const dropout = (from: Place): Place => append([from], from.shape, { op: 'dropout' });
  return { layers, append, windowed, pointwise, gemm, attention, flatten, globalPool, dropout };
}

type LayerList = ReturnType<typeof layerList>;

function extend(list: LayerList, from: Place, choice: Choice): Place {
  const { windowed, pointwise, dropout, attention } = list;
  switch (choice.kind) {
    case 'conv':
    case 'grouped conv':
    case 'depthwise-conv':
    case 'transposed-conv':
    case 'max-pool':
    case 'avg-pool':
      return windowed(from, choice.kind, choice);
    case 'attention':
      return attention(from, choice.channels);
    case 'relu':
    case 'batch-norm':
      return pointwise(choice.kind, from);
    case 'residual': {
      const slides = { stride: [1, 1], dilation: [1, 1], padding: [1, 1, 1, 1] } as const;
      const same = { ...choice, channels: from.shape.C, KH: 3, KW: 3, ...slides };
      const inner = windowed(from, 'conv', same);
      const branch = choice.bias ? inner : pointwise('relu', pointwise('batch-norm', inner));
      // A third path makes a fork of three.
      const direct = choice.stride[0] === 3 ? pointwise('tensor-add', from, pointwise('relu', from)) : from;
      return pointwise('tensor-add', branch, direct);
    }
    case 'x + x':
      return pointwise('tensor-add', from, from);
    case 'dropout':
      return dropout(from);
    case 'second output':
      windowed(from, 'conv', choice);
      return from;
    default:
      return extendFurther(list, from, { ...choice, kind: choice.kind });
  }
}

const FUNCTIONS = [
  { op: 'sigmoid' },
  { op: 'tanh' },
  { op: 'silu' },
  { op: 'gelu' },
  { op: 'hard-sigmoid' },
  { op: 'hard-swish' },
  { op: 'clip', min: -0.3, max: 0.4 },
  { op: 'clip', min: -0.3 },
  { op: 'clip', max: 0.4 },
  { op: 'clip' },
  { op: 'leaky-relu', alpha: 0.2 },
] as const;
const ARITHMETIC = ['tensor-add', 'tensor-sub', 'tensor-mul', 'tensor-div'] as const;

function extendFurther(
  { append, windowed, pointwise, globalPool }: LayerList,
  from: Place,
  choice: Omit<Choice, 'kind'> & { readonly kind: (typeof MORE_KINDS)[number] },
): Place {
  const { shape } = from;
  const { C, H, W } = shape;
  const { bias, isOther, KH, KW, channels, stride, padding } = choice;
  /** A number from the choice's, which are drawn for other things. */
  const pick = <Of>(list: readonly Of[]): Of =>
    list[(KH + 3 * KW + 5 * channels + 7 * stride[0] + 11 * padding[0] + Number(isOther)) % list.length]!;
  const like = (draft: LayerDraft, ...more: Place[]): Place =>
    append([from, ...more], shape, { dimensions: shape, ...draft });
  const arithmetic = pick(ARITHMETIC);
  switch (choice.kind) {
    case 'depthwise-conv on the SIMD array':
      return windowed(from, 'depthwise-conv', choice, 'SIMD');
    case 'function':
      return like(pick(FUNCTIONS));
    case 'prelu':
      return like({ op: 'prelu' });
    case 'scalar':
      return like({ op: arithmetic, scalar: bias ? -1.5 : 0.75 });
    case 'two tensors': {
      // Between ¼ and ¾, so that nothing is divided by zero.
      const second = like({ op: 'sigmoid' });
      const [op, isSquare] = [arithmetic, isOther && arithmetic !== 'tensor-div'];
      return isSquare ? pointwise(op as 'tensor-add', from, from) : like({ op }, second);
    }
    case 'squeeze and excite': {
      const squeezed = globalPool(from);
      const factor = append([squeezed], squeezed.shape, { op: 'sigmoid', dimensions: squeezed.shape });
      return like({ op: arithmetic }, factor);
    }
    case 'parameter':
    case 'parameter per channel': {
      const own = choice.kind === 'parameter' ? shape : { C, H: 1, W: 1 };
      const parameter = append([], own, { op: 'parameter', dimensions: own });
      return like({ op: arithmetic === 'tensor-div' ? 'tensor-mul' : arithmetic }, parameter);
    }
    case 'class token': {
      const own = { C, H: 1, W };
      const token = append([], own, { op: 'parameter', dimensions: own });
      const joined = { C, H: H + 1, W };
      return append([token, from], joined, { op: 'concat', dimensions: joined, axis: 'H' });
    }
    case 'layer-norm':
      return like({ op: 'layer-norm', isAffine: bias });
    case 'softmax':
      return like({ op: 'softmax', groups: isOther ? C : 1 });
    case 'reduce-mean':
      return append([from], { ...shape, C: 1 }, { op: 'reduce-mean', dimensions: shape });
    case 'upsample': {
      const [OH, OW] = [H * stride[0], W * Math.min(stride[1], 2)];
      if (OH * OW > 100) return from;
      const dimensions = { C, IH: H, IW: W, OH, OW };
      return append([from], { C, H: OH, W: OW }, { op: 'upsample', dimensions, mode: bias ? 'nearest' : 'bilinear' });
    }
    case 'transpose': {
      const order = pick([undefined, ['H', 'W', 'C'], ['W', 'C', 'H'], ['C', 'W', 'H']] as const);
      const [c, h, w] = order ?? (['C', 'H', 'W'] as const);
      const turned = { C: shape[c], H: shape[h], W: shape[w] };
      return append([from], turned, { op: 'transpose', dimensions: turned, ...(order && { order: [...order] }) });
    }
    case 'channel-shuffle':
      return like({ op: 'channel-shuffle', groups: isOther ? C : 1 });
    case 'concat': {
      const axis = pick(['C', 'H', 'W'] as const);
      const branch = like({ op: 'tanh' });
      const joined = { ...shape, [axis]: 2 * shape[axis] };
      if (joined.C * joined.H * joined.W > 150) return from;
      return append([from, branch], joined, { op: 'concat', dimensions: joined, axis });
    }
    case 'slice': {
      const start = { H: Math.min(padding[0], H - 1) };
      const step = { W: stride[1] };
      const cut = { C, H: H - start.H, W: Math.floor((W - 1) / step.W) + 1 };
      return append([from], cut, { op: 'slice', dimensions: cut, start, step });
    }
    case 'split': {
      // Halves along an axis, of which one goes through a function, change places.
      const axis = pick(['C', 'H', 'W'] as const);
      const size = shape[axis];
      if (size < 2) return from;
      const first = Math.floor(size / 2);
      const [a, b] = [
        { ...shape, [axis]: first },
        { ...shape, [axis]: size - first },
      ];
      const front = append([from], a, { op: 'slice', dimensions: a });
      const back = append([from], b, { op: 'slice', dimensions: b, start: { [axis]: first } });
      const changed = append([back], b, { op: 'tanh', dimensions: b });
      return append([changed, front], shape, { op: 'concat', dimensions: shape, axis });
    }
    case 'pad': {
      const [top, left, bottom, right] = padding;
      const padded = { C, H: H + top + bottom, W: W + left + right };
      return append([from], padded, { op: 'pad', dimensions: padded, padding: [...padding] });
    }
    case 'reshape': {
      const reshaped = { C: W, H: C, W: H };
      return append([from], reshaped, { op: 'reshape', dimensions: reshaped });
    }
  }
}

function finish(list: LayerList, from: Place, ending: (typeof ENDINGS)[number]): void {
  const { gemm, flatten, globalPool, pointwise } = list;
  switch (ending) {
    case 'as it is':
      if (list.layers.length === 0) gemm(from, 2, true);
      return;
    case 'flatten, gemm':
      gemm(pointwise('relu', gemm(flatten(from), 3, true)), 2, false);
      return;
    case 'gemm':
      gemm(from, 2, true);
      return;
    case 'global-avg-pool, flatten, gemm':
      gemm(flatten(globalPool(from)), 3, true);
      return;
    case 'gemm, flatten, gemm':
      gemm(flatten(gemm(from, 2, true)), 2, false);
  }
}

const networksOf = (kinds: fc.Arbitrary<Choice['kind']>): fc.Arbitrary<Graph> =>
  fc
    .record({
      input: fc.record({
        C: fc.integer({ min: 1, max: 3 }),
        H: fc.integer({ min: 1, max: 7 }),
        W: fc.integer({ min: 1, max: 7 }),
      }),
      choices: fc.array(choicesOf(kinds), { minLength: 0, maxLength: 6 }),
      ending: fc.constantFrom(...ENDINGS),
    })
    .map(({ input, choices, ending }) => {
      const list = layerList();
      const start: Place = { name: 'input', shape: input };
      finish(
        list,
        choices.reduce((from, choice) => extend(list, from, choice), start),
        ending,
      );
      const file = 'random.json';
      return buildGraph(parseWorkload({ name: 'random', input, layers: list.layers }, file), file);
    });

/** Networks of up to about ten layers on images of up to 3×7×7, of the paper's operations. */
export const networks = networksOf(PAPER_KINDS);

/** The same of all operations that have a gradient. */
export const networksOfAll = networksOf(ALL_KINDS);

function parameterShapes({ layer, outputShape }: GraphNode): [name: string, shape: Shape4][] {
  const { name } = layer;
  const perChannel = vector(outputShape.C);
  const withBias = (weights: Shape4, bias: boolean): [string, Shape4][] => [
    [`${name}.W`, weights],
    ...(bias ? [[`${name}.bias`, perChannel] as [string, Shape4]] : []),
  ];
  switch (layer.op) {
    case 'conv': {
      const { OC, IC, KH, KW } = layer.dimensions;
      return withBias({ n: OC, h: KH, w: KW, c: IC / (layer.groups ?? 1) }, layer.bias);
    }
    case 'depthwise-conv': {
      const { C, KH, KW } = layer.dimensions;
      return withBias({ n: C, h: KH, w: KW, c: 1 }, layer.bias);
    }
    case 'transposed-conv': {
      const { OC, IC, KH, KW } = layer.dimensions;
      return withBias({ n: IC, h: KH, w: KW, c: OC / (layer.groups ?? 1) }, layer.bias);
    }
    case 'gemm': {
      const { OC, IC } = layer.dimensions;
      return withBias({ n: IC / (layer.groups ?? 1), h: 1, w: 1, c: OC }, layer.bias);
    }
    case 'prelu':
      return [[`${name}.alpha`, perChannel]];
    case 'parameter': {
      const { C, H, W } = outputShape;
      return [[name, { n: 1, h: H, w: W, c: C }]];
    }
    case 'layer-norm':
    case 'batch-norm':
      if (layer.op === 'layer-norm' && layer.isAffine === false) return [];
      return [
        [`${name}.gamma`, perChannel],
        [`${name}.beta`, perChannel],
      ];
    default:
      return [];
  }
}

/** What a training iteration starts from. */
export interface TrainingData {
  readonly batch: number;
  readonly input: Tensor;
  readonly parameters: Map<string, Tensor>;
  /** Gradients of the network's outputs, by layer. */
  readonly cotangents: Map<string, Tensor>;
}

/** Random data between −1 and 1; γ between 0.5 and 1.5. */
export function randomData(graph: Graph, batch: number, seed: string): TrainingData {
  const random = seedrandom.alea(seed);
  const fill = (shape: Shape4, middle = 0, reach = 1): Tensor =>
    tensorOf(shape, () => middle + reach * (2 * random() - 1));
  const images = ({ C, H, W }: Shape): Tensor => fill({ n: batch, h: H, w: W, c: C });
  const reader = graph.nodes.find(({ producers }) => producers.includes(undefined))!;
  const isRead = new Set(graph.nodes.flatMap(({ layer }) => layer.inputs));
  return {
    batch,
    input: images(reader.inputShapes[reader.producers.indexOf(undefined)]!),
    parameters: new Map(
      graph.nodes
        .flatMap(parameterShapes)
        .map(([name, shape]) => [name, name.endsWith('.gamma') ? fill(shape, 1, 0.5) : fill(shape)]),
    ),
    cotangents: new Map(
      graph.nodes
        .filter(({ layer }) => !isRead.has(layer.name))
        .map(({ layer, outputShape }) => [layer.name, images(outputShape)]),
    ),
  };
}
