import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { GraphProtoSchema, ModelProtoSchema } from 'onnx-buf';
import { describe, expect, it } from 'vitest';
import { sourceOfBytes } from '../../src/model/importers/byteSource.ts';
import { importOnnx } from '../../src/model/importers/onnx/importOnnx.ts';
import { exportedGraph, importModel, node, onnxBytes, sparseSource } from '../support/onnx.ts';

/** A protobuf length or tag. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return [...bytes, rest];
}
const field = (number: number, length: number): number[] => [...varint(number * 8 + 2), ...varint(length)];
const text = (number: number, value: string): number[] => [
  ...field(number, value.length),
  ...new TextEncoder().encode(value),
];

/** A graph that is to get weights, and the model around it. */
const model = fromBinary(
  ModelProtoSchema,
  onnxBytes({ nodes: [node('Conv', ['x', 'w', 'b'])], inputs: { x: [1, 1024, 8, 8] } }),
);
const graph = toBinary(GraphProtoSchema, model.graph!);
delete model.graph;
const head = toBinary(ModelProtoSchema, model);

/**
 * A model with weights inside, of which only the beginnings are there: a tensor of `bytes` raw bytes between the nodes
 * and a small one behind it. What is not there reads as zeros.
 */
function modelWithWeights(bytes: number) {
  const [OC, IC] = [bytes / 4 / 1024, 1024];
  // TensorProto: dims 1, type 2, name 8, raw data 9.
  const weight = [
    ...[OC, IC, 1, 1].flatMap((dim) => [8, ...varint(dim)]),
    ...[16, 1],
    ...text(8, 'w'),
    ...field(9, bytes),
  ];
  const bias = [...[8, ...varint(OC)], 16, 1, ...text(8, 'b'), ...field(9, 4 * OC)];
  const weights = [...field(5, weight.length + bytes), ...weight];
  const small = [...field(5, bias.length + 4 * OC), ...bias];
  // The graph is field 7 of the model.
  const length = graph.length + weights.length + bytes + small.length + 4 * OC;
  const before = [...head, ...field(7, length), ...graph, ...weights];
  const smallAt = before.length + bytes;
  return sparseSource(smallAt + small.length + 4 * OC, [
    { at: 0, bytes: Uint8Array.from(before) },
    { at: smallAt, bytes: Uint8Array.from(small) },
  ]);
}

describe('weights inside of a model', () => {
  it.each([
    ['100 MB', 100 * 1024 * 1024],
    ['2 GB', 2 * 1024 ** 3],
    ['9 GB', 9 * 1024 ** 3],
  ])('of %s are not read', (_, bytes) => {
    const { source, counted } = modelWithWeights(bytes);
    const network = importOnnx(source, 'large.onnx', 'large');
    const OC = bytes / 4096;
    expect(network.workload.layers).toMatchObject([{ op: 'conv', dimensions: { OC, IC: 1024 }, bias: true }]);
    expect(network.workload.parameters).toBe(OC * 1024 + OC);
    expect(source.size).toBeGreaterThan(bytes);
    expect(counted.bytesRead).toBeLessThan(500_000);
  });

  it('of the exported LeNet-5 make no difference', () => {
    const bytes = exportedGraph('lenet5');
    const { source, counted } = sparseSource(bytes.length, [{ at: 0, bytes }]);
    const network = importOnnx(source, 'lenet5.onnx', 'lenet5');
    expect(network.workload).toEqual(importOnnx(sourceOfBytes(bytes), 'lenet5.onnx', 'lenet5').workload);
    expect(network.workload.parameters).toBe(51_902);
    expect(counted.largestRead).toBeLessThanOrEqual(65_536);
  });
});

describe('a file that is none', () => {
  const good = onnxBytes({ nodes: [node('Relu', ['x'])] });
  const broken: [string, Uint8Array, string][] = [
    ['ends in the middle', good.subarray(0, good.length - 3), 'beyond what holds it'],
    ['has an endless number', Uint8Array.from({ length: 12 }, () => 0xff), 'a number of more than ten bytes'],
    ['has a field 0', Uint8Array.from([0, 1]), 'byte 0: expected an ONNX model as protobuf, but found field number 0'],
    ['has a wire type that there is not', Uint8Array.from([0x0f]), 'wire type 7'],
    ['is text', new TextEncoder().encode('hello, world'), 'expected an ONNX model as protobuf'],
  ];
  it.each(broken)('%s', (_, bytes, message) => {
    expect(() => importOnnx(sourceOfBytes(bytes), 'x.onnx', 'x')).toThrow(message);
  });

  it('has graphs in graphs without end', () => {
    // Attribute 6 of node 5 of graph 1, and again: each level adds a few bytes, and 5000 more so that it is looked into.
    let graph: number[] = [...field(10, 5000), ...new Array<number>(5000).fill(65)];
    for (let depth = 0; depth < 40; depth++) {
      for (const number of [6, 5, 1]) graph = [...field(number, graph.length), ...graph];
    }
    const bytes = Uint8Array.from([...field(7, graph.length), ...graph]);
    expect(() => importOnnx(sourceOfBytes(bytes), 'x.onnx', 'x')).toThrow('messages 32 deep');
  });
});

