/** Which rows of the operations table a layer becomes, in which order, and how wide its output is. */
import { describe, expect, it } from 'vitest';
import { parseWorkload } from '../../src/model/schemas/workload.ts';
import { tileProgram } from '../../src/model/tiling/tileProgram.ts';
import { inferenceProgram } from '../../src/model/workload/forward.ts';
import { buildGraph, type Graph } from '../../src/model/workload/graph.ts';
import { trainingProgram } from '../../src/model/workload/training.ts';
import { hardwarePreset } from '../support/presets.ts';

const plane = { C: 4, H: 6, W: 6 };
const conv = {
  op: 'conv',
  stride: 1,
  padding: 0,
  bias: true,
  dimensions: { OC: 4, IC: 4, KH: 1, KW: 1, OH: 6, OW: 6 },
};

function graphOf(layers: readonly object[], more: object = { input: plane }): Graph {
  return buildGraph(parseWorkload({ name: 'n', ...more, layers }, 'n.json'), 'n.json');
}
const opsOf = (graph: Graph): string[] => inferenceProgram(graph, 1).operations.map(({ op }) => op);
/** Of SIMD layers: their names and whether they are as wide as an ifmap. */
function widths(graph: Graph): [string, boolean][] {
  const hardware = hardwarePreset('HI3');
  return tileProgram(inferenceProgram(graph, 1), hardware).flatMap((layer) =>
    layer.unit === 'SIMD' ? [[layer.name, layer.bits.output === hardware.bits.ifmap]] : [],
  );
}

describe('the output of a SIMD layer is as wide as an ifmap', () => {
  const relu = { name: 'relu', op: 'relu', inputs: ['input'], dimensions: plane };
  const last = { name: 'conv', inputs: ['between'], ...conv };

  it.each([
    ['a pad, which is part of the window', { op: 'pad', dimensions: { C: 4, H: 6, W: 6 }, padding: 0 }, true],
    ['a reshape, which is listed though free', { op: 'reshape', dimensions: plane }, false],
    ['a transpose, which is listed though free', { op: 'transpose', dimensions: plane }, false],
    ['a slice, which is listed though free', { op: 'slice', dimensions: plane }, false],
  ])('before a conv behind %s: %#', (_, between, isNarrow) => {
    expect(widths(graphOf([relu, { name: 'between', inputs: ['relu'], ...between }, last]))).toEqual([
      ['relu', isNarrow],
    ]);
  });

  it('not before a depthwise conv on the SIMD array, which is no conv there', () => {
    const dimensions = { C: 4, KH: 1, KW: 1, OH: 6, OW: 6 };
    const depthwise = {
      name: 'dw',
      op: 'depthwise-conv',
      inputs: ['relu'],
      dimensions,
      stride: 1,
      padding: 0,
      bias: true,
    };
    expect(widths(graphOf([relu, depthwise]))).toEqual([
      ['relu', false],
      ['dw', false],
    ]);
    expect(widths(graphOf([relu, { ...depthwise, unit: 'SA' }]))).toEqual([['relu', true]]);
  });

  it('in a list, where nobody knows what reads it', () => {
    const list = graphOf([{ name: 'relu', op: 'relu', dimensions: plane }], { graph: 'list' });
    expect(widths(list)).toEqual([['relu', true]]);
  });
});

describe('a list', () => {
  const layers = [
    { name: 'a', ...conv },
    { name: 'sum', op: 'tensor-add', dimensions: plane },
    { name: 'b', op: 'gemm', dimensions: { OC: 8, IC: 4 }, bias: true },
  ];
  const list = graphOf(layers, { graph: 'list' });

  it('has layers that read tensors of their own', () => {
    const { operations } = inferenceProgram(list, 1);
    expect(operations.map(({ op, reads }) => [op, Object.values(reads)])).toEqual([
      ['conv', ['a.input1', 'a.W', 'a.bias']],
      ['tensor-add', ['sum.input1', 'sum.input2']],
      ['gemm', ['b.input1', 'b.W', 'b.bias']],
    ]);
  });

  it('is trained by the gradients of each layer alone', () => {
    const { operations } = trainingProgram(list, 2, 'exact');
    const names = operations.filter(({ unit }) => unit !== 'free').map(({ name }) => name);
    expect(names).toEqual(['a', 'sum', 'b', 'b.dX', 'b.dW', 'a.dX', 'a.dW']);
  });
});

describe('a layer becomes', () => {
  const one = (layer: object, before: readonly object[] = []): string[] =>
    opsOf(graphOf([...before, { name: 'it', inputs: ['input'], ...layer }])).slice(-1);
  const elementwise = { dimensions: plane };

  it.each([
    ['a clip with both bounds', { op: 'clip', ...elementwise, min: 0, max: 6 }, 'clip'],
    ['a clip whose upper bound is infinite', { op: 'clip', ...elementwise, min: 0 }, 'clip-below'],
    ['a clip whose lower bound is infinite', { op: 'clip', ...elementwise, max: 6 }, 'clip-above'],
    ['a sum with a constant', { op: 'tensor-add', ...elementwise, scalar: 3 }, 'tensor-add-scalar'],
    ['a batch norm that no conv takes in', { op: 'batch-norm', ...elementwise }, 'batch-norm'],
    ['a shuffle', { op: 'channel-shuffle', ...elementwise, groups: 2 }, 'copy'],
    ['a transpose that no conv reads', { op: 'transpose', ...elementwise }, 'copy'],
  ])('%s', (_, layer, op) => {
    expect(one(layer)).toEqual([op]);
  });

  it.each([
    ['the same for all images, of every element', plane, '-shared'],
    ['one per channel', { C: 4, H: 1, W: 1 }, '-per-channel'],
  ])('a product with a parameter, %s', (_, dimensions, form) => {
    const parameter = { name: 'p', op: 'parameter', inputs: [], dimensions };
    const product = { name: 'it', op: 'tensor-mul', inputs: ['input', 'p'], dimensions: plane };
    expect(opsOf(graphOf([parameter, product]))).toEqual([`tensor-mul${form}`]);
  });

  it('a product with one factor per image and channel, of squeeze and excite', () => {
    const pool = { name: 'p', op: 'global-avg-pool', inputs: ['input'], dimensions: { C: 4, IH: 6, IW: 6 } };
    const product = { name: 'it', op: 'tensor-mul', inputs: ['input', 'p'], dimensions: plane };
    expect(opsOf(graphOf([pool, product]))).toEqual(['global-avg-pool', 'tensor-mul-per-image']);
  });

  it('a transpose before a gemm alone, free', () => {
    const layers = [
      { name: 't', op: 'transpose', inputs: ['input'], dimensions: { C: 6, H: 4, W: 6 }, order: ['H', 'C', 'W'] },
      { name: 'g', op: 'gemm', inputs: ['t'], dimensions: { OC: 3, IC: 6, M: 24 }, bias: false },
    ];
    expect(inferenceProgram(graphOf(layers), 1).operations.map(({ unit }) => unit)).toEqual(['free', 'SA']);
  });

  it('a global pool whose image does not fit VMem, a mean tile by tile, that takes as long in sums', () => {
    const hardware = hardwarePreset('HI3');
    const pool = { name: 'p', op: 'global-avg-pool', inputs: ['input'], dimensions: { C: 64, IH: 112, IW: 112 } };
    const graph = graphOf([pool], { input: { C: 64, H: 112, W: 112 } });
    const [layer] = tileProgram(inferenceProgram(graph, 1), hardware);
    expect(layer).toMatchObject({ op: 'plane-mean', sizes: { c: 64, n: 1, h: 112, w: 112 } });
  });
});
