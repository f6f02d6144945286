import { describe, expect, it } from 'vitest';
import {
  attentionModel,
  f,
  importModel,
  ints,
  MOBILE_MODEL,
  type ModelDraft,
  type NodeDraft,
  node,
  ROWS_MODEL,
} from '../support/onnx.ts';

type Layer = ReturnType<typeof importModel>['workload']['layers'][number];

const layersOf = (draft: ModelDraft): readonly Layer[] => importModel(draft).workload.layers;
const opsOf = (draft: ModelDraft): string[] => layersOf(draft).map(({ op }) => op);

describe('a convolution', () => {
  it('is depthwise where it has as many groups as channels', () => {
    const nodes = [node('Conv', ['x', 'w'], { group: 3, pads: [1, 1, 1, 1] })];
    expect(layersOf({ nodes, constants: { w: [3, 1, 3, 3] } })).toMatchObject([
      { op: 'depthwise-conv', dimensions: { C: 3, KH: 3, KW: 3, OH: 8, OW: 8 }, padding: 1, bias: false },
    ]);
  });

  it('of three groups that each make two channels runs on the array', () => {
    const nodes = [node('Conv', ['x', 'w'], { group: 3 })];
    expect(layersOf({ nodes, constants: { w: [6, 1, 1, 1] } })).toMatchObject([{ op: 'conv', groups: 3 }]);
  });

  it('of one channel is none of a depth', () => {
    const nodes = [node('Conv', ['x', 'w'], { group: 1 })];
    const draft = { nodes, constants: { w: [1, 1, 3, 3] }, inputs: { x: [1, 1, 8, 8] } };
    expect(opsOf(draft)).toEqual(['conv']);
  });

  it('takes its bias through Identity', () => {
    const nodes = [
      node('Identity', ['b'], {}, 'b1'),
      node('Identity', ['b1'], {}, 'b2'),
      node('Conv', ['x', 'w', 'b2'], {}),
    ];
    const network = importModel({ nodes, constants: { w: [4, 3, 1, 1], b: [4] } });
    expect(network.workload.layers).toMatchObject([{ op: 'conv', bias: true }]);
    expect(network.workload.parameters).toBe(4 * 3 + 4);
  });

  it('pads to the same size, an odd zero at the end or at the beginning', () => {
    // ⌈8/2⌉ = 4 outputs need 3·2 + 3 = 9 rows: one zero.
    const same = (auto_pad: string) =>
      layersOf({ nodes: [node('Conv', ['x', 'w'], { auto_pad, strides: [2, 2] })], constants: { w: [4, 3, 3, 3] } });
    expect(same('SAME_UPPER')).toMatchObject([{ dimensions: { OH: 4, OW: 4 }, padding: [0, 0, 1, 1] }]);
    expect(same('SAME_LOWER')).toMatchObject([{ dimensions: { OH: 4, OW: 4 }, padding: [1, 1, 0, 0] }]);
  });

  it('of rows slides over the rows alone', () => {
    const nodes = [node('Conv', ['x', 'w'], { pads: [1, 2], dilations: [2] })];
    // (10 + 3 − ((3 − 1)·2 + 1)) + 1 = 9 rows.
    expect(layersOf({ nodes, constants: { w: [4, 3, 3] }, inputs: { x: [1, 3, 10] } })).toMatchObject([
      { dimensions: { OC: 4, IC: 3, KH: 3, KW: 1, OH: 9, OW: 1 }, padding: [1, 0, 2, 0], dilation: [2, 1] },
    ]);
  });

  it('takes the zeros of a Pad before it', () => {
    const nodes = [node('Pad', ['x', 'p'], {}, 'padded'), node('Conv', ['padded', 'w'], { pads: [0, 1, 0, 1] })];
    const constants = { p: ints(0, 0, 1, 0, 0, 0, 2, 0), w: [4, 3, 3, 3] };
    expect(layersOf({ nodes, constants })).toMatchObject([
      { op: 'conv', padding: [1, 1, 2, 1], dimensions: { OH: 9, OW: 8 } },
    ]);
  });

  it('transposed knows its output padding', () => {
    const nodes = [
      node('ConvTranspose', ['x', 'w', 'b'], { strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 1], group: 3 }),
    ];
    // (8 − 1)·2 − 2 + 3 + 1 = 16.
    expect(layersOf({ nodes, constants: { w: [3, 2, 3, 3], b: [6] } })).toMatchObject([
      { op: 'transposed-conv', dimensions: { OC: 6, IC: 3, OH: 16, OW: 16 }, outputPadding: 1, groups: 3, bias: true },
    ]);
  });
});

