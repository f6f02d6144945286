import { describe, expect, it } from 'vitest';
import { importSummary } from '../../src/views/report/importSummary.ts';
import { importExported, type Truth, truthOf } from '../support/onnx.ts';
import { graphPreset } from '../support/presets.ts';

const GRAPHS = [
  'densenet121',
  'efficientnet_b0',
  'googlenet',
  'lenet5',
  'mobilenet_v2',
  'resnet34',
  'resnext50_32x4d',
  'squeezenet1_1',
  'unet_small',
  'vgg16_bn',
];
/** Training graphs, and the network whose modules they are. */
const TRAINING_GRAPHS = [
  ['mobilenet_v2-train', 'mobilenet_v2'],
  ['unet_small-train', 'unet_small'],
] as const;

/** What each of torch's modules is here. */
const MODULES: Readonly<Record<string, readonly string[]>> = {
  Conv2d: ['conv', 'depthwise-conv'],
  ConvTranspose2d: ['transposed-conv'],
  Linear: ['gemm'],
  BatchNorm2d: ['batch-norm'],
  ReLU: ['relu'],
  ReLU6: ['clip'],
  SiLU: ['silu'],
  Sigmoid: ['sigmoid'],
  Tanh: ['tanh'],
  LeakyReLU: ['leaky-relu'],
  Softmax: ['softmax'],
  MaxPool2d: ['max-pool'],
  AvgPool2d: ['avg-pool'],
  AdaptiveAvgPool2d: ['global-avg-pool'],
};
const WITH_WORK = ['Conv2d', 'ConvTranspose2d', 'Linear'];

/** Modules that leave a tensor of this size as it is are not in the graph. */
const isIdentity = ({ op, inShape, outShape }: Truth['layers'][number]): boolean =>
  op === 'AdaptiveAvgPool2d' && JSON.stringify(inShape) === JSON.stringify([outShape]);

const outputsOf = (summary: ReturnType<typeof importSummary>, ops: readonly string[]) =>
  summary.layers.filter(({ op }) => ops.includes(op)).map(({ outputShape }) => outputShape);

/** The functions that networks call without a module: how many more there are than modules. */
const FUNCTIONAL: Readonly<Record<string, number>> = {
  'densenet121 ReLU': 1,
  'googlenet ReLU': 57,
  'densenet121 AdaptiveAvgPool2d': 1,
  'mobilenet_v2 AdaptiveAvgPool2d': 1,
};

function expectModules(name: string, summary: ReturnType<typeof importSummary>, kinds: readonly string[]): void {
  const truth = truthOf(name);
  for (const kind of kinds) {
    const expected = truth.layers.filter((layer) => layer.op === kind && !isIdentity(layer));
    const found = outputsOf(summary, MODULES[kind]!);
    expect(found.length - expected.length, kind).toBe(FUNCTIONAL[`${name} ${kind}`] ?? 0);
    // The functions come last in these networks, or there are no modules at all.
    if (expected.length > 0) expect(found.slice(0, expected.length)).toEqual(expected.map(({ outShape }) => outShape));
  }
}

function expectWork(name: string, summary: ReturnType<typeof importSummary>): void {
  const truth = truthOf(name).layers.filter(({ op }) => WITH_WORK.includes(op));
  const ops = WITH_WORK.flatMap((kind) => MODULES[kind]!);
  const found = summary.layers.filter(({ op }) => ops.includes(op));
  expect(found.map(({ macs }) => macs)).toEqual(truth.map(({ macs }) => macs));
}

describe('an exported network has the parameters, MACs and shapes that torch says', () => {
  it.each(GRAPHS)('%s', (name) => {
    const [summary, truth] = [importSummary(importExported(name)), truthOf(name)];
    expect(summary.parameters).toBe(truth.onnxParameters);
    expect(summary.macs).toBe(truth.macs);
    expectWork(name, summary);
    // Folded graphs have only those batch norms that no conv precedes.
    expectModules(
      name,
      summary,
      Object.keys(MODULES).filter((kind) => kind !== 'BatchNorm2d'),
    );
  });

  it.each(TRAINING_GRAPHS)('%s, with all its batch norms', (graph, name) => {
    const summary = importSummary(importExported(graph));
    expect(summary.macs).toBe(truthOf(name).macs);
    expectWork(name, summary);
    expectModules(name, summary, Object.keys(MODULES));
  });

  it.each(GRAPHS)('%s: kernels, strides, paddings, dilations, groups and biases of its convolutions', (name) => {
    const pair = (value: unknown): unknown => (typeof value === 'number' ? [value, value] : value);
    const convs = importExported(name).workload.layers.flatMap((layer) => {
      if (layer.op !== 'conv' && layer.op !== 'depthwise-conv') return [];
      const { KH, KW } = layer.dimensions;
      const groups = layer.op === 'depthwise-conv' ? layer.dimensions.C : (layer.groups ?? 1);
      return [
        {
          kernel: [KH, KW],
          stride: pair(layer.stride),
          padding: pair(layer.padding),
          dilation: pair(layer.dilation ?? 1),
          groups,
        },
      ];
    });
    const expected = truthOf(name)
      .layers.filter(({ op }) => op === 'Conv2d')
      .map(({ kernel, stride, padding, dilation, groups }) => ({ kernel, stride, padding, dilation, groups }));
    expect(convs).toEqual(expected);
  });
});

describe('a training graph', () => {
  it('of ResNet-18 is the preset, layer for layer', () => {
    const layersOf = ({ nodes }: ReturnType<typeof graphPreset>) =>
      nodes.map(({ layer: { name, inputs, ...layer }, producers, outputShape }) => ({
        ...layer,
        outputShape,
        producers: producers.map((producer) => (producer === undefined ? -1 : nodes.indexOf(producer))),
      }));
    expect(layersOf(importExported('resnet18-train').graph)).toEqual(layersOf(graphPreset('resnet18')));
  });
});
