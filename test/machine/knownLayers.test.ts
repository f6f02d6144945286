import { describe, expect, it } from 'vitest';
import { inBoth, type Layer, type SimdLayer } from '../../src/model/layers/layer.ts';
import { identityOf, KnownLayers } from '../../src/model/machine/knownLayers.ts';
import { emptySimulatedResult } from '../../src/model/machine/statistics.ts';
import { type Assumptions, HARDWARE, PAPER } from '../../src/model/schedule/assumptions.ts';
import { tinyConv } from '../support/tinyMachine.ts';

const conv = tinyConv({ oc: 2, ic: 3, kh: 4, kw: 5, n: 6, oh: 7, ow: 8 }, {});
const pool: SimdLayer = {
  unit: 'SIMD',
  name: 'pool',
  op: 'max-pool',
  sizes: { c: 2, n: 3, h: 4, w: 5 },
  tile: { c: 2, n: 3, h: 4, w: 5 },
  window: { kh: 2, kw: 3, stride: inBoth(2), dilation: inBoth(1) },
  bits: { input: 8, output: 16, psum: 32, weight: 1, bias: 1 },
};

type Record = { [key: string]: unknown };

/** The record once for each of its numbers, words and lists, with that one changed. */
function variations(record: Record): Record[] {
  return Object.entries(record).flatMap(([key, value]) => {
    if (key === 'name' || key === 'unit') return [];
    if (typeof value === 'number') return [{ ...record, [key]: value + 1 }];
    if (typeof value === 'boolean') return [{ ...record, [key]: !value }];
    if (Array.isArray(value)) return [{ ...record, [key]: [...value].reverse() }];
    if (typeof value === 'object') return variations(value as Record).map((each) => ({ ...record, [key]: each }));
    return [{ ...record, [key]: value === 'conv' ? 'gemm' : 'relu' }];
  });
}

describe('what a layer takes', () => {
  it.each([
    ['a conv', conv, 25],
    ['a pool', pool, 20],
  ])('is decided by everything of %s but its name', (_, layer, fields) => {
    const others = variations(layer as unknown as Record) as unknown as Layer[];
    expect(others.length).toBe(fields);
    const identities = [layer, ...others].map((each) => identityOf(each, HARDWARE).join(' '));
    expect(new Set(identities).size).toBe(fields + 1);
    expect(identityOf({ ...layer, name: 'another' }, HARDWARE)).toEqual(identityOf(layer, HARDWARE));
  });

  it('is decided by every assumption', () => {
    const others = variations(PAPER as unknown as Record) as unknown as Assumptions[];
    expect(new Set([PAPER, ...others].map((each) => identityOf(conv, each).join(' '))).size).toBe(5);
  });
});

describe('known layers', () => {
  it('tell apart layers that share a fingerprint', () => {
    const known = new KnownLayers();
    // 31 · 1 + 0 = 31 · 0 + 31
    known.add([1, 0], { ...emptySimulatedResult(), tiles: 1 });
    known.add([0, 31], { ...emptySimulatedResult(), tiles: 2 });
    expect([known.find([1, 0])?.tiles, known.find([0, 31])?.tiles, known.find([0, 32])]).toEqual([1, 2, undefined]);
  });
});