describe('a clip', () => {
  it('takes its bounds from Constant nodes, from initializers, or from attributes', () => {
    const constant = (name: string, value: number): NodeDraft => ({
      op: 'Constant',
      inputs: [],
      outputs: [name],
      attributes: { value_float: { f: value } },
    });
    const clip = { op: 'clip', min: 0, max: 6 };
    expect(
      layersOf({ nodes: [constant('low', 0), constant('high', 6), node('Clip', ['x', 'low', 'high'])] }),
    ).toMatchObject([clip]);
    expect(
      layersOf({ nodes: [node('Clip', ['x', 'low', 'high'])], constants: { low: f(0), high: f(6) } }),
    ).toMatchObject([clip]);
    expect(layersOf({ nodes: [node('Clip', ['x'], { min: { f: 0 }, max: { f: 6 } })], opset: 6 })).toMatchObject([
      clip,
    ]);
  });

  it('has no bound where it is infinite or left out', () => {
    const nodes = [node('Clip', ['x', '', 'high'], {}, 'same'), node('Clip', ['same', 'low'])];
    const constants = { high: f(Number.POSITIVE_INFINITY), low: f(0) };
    const [layer, ...others] = layersOf({ nodes, constants });
    expect(others).toEqual([]);
    expect(layer).toMatchObject({ op: 'clip', inputs: ['input'], min: 0 });
    expect(layer).not.toHaveProperty('max');
  });
});

describe('a pool', () => {
  const average = (attributes: NodeDraft['attributes']) => node('AveragePool', ['x'], attributes);

  it('of one element is nothing', () => {
    const nodes = [
      node('AveragePool', ['x'], { kernel_shape: [1, 1], strides: [1, 1] }, 'same'),
      node('Relu', ['same']),
    ];
    expect(layersOf({ nodes })).toMatchObject([{ op: 'relu', inputs: ['input'] }]);
  });

  it('of one element that takes every second is a pool', () => {
    expect(layersOf({ nodes: [average({ kernel_shape: [1, 1], strides: [2, 2] })] })).toMatchObject([
      { op: 'avg-pool', dimensions: { OH: 4, OW: 4 } },
    ]);
  });

  it('counts the zeros of a Pad before it', () => {
    const nodes = [
      node('Pad', ['x', 'p'], {}, 'padded'),
      node('AveragePool', ['padded'], { kernel_shape: [3, 3], strides: [2, 2] }),
    ];
    const [layer] = layersOf({ nodes, constants: { p: ints(0, 0, 1, 1, 0, 0, 1, 1) } });
    // ⌊(8 + 2 − 3)/2⌋ + 1 = 4.
    expect(layer).toMatchObject({ op: 'avg-pool', padding: 1, dimensions: { OH: 4, OW: 4 } });
    expect(layer).not.toHaveProperty('countIncludePad');
  });

  it('leaves a Pad alone whose zeros are not those that it counts', () => {
    const nodes = [
      node('Pad', ['x', 'p'], {}, 'padded'),
      node('AveragePool', ['padded'], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }),
    ];
    expect(layersOf({ nodes, constants: { p: ints(0, 0, 1, 1, 0, 0, 1, 1) } })).toMatchObject([
      { op: 'pad', padding: [1, 1, 1, 1] },
      { op: 'avg-pool', padding: 1, countIncludePad: false },
    ]);
  });

  it('of maxima leaves a Pad alone, whose zeros may be the largest', () => {
    const nodes = [
      node('Pad', ['x', 'p'], {}, 'padded'),
      node('MaxPool', ['padded'], { kernel_shape: [3, 3], strides: [2, 2] }),
    ];
    expect(opsOf({ nodes, constants: { p: ints(0, 0, 1, 1, 0, 0, 1, 1) } })).toEqual(['pad', 'max-pool']);
  });

  it('leaves its own padding out of the average unless it says so', () => {
    const attributes = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };
    expect(layersOf({ nodes: [average(attributes)] })).toMatchObject([{ countIncludePad: false }]);
    const [counting] = layersOf({ nodes: [average({ ...attributes, count_include_pad: 1 })] });
    expect(counting).not.toHaveProperty('countIncludePad');
  });

  it('rounds up where it is told to', () => {
    // ⌈(8 − 3)/2⌉ + 1 = 4.
    const nodes = [node('MaxPool', ['x'], { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 })];
    expect(layersOf({ nodes })).toMatchObject([{ dimensions: { OH: 4, OW: 4 }, ceilMode: true }]);
  });

  it('over everything is a global one, also as a mean', () => {
    const global = { op: 'global-avg-pool', dimensions: { C: 3, IH: 8, IW: 8 } };
    expect(layersOf({ nodes: [node('GlobalAveragePool', ['x'])] })).toMatchObject([global]);
    expect(layersOf({ nodes: [node('ReduceMean', ['x'], { axes: [2, 3], keepdims: 0 })] })).toMatchObject([global]);
    expect(
      layersOf({ nodes: [node('ReduceMean', ['x', 'a'])], constants: { a: ints(-1, -2) }, opset: 18 }),
    ).toMatchObject([global]);
  });
});

