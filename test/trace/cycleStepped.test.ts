/** Lanes below the tile: the wavefront of the PE array and the stages of the SIMD pipeline, counted by hand. */
import { describe, expect, it } from 'vitest';
import { type Layer, NO_WINDOW, type SimdLayer } from '../../src/model/layers/layer.ts';
import * as units from '../../src/model/machine/cycleStepped/steppedUnits.ts';
import { HARDWARE } from '../../src/model/schedule/assumptions.ts';
import { type Slice, sliceFields, sliceName } from '../../src/views/trace/slice.ts';
import { traceNetwork } from '../../src/views/trace/traceNetwork.ts';
import { systole } from '../support/cli.ts';
import { complete } from '../support/complete.ts';
import { TINY_HARDWARE, tinyConv } from '../support/tinyMachine.ts';

const hardware = { ...TINY_HARDWARE, array: { rows: 2, columns: 2 } };

/** The slices of a layer's lanes below the tile as `name start–end`, from the beginning of its first compute. */
function below(layer: Layer, isStepped: boolean): Map<string, string[]> {
  const slices: Slice[] = [];
  const sink = { slice: (slice: Slice) => slices.push(slice) > 0, flow: () => true, counter: () => true };
  complete(
    traceNetwork([layer], hardware, HARDWARE, sink, { cycleStepping: { ...units, isStepped: () => isStepped } }),
  );
  const { start } = slices.find(({ kind }) => kind === 'compute')!;
  const lanes = new Map<string, string[]>();
  for (const slice of slices.filter(({ lane }) => lane.kind === 'stepped')) {
    const texts = lanes.get(slice.lane.name) ?? [];
    lanes.set(slice.lane.name, [...texts, `${sliceName(slice)} ${slice.start - start}–${slice.end - start}`]);
    expect(sliceFields(slice)['tensor']).toBe(undefined);
  }
  return lanes;
}

describe('below the tile', () => {
  // Two kernel columns are two passes, of three vectors each.
  const conv = tinyConv({ oc: 2, ic: 2, kw: 2, ow: 3 }, { oc: 2, ic: 2, kw: 2, ow: 3 });

  it('a pass enters each row of the PE array a cycle later, and its sums leave each column a cycle later', () => {
    expect([...below(conv, true)]).toEqual([
      ['PE row 0', ['pass 0–3', 'pass 3–6']],
      ['PE row 1', ['pass 1–4', 'pass 4–7']],
      ['PE column 0', ['pass 1–4', 'pass 4–7']],
      ['PE column 1', ['pass 2–5', 'pass 5–8']],
    ]);
  });

  it('an instruction goes through the stages of the SIMD pipeline', () => {
    const sizes = { c: 4, n: 1, h: 1, w: 1 };
    const bits = { input: 1, output: 1, psum: 1, weight: 1, bias: 1 };
    const relu: SimdLayer = { unit: 'SIMD', name: 'relu', op: 'relu', sizes, tile: sizes, window: NO_WINDOW, bits };
    const stages = below(relu, true);
    expect([...stages.keys()]).toEqual(
      ['fetch', 'decode', 'address', 'read', 'execute', 'write back'].map((stage) => `SIMD ${stage}`),
    );
    // Two vectors, one behind the other.
    expect([...stages.values()]).toEqual(
      [0, 1, 2, 3, 4, 5].map((stage) => [`max ${stage}–${stage + 1}`, `max ${stage + 1}–${stage + 2}`]),
    );
  });

  it('there is nothing of layers that are computed tile by tile', () => {
    expect([...below(conv, false)]).toEqual([]);
  });
});

it('systole trace --cycle-stepped writes these lanes of the layers asked for', () => {
  const args = ['trace', '-c', 'HI3', '-t', 'resnet18', '--cycle-stepped', 'fc,avgpool', '--lanes', 'simd-stages'];
  const { status, stdout, stderr } = systole(
    ...args,
    '--layer',
    'avgpool,layer4.1.relu2',
    '-o',
    '-',
    '--format',
    'csv',
  );
  expect([status, stderr]).toEqual([0, '']);
  const rows = stdout.split('\n').filter((line) => line.startsWith('instruction,'));
  expect(new Set(rows.map((row) => row.split(',')[6]))).toEqual(new Set(['avgpool']));
  // 49 additions and a division for each of 8 vectors of 64 channels, in each of six stages.
  expect(rows.length).toBe(6 * 8 * 50);
});
