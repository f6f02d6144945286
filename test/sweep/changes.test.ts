/** `--set`: what it makes of a sweep file's data. */
import { describe, expect, it } from 'vitest';
import { changedSweep, changesInWords, parseChange } from '../../src/doors/cli/sweep/changes.ts';

const set = (...texts: string[]) =>
  texts.reduce<ReturnType<typeof parseChange>>((all, each) => parseChange(each, all), []);
const SWEEP = {
  name: 'sweep',
  dram: 'HBM2',
  parameters: { 'array.rows': [32, 64], batch: [1, 2] },
  sensitivity: { 'array.rows': 32, batch: 1 },
};

describe('--set', () => {
  it('reads a name and its values, numbers as numbers; assumptions have commas of their own', () => {
    expect(set('dram=HBM2, DDR4-2400', ' sramKiB.wbuf = 256,512', 'assume=lockstep,prefetch')).toEqual([
      { name: 'dram', values: ['HBM2', 'DDR4-2400'] },
      { name: 'sramKiB.wbuf', values: [256, 512] },
      { name: 'assume', values: ['lockstep,prefetch'] },
    ]);
    expect(changesInWords(set('dram=HBM2,latency', 'batch=4'))).toEqual([
      '--set',
      'dram=HBM2,latency',
      '--set',
      'batch=4',
    ]);
  });

  it.each(['dram', '=HBM2', 'dram=', 'dram=HBM2,,latency'])('refuses %s', (text) => {
    expect(() => parseChange(text)).toThrow('expected a parameter and its values');
  });

  it('has a parameter vary over several values, and a sensitivity start at the first', () => {
    expect(changedSweep(SWEEP, set('array.rows=16,128'))).toEqual({
      ...SWEEP,
      parameters: { 'array.rows': [16, 128], batch: [1, 2] },
      sensitivity: { 'array.rows': 16, batch: 1 },
    });
  });

  it('has a parameter of one value vary no longer: a list of it alone', () => {
    expect(changedSweep(SWEEP, set('array.rows=128'))).toEqual({
      ...SWEEP,
      parameters: { 'array.rows': [128], batch: [1, 2] },
      sensitivity: { 'array.rows': 128, batch: 1 },
    });
    expect(changedSweep(SWEEP, set('dram.layout=tiles'))).toMatchObject({ parameters: { 'dram.layout': ['tiles'] } });
  });

  it('has a setting of one value where settings stand', () => {
    expect(changedSweep(SWEEP, set('batch=8'))).toEqual({
      ...SWEEP,
      batch: 8,
      parameters: { 'array.rows': [32, 64] },
      sensitivity: { 'array.rows': 32 },
    });
  });

  it('makes several changes in their order, and none of what is no sweep', () => {
    expect(changedSweep(SWEEP, set('batch=8', 'batch=1,2'))).toMatchObject({ parameters: { batch: [1, 2] } });
    expect(changedSweep([1], set('batch=8'))).toEqual([1]);
    expect(changedSweep({ parameters: 3 }, set('batch=8'))).toEqual({ parameters: 3 });
  });
});