describe('a batch norm', () => {
  const parameters = { s: [3], b: [3], m: [3], v: [3] };
  it.each([
    ['three outputs, as from version 14 on', ['y', 'mean', 'variance'], 14],
    ['five, as before', ['y', 'mean', 'variance', 'saved_mean', 'saved_variance'], 13],
    ['one', ['y'], 13],
  ])('in training has %s', (_, outputs, opset) => {
    const nodes = [{ op: 'BatchNormalization', inputs: ['x', 's', 'b', 'm', 'v'], outputs, attributes: {} }];
    expect(opsOf({ nodes, constants: parameters, opset })).toEqual(['batch-norm']);
  });
});

describe('a linear layer', () => {
  const inputs = { x: [1, 6] };

  it('is a Gemm with its weights either way', () => {
    const gemm = (attributes: NodeDraft['attributes'], w: readonly number[]) =>
      layersOf({ nodes: [node('Gemm', ['x', 'w', 'b'], attributes)], constants: { w, b: [4] }, inputs });
    const expected = [{ op: 'gemm', dimensions: { OC: 4, IC: 6 }, bias: true }];
    expect(gemm({ transB: 1 }, [4, 6])).toMatchObject(expected);
    expect(gemm({}, [6, 4])).toMatchObject(expected);
  });

  it('is a MatMul with a constant, and the Add behind it its bias', () => {
    const nodes = [node('MatMul', ['x', 'w'], {}, 'product'), node('Add', ['b', 'product'])];
    expect(layersOf({ nodes, constants: { w: [6, 4], b: [4] }, inputs: { x: [1, 5, 6] } })).toMatchObject([
      { name: 'n_product', op: 'gemm', dimensions: { OC: 4, IC: 6, M: 5 }, bias: true },
    ]);
  });

  it('may have its weights through a Transpose', () => {
    const nodes = [node('Transpose', ['w'], { perm: [1, 0] }, 'wt'), node('MatMul', ['x', 'wt'])];
    const network = importModel({ nodes, constants: { w: [4, 6] }, inputs });
    expect(network.workload.layers).toMatchObject([{ op: 'gemm', dimensions: { OC: 4, IC: 6 } }]);
    expect(network.workload.parameters).toBe(24);
  });
});

