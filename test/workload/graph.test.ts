import { describe, expect, it } from 'vitest';
import { parseWorkload } from '../../src/model/schemas/workload.ts';
import { inferenceProgram } from '../../src/model/workload/forward.ts';
import { buildGraph, windowOutputs } from '../../src/model/workload/graph.ts';
import { trainingProgram } from '../../src/model/workload/training.ts';

type Draft = { layers: Record<string, unknown>[] } & Record<string, unknown>;

/** A conv, a ReLU, their sum and a pool on a 2×6×6 image, with one change made. */
function graphWith(change: (draft: Draft) => void): () => unknown {
  const draft: Draft = {
    name: 'tiny',
    input: { C: 2, H: 6, W: 6 },
    layers: [
      {
        name: 'conv',
        op: 'conv',
        inputs: ['input'],
        dimensions: { OC: 2, IC: 2, KH: 3, KW: 3, OH: 6, OW: 6 },
        stride: 1,
        padding: 1,
        bias: true,
      },
      { name: 'relu', op: 'relu', inputs: ['conv'], dimensions: { C: 2, H: 6, W: 6 } },
      { name: 'add', op: 'tensor-add', inputs: ['relu', 'conv'], dimensions: { C: 2, H: 6, W: 6 } },
      {
        name: 'pool',
        op: 'max-pool',
        inputs: ['add'],
        dimensions: { C: 2, KH: 2, KW: 2, OH: 3, OW: 3 },
        stride: 2,
        padding: 0,
      },
      { name: 'flatten', op: 'flatten', inputs: ['pool'] },
      { name: 'fc', op: 'gemm', inputs: ['flatten'], dimensions: { OC: 10, IC: 18 }, bias: true },
    ],
  };
  change(draft);
  return () => buildGraph(parseWorkload(draft, 'tiny.json'), 'tiny.json');
}

function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}

const dimensions = (draft: Draft, layer: number): Record<string, number> =>
  draft.layers[layer]!['dimensions'] as Record<string, number>;

