/** Where tiles lie in a tensor that is stored tile by tile, counted by hand. */
import { describe, expect, it } from 'vitest';
import { TiledTensor } from '../../src/model/dram/tiledTensor.ts';
import { dramPreset } from '../support/dram.ts';

describe('a tensor of 2 groups of 5 × 4 elements of 10 bits in tiles of 2 × 3', () => {
  // A tile is 60 bits, in a burst of 64 bytes; 3 tiles along c, of which each has 2 along h.
  const cut = { dims: ['c', 'h'], covered: { c: 5, h: 4 }, tile: { c: 2, h: 3 }, groups: 2, tileBits: 60 } as const;
  const tensor = new TiledTensor(cut, dramPreset('HBM2'));
  const BURST_BITS = 512;
  const begin = 4096;

  it('takes a burst for each of its 12 tiles', () => {
    expect(tensor.bits).toBe(12 * BURST_BITS);
  });

  it.each([
    [0, 0, 0, 0],
    [0, 0, 3, 1],
    [0, 2, 0, 2],
    [0, 4, 3, 5],
    [1, 0, 0, 6],
    [1, 2, 3, 9],
    [1, 4, 3, 11],
  ])('has group %i’s tile from c %i and h %i as number %i', (group, c, h, number) => {
    expect(tensor.runOf(begin, { c, h }, 60, group)).toEqual({
      base: begin + number * BURST_BITS,
      runBits: 60,
      loops: [],
    });
  });
});