describe('a function that is written out', () => {
  const constants = { three: f(3), zero: f(0), six: f(6), half: f(0.5), one: f(1), root: f(Math.SQRT2) };
  const cases: [string, NodeDraft[], string[]][] = [
    ['x · sigmoid(x)', [node('Sigmoid', ['x'], {}, 's'), node('Mul', ['s', 'x'])], ['silu']],
    [
      'x · clip(x + 3, 0, 6) / 6',
      [
        node('Add', ['x', 'three'], {}, 'a'),
        node('Clip', ['a', 'zero', 'six'], {}, 'c'),
        node('Mul', ['x', 'c'], {}, 'm'),
        node('Div', ['m', 'six']),
      ],
      ['hard-swish'],
    ],
    [
      'x · hardsigmoid(x)',
      [node('HardSigmoid', ['x'], { alpha: { f: 1 / 6 } }, 'h'), node('Mul', ['x', 'h'])],
      ['hard-swish'],
    ],
    [
      'clip(x + 3, 0, 6) / 6',
      [node('Add', ['x', 'three'], {}, 'a'), node('Clip', ['a', 'zero', 'six'], {}, 'c'), node('Div', ['c', 'six'])],
      ['hard-sigmoid'],
    ],
    [
      'x · (1 + erf(x / √2)) / 2',
      [
        node('Div', ['x', 'root'], {}, 'd'),
        node('Erf', ['d'], {}, 'e'),
        node('Add', ['e', 'one'], {}, 'a'),
        node('Mul', ['x', 'a'], {}, 'm'),
        node('Mul', ['m', 'half']),
      ],
      ['gelu'],
    ],
    // What is none of these runs operator by operator.
    ['x · tanh(x)', [node('Tanh', ['x'], {}, 't'), node('Mul', ['x', 't'])], ['tanh', 'tensor-mul']],
    [
      'x · sigmoid(2x)',
      [node('Add', ['x', 'x'], {}, 'd'), node('Sigmoid', ['d'], {}, 's'), node('Mul', ['x', 's'])],
      ['tensor-add', 'sigmoid', 'tensor-mul'],
    ],
  ];
  it.each(cases)('%s', (_, nodes, ops) => {
    expect(opsOf({ nodes, constants })).toEqual(ops);
  });

  it('stays as it is where somebody reads the middle of it', () => {
    const nodes = [node('Sigmoid', ['x'], {}, 's'), node('Mul', ['s', 'x'], {}, 'm'), node('Add', ['m', 's'])];
    expect(opsOf({ nodes })).toEqual(['sigmoid', 'tensor-mul', 'tensor-add']);
  });

  it('is named after its last operator', () => {
    const nodes = [node('Sigmoid', ['x'], {}, 's'), { ...node('Mul', ['x', 's']), name: '/act/Mul' }];
    expect(layersOf({ nodes })).toMatchObject([{ name: '/act/Mul', op: 'silu', inputs: ['input'] }]);
  });

  const norm = (tail: NodeDraft[]): NodeDraft[] => [
    node('ReduceMean', ['x'], { axes: [-1] }, 'mean'),
    node('Sub', ['x', 'mean'], {}, 'd'),
    node('Pow', ['d', 'two'], {}, 'square'),
    node('ReduceMean', ['square'], { axes: [-1] }, 'variance'),
    node('Add', ['variance', 'epsilon'], {}, 'shifted'),
    node('Sqrt', ['shifted'], {}, 'deviation'),
    ...tail,
  ];
  const normConstants = { two: f(2), epsilon: f(1e-5), g: [6], b: [6] };
  const inputs = { x: [1, 5, 6] };

  it('a layer norm with scale and shift', () => {
    const nodes = norm([
      node('Div', ['d', 'deviation'], {}, 'q'),
      node('Mul', ['q', 'g'], {}, 'scaled'),
      node('Add', ['scaled', 'b']),
    ]);
    const network = importModel({ nodes, constants: normConstants, inputs });
    expect(network.workload.layers).toMatchObject([{ op: 'layer-norm', dimensions: { C: 6, H: 5, W: 1 } }]);
    expect(network.workload.parameters).toBe(12 + 2);
  });

  it('a layer norm without', () => {
    const nodes = norm([node('Div', ['d', 'deviation'])]);
    expect(layersOf({ nodes, constants: normConstants, inputs })).toMatchObject([
      { op: 'layer-norm', isAffine: false },
    ]);
  });
});