describe('a model that contradicts itself', () => {
  const wrong: [string, Parameters<typeof importModel>[0], string][] = [
    [
      'with an input that nobody gives',
      { nodes: [node('Relu', ['z'])] },
      'built.onnx: z: expected a tensor that the graph, a node or an initializer gives',
    ],
    [
      'that runs in a circle',
      { nodes: [node('Add', ['x', 'y'], {}, 'a'), node('Relu', ['a'])] },
      'expected a node that does not depend on itself',
    ],
    [
      'with sizes that the exporter has written otherwise',
      { nodes: [node('Relu', ['x'])], outputs: { y: [1, 3, 8, 9] } },
      'built.onnx: y: got [1,3,8,9], expected [1, 3, 8, 8]',
    ],
    [
      'with sizes in between that are written otherwise',
      { nodes: [node('Relu', ['x'], {}, 'a'), node('Sigmoid', ['a'])], valueInfo: { a: ['N', 4, 8, 8] } },
      'built.onnx: a: got ["N",4,8,8], expected [1, 3, 8, 8]',
    ],
    [
      'with weights for other channels',
      { nodes: [node('Conv', ['x', 'w'])], constants: { w: [4, 5, 3, 3] } },
      'n_y: weight: got [4,5,3,3], expected 3 input channels in 1 groups, as the input is 3×8×8',
    ],
    [
      'with a window larger than the image',
      { nodes: [node('MaxPool', ['x'], { kernel_shape: [9, 9] })] },
      'n_y: expected a window that is not larger than the padded input',
    ],
    [
      'with rows and columns that are not fixed',
      { nodes: [node('Relu', ['x'])], inputs: { x: ['N', 3, 'height', 'width'] } },
      'x: got ["N",3,"height","width"], expected fixed sizes (the batch alone may be a symbol)',
    ],
    [
      'with two inputs',
      { nodes: [node('Add', ['x', 'z'])], inputs: { x: [1, 3, 8, 8], z: [1, 3, 8, 8] } },
      'graph.input: got ["x","z"], expected one input that nodes read',
    ],
    ['that does nothing', { nodes: [node('Identity', ['x'])] }, 'graph.node: expected a node that computes something'],
  ];
  it.each(wrong)('%s is refused with one clear message', (_, draft, message) => {
    expect(() => importModel(draft)).toThrow(message);
  });

  it('is read though its nodes are not in order', () => {
    const nodes = [node('Relu', ['a']), node('Sigmoid', ['x'], {}, 'a')];
    expect(importModel({ nodes }).workload.layers.map(({ op }) => op)).toEqual(['sigmoid', 'relu']);
  });

  it('is read without the nodes on which no output depends', () => {
    const nodes = [node('NonZero', ['x'], {}, 'unused'), node('Relu', ['x'])];
    expect(importModel({ nodes }).workload.layers.map(({ op }) => op)).toEqual(['relu']);
  });
});

describe('what cannot be imported', () => {
  it('is named by what of an operator is not supported, and all of it', () => {
    const draft = {
      nodes: [
        node('MaxPool', ['x'], { kernel_shape: [2, 2], dilations: [2, 2] }, 'a'),
        node('MaxPool', ['a'], { kernel_shape: [2, 2], dilations: [2, 2] }, 'b'),
        node('Pad', ['x', 'p'], { mode: 'reflect' }, 'c'),
        node('Gelus', ['x'], {}, 'd'),
        { op: 'Sum', inputs: ['b', 'c', 'd'], outputs: ['y'], attributes: {} },
      ],
      constants: { p: { dims: [8], values: [0, 0, 1, 1, 0, 0, 1, 1] } },
    };
    // The second pool reads what is refused, so that nothing of its window is known.
    expect(() => importModel(draft)).toThrow(
      'built.onnx: expected only operators that can be imported; these cannot: 1 × MaxPool with dilations (first: n_a), 1 × Pad in mode reflect (first: n_c), 1 × Gelus (first: n_d; Gelu can be)',
    );
  });
});
