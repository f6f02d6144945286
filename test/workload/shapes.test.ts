import { describe, expect, it } from 'vitest';
import { parseWorkload } from '../../src/model/schemas/workload.ts';
import { parametersOfGraph, usefulMacsOfGraph } from '../../src/model/workload/counts.ts';
import { inferenceProgram } from '../../src/model/workload/forward.ts';
import { buildGraph, type Graph } from '../../src/model/workload/graph.ts';
import { trainingProgram } from '../../src/model/workload/training.ts';

type Fields = Record<string, unknown>;

const graphOf = (workload: Fields): Graph => buildGraph(parseWorkload({ name: 'n', ...workload }, 'n.json'), 'n.json');

/** A network of one layer on an image of 4×9×7, unless the layer says otherwise. */
const one = (layer: Fields, input: Fields = { C: 4, H: 9, W: 7 }): Graph =>
  graphOf({ input, layers: [{ name: 'it', inputs: ['input'], ...layer }] });

const shapeOf = (graph: Graph): string => {
  const { C, H, W } = graph.nodes.at(-1)!.outputShape;
  return `${C}×${H}×${W}`;
};

const conv = { op: 'conv', stride: 1, padding: 0, bias: false };

describe('the shape that comes out of', () => {
  const cases: [string, Fields, string][] = [
    // Height: ⌊(9 + 1 + 0 − 3)/2⌋ + 1 = 4; width: ⌊(7 + 2 + 1 − 4)/3⌋ + 1 = 3.
    [
      'a conv with two strides and four paddings',
      { ...conv, dimensions: { OC: 5, IC: 4, KH: 3, KW: 4, OH: 4, OW: 3 }, stride: [2, 3], padding: [1, 2, 0, 1] },
      '5×4×3',
    ],
    // A window of (3 − 1)·2 + 1 = 5 rows and (2 − 1)·3 + 1 = 4 columns.
    [
      'a dilated conv',
      { ...conv, dimensions: { OC: 4, IC: 4, KH: 3, KW: 2, OH: 5, OW: 4 }, dilation: [2, 3], groups: 2 },
      '4×5×4',
    ],
    // (9 − 1)·2 − 1 − 1 + 3 + 1 = 18; (7 − 1)·2 − 0 − 0 + 3 + 0 = 15.
    [
      'a transposed conv',
      {
        ...conv,
        op: 'transposed-conv',
        dimensions: { OC: 2, IC: 4, KH: 3, KW: 3, OH: 18, OW: 15 },
        stride: 2,
        padding: [1, 0],
        outputPadding: [1, 0],
      },
      '2×18×15',
    ],
    [
      'a depthwise conv',
      { ...conv, op: 'depthwise-conv', dimensions: { C: 4, KH: 3, KW: 3, OH: 9, OW: 7 }, padding: 1 },
      '4×9×7',
    ],
    // ⌈(9 − 2)/2⌉ + 1 = 5 rows, the last window hanging over; ⌈(7 − 3)/2⌉ + 1 = 3.
    [
      'a pool in ceil mode',
      { op: 'max-pool', dimensions: { C: 4, KH: 2, KW: 3, OH: 5, OW: 3 }, stride: 2, padding: 0, ceilMode: true },
      '4×5×3',
    ],
    // ⌈(9 + 2 − 2)/3⌉ + 1 = 4, and the fourth starts at 9 < 9 + 1; ⌈(7 + 1 − 2)/4⌉ + 1 = 3, but the third would start
    // at 8 ≥ 7 + 1.
    [
      'a pool whose last window would start in the trailing padding',
      {
        op: 'avg-pool',
        dimensions: { C: 4, KH: 2, KW: 2, OH: 4, OW: 2 },
        stride: [3, 4],
        padding: [1, 1, 1, 0],
        ceilMode: true,
      },
      '4×4×2',
    ],
    ['a mean over channels', { op: 'reduce-mean', dimensions: { C: 4, H: 9, W: 7 } }, '1×9×7'],
    [
      'an upsampling',
      { op: 'upsample', mode: 'nearest', dimensions: { C: 4, IH: 9, IW: 7, OH: 18, OW: 21 } },
      '4×18×21',
    ],
    ['a reshape', { op: 'reshape', dimensions: { C: 2, H: 18, W: 7 } }, '2×18×7'],
    ['a transpose', { op: 'transpose', dimensions: { C: 63, H: 4, W: 1 }, order: ['H', 'C', 'W'] }, '63×4×1'],
    ['a slice', { op: 'slice', dimensions: { C: 2, H: 5, W: 7 }, start: { C: 2 }, step: { H: 2 } }, '2×5×7'],
    ['a pad', { op: 'pad', dimensions: { C: 4, H: 10, W: 9 }, padding: [1, 0, 0, 2] }, '4×10×9'],
  ];
  it.each(cases)('%s', (name, layer, shape) => {
    const input = name === 'a transpose' ? { C: 4, H: 63, W: 1 } : undefined;
    expect(shapeOf(one(layer, input))).toBe(shape);
  });

  it('an attention head: scores of rows with rows, then values', () => {
    const rows = { C: 6, H: 5, W: 1 };
    const layers = [
      {
        name: 'scores',
        op: 'matmul',
        inputs: ['input', 'input'],
        dimensions: { G: 2, M: 5, IC: 3, OC: 5 },
        isSecondTransposed: true,
      },
      { name: 'weights', op: 'softmax', inputs: ['scores'], dimensions: { C: 10, H: 5, W: 1 }, groups: 2 },
      { name: 'values', op: 'matmul', inputs: ['weights', 'input'], dimensions: { G: 2, M: 5, IC: 5, OC: 3 } },
    ];
    const graph = graphOf({ input: rows, layers });
    expect(graph.nodes.map(({ outputShape: { C, H } }) => [C, H])).toEqual([
      [10, 5],
      [10, 5],
      [6, 5],
    ]);
    // 2 heads · 5 rows · 5 columns · 3 channels, twice.
    expect(usefulMacsOfGraph(graph)).toBe(300);
  });

  it('a concat after a parameter, and a scale per channel', () => {
    const layers = [
      { name: 'token', op: 'parameter', dimensions: { C: 4, H: 1, W: 1 } },
      { name: 'tokens', op: 'concat', inputs: ['token', 'input'], axis: 'H', dimensions: { C: 4, H: 10, W: 1 } },
      { name: 'scaled', op: 'tensor-mul', inputs: ['tokens', 'token'], dimensions: { C: 4, H: 10, W: 1 } },
      { name: 'half', op: 'tensor-mul', inputs: ['scaled'], scalar: 0.5, dimensions: { C: 4, H: 10, W: 1 } },
    ];
    const graph = graphOf({ input: { C: 4, H: 9, W: 1 }, layers });
    expect(shapeOf(graph)).toBe('4×10×1');
    expect(parametersOfGraph(graph)).toBe(4);
  });
});