describe('chains that compute shapes', () => {
  const constants = { zero: { dims: [], values: [0] }, axis: ints(0), rest: ints(-1) };
  const chain = [
    node('GlobalAveragePool', ['x'], {}, 'pooled'),
    node('Shape', ['pooled'], {}, 'shape'),
    node('Gather', ['shape', 'zero'], {}, 'batch'),
    node('Unsqueeze', ['batch', 'axis'], {}, 'batches'),
    node('Concat', ['batches', 'rest'], { axis: 0 }, 'target'),
    node('Reshape', ['pooled', 'target'], {}, 'flat'),
    node('Gemm', ['flat', 'w'], {}),
  ];
  const expected = [
    { op: 'global-avg-pool', inputs: ['input'] },
    { op: 'flatten' },
    { op: 'gemm', dimensions: { OC: 5, IC: 3 } },
  ];

  it('are folded, also where the batch is a symbol', () => {
    const draft = { nodes: chain, constants: { ...constants, w: [3, 5] } };
    expect(layersOf({ ...draft, inputs: { x: [4, 3, 8, 8] } })).toMatchObject(expected);
    expect(layersOf({ ...draft, inputs: { x: ['batch', 3, 8, 8] } })).toMatchObject(expected);
  });

  it('give a position embedding that is cut to size', () => {
    const nodes = [
      node('Shape', ['x'], {}, 'shape'),
      node('Slice', ['shape', 'one', 'two'], {}, 'rows'),
      node('Range', ['zero', 'count', 'step'], {}, 'unused'),
      node('Slice', ['p', 'none', 'rows', 'one'], {}, 'cut'),
      node('Add', ['x', 'cut']),
    ];
    const numbers = { one: ints(1), two: ints(2), none: ints(0), zero: { dims: [], values: [0] } };
    const network = importModel({ nodes, constants: { ...numbers, p: [1, 9, 6] }, inputs: { x: [1, 5, 6] } });
    expect(network.workload.layers).toMatchObject([
      { op: 'parameter', dimensions: { C: 6, H: 5, W: 1 } },
      { op: 'tensor-add' },
    ]);
  });
});

describe('attention', () => {
  it.each([1, 2, 5])('is products of activations with the heads as groups, at batch %i', (batch) => {
    const network = importModel(attentionModel(batch));
    const computing = network.workload.layers.filter(({ op }) =>
      ['gemm', 'matmul', 'softmax', 'tensor-div'].includes(op),
    );
    expect(computing).toMatchObject([
      { op: 'gemm', dimensions: { OC: 18, IC: 6, M: 4 }, bias: true },
      { op: 'tensor-div', dimensions: { C: 6, H: 4, W: 1 } },
      { op: 'matmul', dimensions: { G: 2, M: 4, IC: 3, OC: 4 }, isSecondTransposed: true },
      { op: 'softmax', dimensions: { C: 8, H: 4, W: 1 }, groups: 2 },
      { op: 'matmul', dimensions: { G: 2, M: 4, IC: 4, OC: 3 } },
      { op: 'gemm', dimensions: { OC: 6, IC: 6, M: 4 }, bias: true },
    ]);
    // 4·6·18 + 2·4·3·4 + 2·4·4·3 + 4·6·6.
    expect(network.workload.macs).toBe(432 + 96 + 96 + 144);
    // Nothing is put elsewhere that the file does not put elsewhere.
    expect(network.workload.layers.filter(({ name }) => /\.(reshape|transpose)/.test(name))).toEqual([]);
  });
});

