/** Tiny random networks, built through the workload parser as a user's file is, and random data for them. */
import fc from 'fast-check';
import seedrandom from 'seedrandom';
import { parseWorkload } from '../../src/model/schemas/workload.ts';
import { buildGraph, type Graph, type GraphNode, type Shape, windowOutputs } from '../../src/model/workload/graph.ts';
import { type Shape4, type Tensor, tensorOf, vector } from './tensor.ts';

const KINDS = [
  'conv',
  'relu',
  'batch-norm',
  'max-pool',
  'avg-pool',
  'residual',
  'x + x',
  'dropout',
  'second output',
] as const;

/** How a network ends: as it is, or with gemms on all pixels, on each position or on the pooled image. */
const ENDINGS = ['as it is', 'flatten, gemm', 'gemm', 'global-avg-pool, flatten, gemm', 'gemm, flatten, gemm'] as const;

/** One step in the making of a network; its numbers are cut to what the tensor at hand allows. */
interface Choice {
  readonly kind: (typeof KINDS)[number];
  readonly channels: number;
  readonly KH: number;
  readonly KW: number;
  readonly stride: number;
  readonly padding: number;
  readonly bias: boolean;
}

const choices: fc.Arbitrary<Choice> = fc.record({
  kind: fc.oneof(
    { weight: 2, arbitrary: fc.constant('conv' as const) },
    { weight: 5, arbitrary: fc.constantFrom(...KINDS) },
  ),
  channels: fc.integer({ min: 1, max: 3 }),
  KH: fc.integer({ min: 1, max: 3 }),
  KW: fc.integer({ min: 1, max: 3 }),
  stride: fc.integer({ min: 1, max: 3 }),
  padding: fc.integer({ min: 0, max: 2 }),
  bias: fc.boolean(),
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
  const windowed = (
    from: Place,
    op: 'conv' | 'max-pool' | 'avg-pool',
    { channels, bias, stride, ...choice }: Choice,
  ): Place => {
    const { C, H, W } = from.shape;
    // A pool's window always covers some of the image.
    const padding = op === 'conv' ? choice.padding : Math.min(choice.padding, choice.KH - 1, choice.KW - 1);
    const [KH, KW] = [Math.min(choice.KH, H + 2 * padding), Math.min(choice.KW, W + 2 * padding)];
    const [OH, OW] = [windowOutputs(H, KH, stride, padding), windowOutputs(W, KW, stride, padding)];
    const dimensions = op === 'conv' ? { OC: channels, IC: C, KH, KW, OH, OW } : { C, KH, KW, OH, OW };
    const shape = { C: op === 'conv' ? channels : C, H: OH, W: OW };
    return append([from], shape, { op, dimensions, stride, padding, ...(op === 'conv' ? { bias } : {}) });
  };
  const pointwise = (op: 'relu' | 'batch-norm' | 'tensor-add', ...from: [Place, Place?]): Place =>
    append(from as Place[], from[0].shape, { op, dimensions: from[0].shape });
  const gemm = (from: Place, OC: number, bias: boolean): Place => {
    const { C, H, W } = from.shape;
    return append([from], { C: OC, H: H * W, W: 1 }, { op: 'gemm', dimensions: { OC, IC: C, M: H * W }, bias });
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
  return { layers, windowed, pointwise, gemm, flatten, globalPool, dropout };
}

type LayerList = ReturnType<typeof layerList>;

function extend(list: LayerList, from: Place, choice: Choice): Place {
  const { windowed, pointwise, dropout } = list;
  switch (choice.kind) {
    case 'conv':
    case 'max-pool':
    case 'avg-pool':
      return windowed(from, choice.kind, choice);
    case 'relu':
    case 'batch-norm':
      return pointwise(choice.kind, from);
    case 'residual': {
      const same = { ...choice, channels: from.shape.C, KH: 3, KW: 3, stride: 1, padding: 1 };
      const inner = windowed(from, 'conv', same);
      const branch = choice.bias ? inner : pointwise('relu', pointwise('batch-norm', inner));
      // A third path makes a fork of three.
      const direct = choice.stride === 3 ? pointwise('tensor-add', from, pointwise('relu', from)) : from;
      return pointwise('tensor-add', branch, direct);
    }
    case 'x + x':
      return pointwise('tensor-add', from, from);
    case 'dropout':
      return dropout(from);
    case 'second output':
      windowed(from, 'conv', choice);
      return from;
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

/** Networks of up to about ten layers on images of up to 3×7×7. */
export const networks: fc.Arbitrary<Graph> = fc
  .record({
    input: fc.record({
      C: fc.integer({ min: 1, max: 3 }),
      H: fc.integer({ min: 1, max: 7 }),
      W: fc.integer({ min: 1, max: 7 }),
    }),
    choices: fc.array(choices, { minLength: 0, maxLength: 6 }),
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

function parameterShapes({ layer, outputShape }: GraphNode): [name: string, shape: Shape4][] {
  const { name } = layer;
  const perChannel = vector(outputShape.C);
  switch (layer.op) {
    case 'conv':
    case 'gemm': {
      const { OC, IC } = layer.dimensions;
      const weights =
        layer.op === 'conv'
          ? { n: OC, h: layer.dimensions.KH, w: layer.dimensions.KW, c: IC }
          : { n: IC, h: 1, w: 1, c: OC };
      return [[`${name}.W`, weights], ...(layer.bias ? [[`${name}.bias`, perChannel] as [string, Shape4]] : [])];
    }
    case 'batch-norm':
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