describe('a layer is refused with one clear message', () => {
  const plane = { C: 4, H: 9, W: 7 };
  const wrong: [string, Fields, string][] = [
    [
      'whose outputs do not follow from the dilation',
      { ...conv, dimensions: { OC: 4, IC: 4, KH: 3, KW: 3, OH: 7, OW: 5 }, dilation: 2 },
      "dimensions.OH: got 7, expected 5, as the layer's input is 4×9×7, the stride 1, dilation 2 and the padding 0",
    ],
    [
      'with output padding of a stride',
      {
        ...conv,
        op: 'transposed-conv',
        dimensions: { OC: 2, IC: 4, KH: 2, KW: 2, OH: 20, OW: 16 },
        stride: 2,
        outputPadding: 2,
      },
      'outputPadding: got 2, expected less than the stride or the dilation, at most 1',
    ],
    ['of groups that do not divide', { op: 'softmax', dimensions: plane, groups: 3 }, 'a divisor of the 4 channels'],
    ['that reshapes to more', { op: 'reshape', dimensions: { C: 4, H: 9, W: 8 } }, "as the layer's input has, 252"],
    [
      'that slices beyond the end',
      { op: 'slice', dimensions: { C: 2, H: 9, W: 7 }, start: { C: 3 } },
      "dimensions.C: got 2, expected at most 1, as the layer's input is 4×9×7",
    ],
    [
      'whose order names an axis twice',
      { op: 'transpose', dimensions: plane, order: ['C', 'C', 'W'] },
      'expected each of C, H, W once',
    ],
    [
      'with a stride for three directions',
      { ...conv, dimensions: { OC: 4, IC: 4, KH: 1, KW: 1, OH: 9, OW: 7 }, stride: [1, 1, 1] },
      'stride',
    ],
  ];
  it.each(wrong)('%s', (_, layer, message) => {
    expect(() => one(layer)).toThrow(message);
  });

  it('with operands that do not fit', () => {
    const layers = [
      { name: 'pooled', op: 'reduce-mean', inputs: ['input'], dimensions: plane },
      { name: 'it', op: 'tensor-mul', inputs: ['input', 'pooled'], dimensions: plane },
    ];
    expect(() => graphOf({ input: plane, layers })).toThrow(
      'layers[1].inputs: got ["input","pooled"], expected two tensors of one shape, or a second one of 4×1×1, not 4×9×7 and 1×9×7',
    );
  });
});