describe('attention as later exporters write it', () => {
  // The images in front, heads as an axis of their own, both factors scaled by a root that is computed from a shape.
  const nodes = [
    node('MatMul', ['x', 'w'], {}, 'projected'),
    node('Reshape', ['projected', 'apart'], {}, 'qkv'),
    node('Transpose', ['qkv'], { perm: [2, 0, 3, 1, 4] }, 'parts'),
    ...['q', 'k', 'v'].map((name, place) => node('Gather', ['parts', `i${place}`], { axis: 0 }, name)),
    node('Shape', ['q'], {}, 'shape'),
    node('Slice', ['shape', 'last', 'end'], {}, 'channels'),
    node('Cast', ['channels'], { to: 1 }, 'number'),
    node('Sqrt', ['number'], {}, 'root'),
    node('Div', ['one', 'root'], {}, 'scale'),
    node('Sqrt', ['scale'], {}, 'factor'),
    node('Mul', ['q', 'factor'], {}, 'q1'),
    node('Transpose', ['k'], { perm: [0, 1, 3, 2] }, 'k1'),
    node('Mul', ['k1', 'factor'], {}, 'k2'),
    node('MatMul', ['q1', 'k2'], {}, 'scores'),
    node('Softmax', ['scores'], {}, 'weights'),
    node('MatMul', ['weights', 'v'], {}, 'mixed'),
    node('Transpose', ['mixed'], { perm: [0, 2, 1, 3] }, 'mixed1'),
    node('Reshape', ['mixed1', 'back'], {}, 'mixed2'),
    node('MatMul', ['mixed2', 'o']),
  ];
  const constants = {
    ...{ w: [6, 18], o: [6, 6], apart: ints(0, 4, 3, 2, 3), back: ints(0, 4, -1) },
    ...{ i0: { dims: [], values: [0] }, i1: { dims: [], values: [1] }, i2: { dims: [], values: [2] } },
    ...{ last: ints(-1), end: ints(2 ** 53), one: { dims: [1], values: [1], isFloat: true } },
  };

  it.each([1, 3])('has the same products, at batch %i', (batch) => {
    const { workload } = importModel({ nodes, constants, inputs: { x: [batch, 4, 6] } });
    const computing = workload.layers.filter(({ op }) => ['gemm', 'matmul', 'softmax', 'slice'].includes(op));
    expect(computing).toMatchObject([
      { op: 'gemm', dimensions: { OC: 18, IC: 6, M: 4 } },
      { op: 'slice', start: { C: 0 }, dimensions: { C: 6, H: 4, W: 1 } },
      { op: 'slice', start: { C: 6 } },
      { op: 'slice', start: { C: 12 } },
      { op: 'matmul', dimensions: { G: 2, M: 4, IC: 3, OC: 4 }, isSecondTransposed: true },
      { op: 'softmax', dimensions: { C: 8, H: 4, W: 1 }, groups: 2 },
      { op: 'matmul', dimensions: { G: 2, M: 4, IC: 4, OC: 3 } },
      { op: 'gemm', dimensions: { OC: 6, IC: 6, M: 4 } },
    ]);
    expect(workload.layers.filter(({ op }) => op === 'tensor-mul')).toMatchObject([
      { scalar: Math.sqrt(1 / Math.sqrt(3)) },
      { scalar: Math.sqrt(1 / Math.sqrt(3)) },
    ]);
  });
});

describe('a block with channels last', () => {
  it('adds what comes back to the image that it was', () => {
    // A depthwise convolution, then linear layers on every position, a scale per channel and the shortcut.
    const nodes = [
      node('Conv', ['x', 'k'], { group: 3, pads: [3, 3, 3, 3] }, 'a'),
      node('Transpose', ['a'], { perm: [0, 2, 3, 1] }, 'b'),
      node('LayerNormalization', ['b', 'g', 'h'], { axis: -1 }, 'c'),
      node('MatMul', ['c', 'w1'], {}, 'd'),
      node('Gelu', ['d'], {}, 'e'),
      node('MatMul', ['e', 'w2'], {}, 'f'),
      node('Transpose', ['f'], { perm: [0, 3, 1, 2] }, 'i'),
      node('Mul', ['scale', 'i'], {}, 'j'),
      node('Add', ['j', 'x'], {}, 'z'),
      node('Conv', ['z', 'k2'], { strides: [2, 2] }),
    ];
    const constants = {
      ...{ k: [3, 1, 7, 7], g: [3], h: [3], w1: [3, 12], w2: [12, 3], scale: [3, 1, 1], k2: [6, 3, 2, 2] },
    };
    const network = importModel({ nodes, constants, opset: 20 });
    expect(network.workload.layers.map(({ op }) => op)).toEqual([
      ...['depthwise-conv', 'transpose', 'layer-norm', 'gemm', 'gelu', 'gemm', 'transpose'],
      ...['parameter', 'tensor-mul', 'reshape', 'tensor-add', 'reshape', 'conv'],
    ]);
    // The linear layers make a list of the positions; the convolution wants rows and columns again.
    expect(network.workload.layers.at(-2)).toMatchObject({ op: 'reshape', dimensions: { C: 3, H: 8, W: 8 } });
    expect(network.workload.macs).toBe(64 * 3 * 49 + 64 * 36 + 64 * 36 + 16 * 6 * 12);
  });
});