describe('a workload file', () => {
  it('is accepted when its shapes chain', () => {
    expect(graphWith(() => {})).not.toThrow();
  });

  const wrong: [string, (draft: Draft) => void, string][] = [
    [
      'an unknown operation',
      (d) => Object.assign(d.layers[1]!, { op: 'erf' }),
      'layers[1].op: got "erf", expected one of conv, depthwise-conv, transposed-conv, gemm',
    ],
    [
      'a misspelt operation',
      (d) => Object.assign(d.layers[1]!, { op: 'leaky-rlu' }),
      'slice, pad, parameter; did you mean leaky-relu?',
    ],
    [
      'a height that does not follow',
      (d) => Object.assign(dimensions(d, 0), { OH: 5 }),
      "layers[0].dimensions.OH: got 5, expected 6, as the layer's input is 2×6×6, the stride 1 and the padding 1",
    ],
    [
      'a window that is larger than the image',
      (d) => Object.assign(dimensions(d, 0), { KH: 11 }),
      "layers[0].dimensions.OH: got 6, expected a window that fits, which none does, as the layer's input is 2×6×6, the stride 1 and the padding 1",
    ],
    [
      'channels that do not chain',
      (d) => Object.assign(dimensions(d, 1), { C: 3 }),
      "layers[1].dimensions.C: got 3, expected 2, as the layer's input is 2×6×6",
    ],
    [
      'an image where a vector is due',
      (d) => Object.assign(d.layers[5]!, { inputs: ['pool'] }),
      'layers[5].dimensions.IC: got 18, expected 2',
    ],
    [
      'a sum of different shapes',
      (d) => Object.assign(d.layers[2]!, { inputs: ['relu', 'pool'] }),
      'layers[2].inputs[1]: got "pool", expected "input" or the name of an earlier layer',
    ],
    [
      'one input too few',
      (d) => Object.assign(d.layers[2]!, { inputs: ['relu'] }),
      'layers[2].inputs: got ["relu"], expected 2 inputs for tensor-add',
    ],
    [
      'a name given twice',
      (d) => Object.assign(d.layers[1]!, { name: 'conv' }),
      'layers[1].name: got "conv", expected a name that no other layer has',
    ],
    [
      'a pool whose first window is all padding',
      (d) => Object.assign(d.layers[3]!, { padding: 2 }),
      'layers[3].padding: got 2, expected at most 1, less than the window',
    ],
    [
      'groups that do not divide the channels',
      (d) => Object.assign(d.layers[0]!, { groups: 3 }),
      'layers[0].groups: got 3, expected a divisor of the 2 input and the 2 output channels',
    ],
    [
      'a loop order that repeats a loop',
      (d) => Object.assign(d.layers[0]!, { loopOrder: ['oc', 'oc', 'kh', 'kw', 'n', 'oh', 'ow'] }),
      'expected each of oc, ic, kh, kw, n, oh, ow exactly once',
    ],
    ['no layers', (d) => Object.assign(d, { layers: [] }), 'tiny.json: layers: got [], expected at least 1'],
  ];
  it.each(wrong)('with %s is refused with one clear message', (_, change, message) => {
    expect(graphWith(change)).toThrow(message);
  });

  it.each([
    [3, 2],
    [2, 3],
  ])('may pad a %i × %i pool by one less than its shorter side, so that each window covers a pixel', (KH, KW) => {
    // (6 + 2P − K) / 1 + 1: with P = 1 the 2 gives 7 and the 3 gives 6.
    const pool = (padding: number) =>
      graphWith((d) => {
        const dimensions = { C: 2, KH, KW, OH: 7 - KH + 2 * padding, OW: 7 - KW + 2 * padding };
        d.layers = [...d.layers.slice(0, 3), { ...d.layers[3]!, stride: 1, padding, dimensions }];
      });
    expect(pool(1)).not.toThrow();
    expect(pool(2)).toThrow('layers[3].padding: got 2, expected at most 1, less than the window');
  });

  it("is told everything that is wrong at once, by the layers' names", () => {
    const change = (d: Draft): void => {
      Object.assign(d.layers[0]!, { groups: 3 });
      Object.assign(dimensions(d, 0), { IC: 3, OH: 5 });
      Object.assign(d.layers[2]!, { inputs: ['relu', 'cnov'] });
      Object.assign(dimensions(d, 3), { C: 1 });
      d.layers.push({ name: 'input', op: 'dropout', inputs: ['fc'] });
    };
    expect(messageOf(graphWith(change))).toBe(
      [
        'tiny.json: layers[0].groups: got 3, expected a divisor of the 3 input and the 2 output channels (layer conv)',
        "tiny.json: layers[0].dimensions.IC: got 3, expected 2, as the layer's input is 2×6×6 (layer conv)",
        // ReLU and pool follow from the conv's right height, so that they are not wrong too.
        "tiny.json: layers[0].dimensions.OH: got 5, expected 6, as the layer's input is 2×6×6, the stride 1 and the padding 1 (layer conv)",
        'tiny.json: layers[2].inputs[1]: got "cnov", expected "input" or the name of an earlier layer; did you mean conv? (layer add)',
        "tiny.json: layers[3].dimensions.C: got 1, expected 2, as the layer's input is 2×6×6 (layer pool)",
        'tiny.json: layers[6].name: got "input", expected a name that no other layer has ("input" is the network\'s input) (layer input)',
      ].join('\n'),
    );
  });

  it('with fields that are wrong in themselves is told all of them before shapes are looked at', () => {
    const change = (d: Draft): void => {
      Object.assign(d.layers[0]!, { stride: 0, padding: -1 });
      Object.assign(dimensions(d, 1), { C: 3, Z: 1 });
    };
    expect(messageOf(graphWith(change))).toBe(
      [
        'tiny.json: layers[0].stride: got 0, expected a number > 0 (layer conv)',
        'tiny.json: layers[0].padding: got -1, expected a number ≥ 0 (layer conv)',
        'tiny.json: layers[1].dimensions.Z: got 1, expected no such field (layer relu)',
      ].join('\n'),
    );
  });

  it('slides windows as the field does', () => {
    // 224 + 2·3 − 7 = 223; ⌊223 / 2⌋ + 1 = 112.
    expect(windowOutputs(224, 7, 2, 3)).toBe(112);
  });
});

describe('a workload of 20,000 dropouts in a row', () => {
  const plane = { C: 1, H: 1, W: 1 };
  const names = Array.from({ length: 20_000 }, (_, place) => `d${place}`);
  const layers = [
    ...names.map((name, place) => ({ name, op: 'dropout', inputs: [names[place - 1] ?? 'input'] })),
    { name: 'r', op: 'relu', inputs: [names.at(-1)], dimensions: plane },
  ];
  const graph = buildGraph(parseWorkload({ name: 'long', input: plane, layers }, 'long.json'), 'long.json');

  it('is its ReLU alone in inference, which reads the input', () => {
    const { operations } = inferenceProgram(graph, 1);
    expect(operations).toMatchObject([{ name: 'r', reads: { X: 'input' } }]);
  });

  it('keeps them in training', () => {
    const { operations } = trainingProgram(graph, 1, 'published');
    // Twice as many, there and back, the ReLU and its gradient, and the loss between.
    expect(operations).toHaveLength(2 * names.length + 3);
    expect(operations[names.length]).toMatchObject({ name: 'r', reads: { X: 'd19999' } });
  });
});
