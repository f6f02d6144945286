import { describe, expect, it } from 'vitest';
import { Residency } from '../../src/model/schedule/residency.ts';

/** What becomes of a use of tile `key` up to step `lastStep`. */
function use(residency: Residency, key: number, lastStep: number): object {
  residency.use(key, lastStep);
  const { isMiss, slot, load } = residency;
  return isMiss ? { slot, load, after: residency.evictedLastStep } : { slot, load };
}

describe('which slot holds which tile', () => {
  it('a tile that is found in any slot is not loaded again; the slot used longest ago gives way', () => {
    const residency = new Residency(2, 'any slot');
    expect(use(residency, 10, 3)).toEqual({ slot: 0, load: 0, after: -1 });
    expect(use(residency, 11, 5)).toEqual({ slot: 1, load: 1, after: -1 });
    expect(use(residency, 10, 7)).toEqual({ slot: 0, load: 0 });
    expect(use(residency, 12, 9)).toEqual({ slot: 1, load: 2, after: 5 }); // tile 11 goes, once step 5 has computed
    expect(use(residency, 11, 11)).toEqual({ slot: 0, load: 3, after: 7 }); // tile 10 goes, which was used again up to 7
    expect(use(residency, 12, 13)).toEqual({ slot: 1, load: 2 });
  });

  it('or only in the one used last', () => {
    const residency = new Residency(2, 'latest');
    expect(use(residency, 10, 3)).toEqual({ slot: 0, load: 0, after: -1 });
    expect(use(residency, 10, 5)).toEqual({ slot: 0, load: 0 });
    expect(use(residency, 11, 7)).toEqual({ slot: 1, load: 1, after: -1 });
    expect(use(residency, 10, 9)).toEqual({ slot: 0, load: 2, after: 5 });
  });

  it('with a single slot every other tile is loaded when the one before is done', () => {
    const residency = new Residency(1, 'any slot');
    expect(use(residency, 10, 3)).toEqual({ slot: 0, load: 0, after: -1 });
    expect(use(residency, 11, 5)).toEqual({ slot: 0, load: 1, after: 3 });
    expect(use(residency, 10, 7)).toEqual({ slot: 0, load: 2, after: 5 });
  });

  it('of sixteen slots the one that has waited longest is taken', () => {
    const residency = new Residency(16, 'any slot');
    for (let key = 0; key < 16; key++) {
      expect(use(residency, key, key)).toEqual({ slot: key, load: key, after: -1 });
    }
    expect(use(residency, 0, 16)).toEqual({ slot: 0, load: 0 });
    expect(use(residency, 16, 17)).toEqual({ slot: 1, load: 16, after: 1 });
  });
});