describe('resizing', () => {
  it('goes to sizes that are computed from another tensor', () => {
    const nodes = [
      node('GlobalAveragePool', ['x'], {}, 'pooled'),
      node('Shape', ['x'], {}, 'shape'),
      node('Slice', ['shape', 'two', 'four'], {}, 'rows'),
      node('Shape', ['pooled'], {}, 'own'),
      node('Slice', ['own', 'zero', 'two'], {}, 'front'),
      node('Concat', ['front', 'rows'], { axis: 0 }, 'sizes'),
      node('Resize', ['pooled', '', '', 'sizes'], { mode: 'linear' }),
    ];
    const constants = { zero: ints(0), two: ints(2), four: ints(4) };
    expect(layersOf({ nodes, constants })).toMatchObject([
      { op: 'global-avg-pool' },
      { op: 'upsample', mode: 'bilinear', dimensions: { C: 3, IH: 1, IW: 1, OH: 8, OW: 8 } },
    ]);
  });

  it('goes by factors', () => {
    const scales = { dims: [4], values: [1, 1, 2, 3], isFloat: true };
    const nodes = [node('Resize', ['x', '', 's'], { mode: 'nearest' })];
    expect(layersOf({ nodes, constants: { s: scales } })).toMatchObject([
      { op: 'upsample', mode: 'nearest', dimensions: { OH: 16, OW: 24 } },
    ]);
  });
});

describe('placement', () => {
  it('a channel shuffle is one layer', () => {
    const nodes = [
      node('Reshape', ['x', 'apart'], {}, 'a'),
      node('Transpose', ['a'], { perm: [0, 2, 1, 3, 4] }, 'b'),
      node('Reshape', ['b', 'together'], {}),
    ];
    const constants = { apart: ints(1, 2, 3, 8, 8), together: ints(1, 6, 8, 8) };
    const network = importModel({ nodes, constants, inputs: { x: [1, 6, 8, 8] } });
    expect(network.workload.layers).toMatchObject([
      { op: 'channel-shuffle', inputs: ['input'], groups: 2, dimensions: { C: 6, H: 8, W: 8 } },
    ]);
    expect([...network.outputSizes.values()]).toEqual([[1, 6, 8, 8]]);
  });

  it('a split is a slice for each part', () => {
    const nodes: NodeDraft[] = [
      { op: 'Split', inputs: ['x'], outputs: ['a', 'b'], attributes: { axis: 1, split: [1, 2] } },
      node('Concat', ['b', 'a'], { axis: 1 }),
    ];
    expect(layersOf({ nodes, opset: 11 })).toMatchObject([
      { name: 'a', op: 'slice', dimensions: { C: 1, H: 8, W: 8 }, start: { C: 0 } },
      { name: 'b', op: 'slice', dimensions: { C: 2, H: 8, W: 8 }, start: { C: 1 } },
      { op: 'concat', inputs: ['b', 'a'], dimensions: { C: 3, H: 8, W: 8 } },
    ]);
  });

  it('channels that are picked and put together again come back along the channels', () => {
    const pick = (index: number) => [
      node('Gather', ['x', `i${index}`], { axis: 1 }, `g${index}`),
      node('Unsqueeze', [`g${index}`, 'axis'], {}, `u${index}`),
    ];
    const nodes = [...pick(0), ...pick(1), node('Concat', ['u0', 'u1'], { axis: 1 })];
    const constants = { i0: { dims: [], values: [0] }, i1: { dims: [], values: [1] }, axis: ints(1) };
    expect(layersOf({ nodes, constants }).at(-1)).toMatchObject({ op: 'concat', dimensions: { C: 2, H: 8, W: 8 } });
  });

  it('rows of channels become images behind a transpose', () => {
    const nodes = [node('Transpose', ['x'], { perm: [0, 3, 1, 2] }, 't'), node('Conv', ['t', 'w'])];
    const network = importModel({ nodes, constants: { w: [4, 3, 1, 1] }, inputs: { x: [1, 8, 8, 3] } });
    expect(network.workload.input).toEqual({ C: 3, H: 8, W: 8 });
    expect(network.workload.layers).toMatchObject([{ op: 'transpose' }, { op: 'conv', dimensions: { IC: 3 } }]);
  });

  it('a linear layer over the channels of each position keeps rows apart from columns for the next convolution', () => {
    const nodes = [
      node('Transpose', ['x'], { perm: [0, 2, 3, 1] }, 't'),
      node('MatMul', ['t', 'w'], {}, 'm'),
      node('Transpose', ['m'], { perm: [0, 3, 1, 2] }, 'back'),
      node('Conv', ['back', 'k'], { pads: [1, 1, 1, 1] }),
    ];
    const network = importModel({ nodes, constants: { w: [3, 5], k: [2, 5, 3, 3] }, inputs: { x: [1, 3, 8, 6] } });
    expect(network.workload.layers).toMatchObject([
      { op: 'transpose' },
      { op: 'gemm', dimensions: { OC: 5, IC: 3, M: 48 } },
      { op: 'transpose', dimensions: { C: 5, H: 48, W: 1 } },
      { op: 'reshape', dimensions: { C: 5, H: 8, W: 6 } },
      { op: 'conv', dimensions: { IC: 5, OH: 8, OW: 6 } },
    ]);
  });
});