describe('a list', () => {
  const list = (layer: Fields): Graph => graphOf({ graph: 'list', layers: [{ name: 'it', ...layer }] });

  it('holds layers that do not chain', () => {
    const layers = [
      { name: 'a', ...conv, dimensions: { OC: 5, IC: 4, KH: 3, KW: 3, OH: 7, OW: 7 } },
      { name: 'b', op: 'gemm', dimensions: { OC: 3, IC: 2, M: 7 }, bias: true },
    ];
    const graph = graphOf({ graph: 'list', layers });
    expect(graph.isList).toBe(true);
    // 7·7·3·3·4·5 + 7·2·3.
    expect(usefulMacsOfGraph(graph)).toBe(8820 + 42);
  });

  it("takes a layer's input from its outputs: (7 − 1)·2 + 5 − 1 − 0 = 16 rows", () => {
    const graph = list({
      ...conv,
      dimensions: { OC: 5, IC: 4, KH: 3, KW: 1, OH: 7, OW: 7 },
      stride: [2, 1],
      dilation: [2, 1],
      padding: [1, 0, 0, 0],
    });
    expect(graph.nodes[0]!.inputShapes).toEqual([{ C: 4, H: 16, W: 7 }]);
  });

  it('holds nothing that only places data', () => {
    expect(() => list({ op: 'flatten' })).toThrow('layers[0].op: got "flatten", expected an operation that computes');
  });
});

describe('what cannot run', () => {
  const plane = { C: 4, H: 9, W: 7 };
  it('is counted in one message', () => {
    const up = { dimensions: { C: 4, IH: 9, IW: 7, OH: 10, OW: 14 }, mode: 'nearest' };
    const layers = [
      { name: 'a', op: 'upsample', inputs: ['input'], ...up },
      { name: 'b', op: 'upsample', inputs: ['input'], ...up },
    ];
    const graph = graphOf({ input: plane, layers });
    const expected =
      'n.json: expected only layers that can run; these cannot: 2 × upsample by a factor that is not whole (first: a)';
    expect(() => inferenceProgram(graph, 1)).toThrow(expected);
    expect(() => trainingProgram(graph, 1, 'exact')).toThrow(expected.replace(' run', ' be trained'));
  });

  it('has no gradient in training: all of them in one message', () => {
    const layers = [
      { name: 'a', op: 'lrn', inputs: ['input'], dimensions: plane, size: 5 },
      { name: 'b', op: 'prelu', inputs: ['a'], dimensions: plane, isShared: true },
      { name: 'c', op: 'lrn', inputs: ['b'], dimensions: plane, size: 5 },
    ];
    const graph = graphOf({ input: plane, layers });
    expect(inferenceProgram(graph, 1).operations).toHaveLength(3);
    expect(() => trainingProgram(graph, 1, 'exact')).toThrow(
      'n.json: expected only layers that can be trained; these cannot: 2 × lrn, which has no gradient (first: a), ' +
        '1 × prelu with one slope for all channels (first: b)',
    );
  });
});
