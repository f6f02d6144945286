import { describe, expect, it } from 'vitest';
import { KnownLayers } from '../../src/model/machine/knownLayers.ts';
import { emptySimulatedResult } from '../../src/model/machine/statistics.ts';

describe('known layers', () => {
  it('tell apart layers that share a fingerprint', () => {
    const known = new KnownLayers();
    // 31 · 1 + 0 = 31 · 0 + 31
    known.add([1, 0], { ...emptySimulatedResult(), tiles: 1 });
    known.add([0, 31], { ...emptySimulatedResult(), tiles: 2 });
    expect([known.find([1, 0])?.tiles, known.find([0, 31])?.tiles, known.find([0, 32])]).toEqual([1, 2, undefined]);
  });
});