describe('arithmetic', () => {
  const cases: [string, NodeDraft[], object[]][] = [
    ['with a number', [node('Mul', ['two', 'x'])], [{ op: 'tensor-mul', scalar: 2 }]],
    [
      'with a value per channel',
      [node('Mul', ['x', 'c'])],
      [
        { op: 'parameter', name: 'c', dimensions: { C: 3, H: 1, W: 1 } },
        { op: 'tensor-mul', inputs: ['input', 'c'] },
      ],
    ],
    [
      'with a value per channel and image, as squeeze and excitation has',
      [node('GlobalAveragePool', ['x'], {}, 's'), node('Mul', ['s', 'x'])],
      [{ op: 'global-avg-pool' }, { op: 'tensor-mul', inputs: ['input', 'n_s'] }],
    ],
    ['that negates', [node('Neg', ['x'])], [{ op: 'tensor-mul', scalar: -1 }]],
    ['that squares', [node('Pow', ['x', 'two'])], [{ op: 'tensor-mul', inputs: ['input', 'input'] }]],
  ];
  it.each(cases)('%s', (_, nodes, layers) => {
    expect(layersOf({ nodes, constants: { two: f(2), c: [3, 1, 1] } })).toMatchObject(layers);
  });
});

describe('blocks as exporters write them', () => {
  it('of mobile networks', () => {
    expect(layersOf(MOBILE_MODEL)).toMatchObject([
      { op: 'conv', dimensions: { OC: 4, IC: 3, OH: 4, OW: 4 } },
      { op: 'batch-norm' },
      { op: 'hard-swish' },
      { op: 'depthwise-conv', dimensions: { C: 4 } },
      { op: 'global-avg-pool' },
      { op: 'conv', bias: true },
      { op: 'sigmoid' },
      { op: 'tensor-mul', inputs: ['n_i', 'n_l'] },
      { op: 'channel-shuffle', groups: 2 },
      { op: 'avg-pool', padding: 1, ceilMode: true },
      { op: 'slice', start: { C: 0 } },
      { op: 'slice', start: { C: 2 } },
      { op: 'concat', dimensions: { C: 8, H: 4, W: 4 } },
    ]);
  });

  it('of rows with a class token', () => {
    expect(layersOf(ROWS_MODEL)).toMatchObject([
      { op: 'reshape', dimensions: { C: 3, H: 64, W: 1 } },
      { op: 'transpose' },
      { op: 'parameter', name: 'token', dimensions: { C: 3, H: 1, W: 1 } },
      { op: 'concat', axis: 'H', inputs: ['token', 'n_rows'], dimensions: { C: 3, H: 65, W: 1 } },
      { op: 'parameter', name: 'position', dimensions: { C: 3, H: 65, W: 1 } },
      { op: 'tensor-add' },
      { op: 'layer-norm' },
      { op: 'gemm', dimensions: { OC: 5, IC: 3, M: 65 }, bias: true },
      { op: 'gelu' },
      { op: 'slice', dimensions: { C: 5, H: 1, W: 1 } },
      { op: 'gemm', dimensions: { OC: 4, IC: 5 } },
      { op: 'softmax', dimensions: { C: 4, H: 1, W: 1 } },
    ]);
  });
});
