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

const without = (fields: object, name: string) =>
  Object.fromEntries(Object.entries(fields).filter(([key]) => key !== name));

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

  it.each([
    ['array.rows=2 * array.columns', 'array.rows', '2 * array.columns'],
    ['array.rows=array.columns', 'array.rows', 'array.columns'],
    ['array.rows=max(1, batch)', 'array.rows', 'max(1, batch)'],
    ['dram.timing.CL=dram.timing.RCD + 1', 'dram.timing.CL', 'dram.timing.RCD + 1'],
    ['batch=if(array.rows > 32, 1, 2)', 'batch', 'if(array.rows > 32, 1, 2)'],
    ["dram=batch == 1 ? 'HBM2' : 'a,b'", 'dram', "batch == 1 ? 'HBM2' : 'a,b'"],
    ["dram.layout='tiles'", 'dram.layout', "'tiles'"],
  ])('has a parameter follow from others: %s', (text, name, expression) => {
    expect(changedSweep(SWEEP, set(text))).toMatchObject({ parameters: { [name]: expression } });
    expect(changedSweep(SWEEP, set(text))).toHaveProperty(['sensitivity'], without(SWEEP.sensitivity, name));
    expect(set(changesInWords(set(text))[1]!)).toEqual(set(text));
  });

  it.each([
    ['dram.mapping=as given', { parameters: { ...SWEEP.parameters, 'dram.mapping': ['as given'] } }],
    ["workload=it's.json", { workload: "it's.json" }],
    ['workload=a (1).json,b(2', { parameters: { ...SWEEP.parameters, workload: ['a (1).json', 'b(2'] } }],
    ['hardware=1', { hardware: '1' }],
  ])('takes words that look like expressions as they are: %s', (text, changes) => {
    expect(changedSweep(SWEEP, set(text))).toMatchObject(changes);
  });

  it.each([
    ['model=simulated', { model: 'simulated' }],
    ['name=5, or six', { name: '5, or six' }],
    ['objectives=joules', { objectives: ['joules'] }],
    ['objectives=joules, cycles', { objectives: ['joules', 'cycles'] }],
    ['constraints=min(batch, 3) <= 2, array.rows > 1', { constraints: ['min(batch, 3) <= 2', 'array.rows > 1'] }],
    ['sensitivity=best', { sensitivity: 'best' }],
    ['plots=none', { plots: 'none' }],
    ['plots=none,all', { plots: ['none', 'all'] }], // said by whoever reads it
  ])('has a setting of the file: %s', (text, changes) => {
    expect(changedSweep(SWEEP, set(text))).toEqual({ ...SWEEP, ...changes });
  });

  it.each(['budgets', 'rerank', 'parameters'])('says that %s are for the file to say', (name) => {
    expect(() => parseChange(`${name}=1`)).toThrow(`${name} only the file itself can say`);
  });

  it('draws no heat map of what does not vary any more', () => {
    const drawn = { ...SWEEP, heatMap: ['array.rows', 'batch'] };
    expect(changedSweep(drawn, set('array.rows=1,2'))).toHaveProperty('heatMap');
    for (const text of ['array.rows=1', 'batch=1', 'array.rows=2 * batch']) {
      expect(changedSweep(drawn, set(text))).not.toHaveProperty('heatMap');
    }
  });

  it('has a setting of one value where settings stand', () => {
    expect(changedSweep(SWEEP, set('batch=8'))).toEqual({
      ...SWEEP,
      batch: 8,
      parameters: { 'array.rows': [32, 64] },
      sensitivity: { 'array.rows': 32 },
    });
  });

  it('makes several changes, each of another name, and none of what is no sweep', () => {
    const changed = changedSweep(SWEEP, set('batch=4,8', 'array.rows=16'));
    expect(changed).toMatchObject({ parameters: { batch: [4, 8], 'array.rows': [16] } });
    expect(() => set('batch=8', 'array.rows=16', 'batch=1,2')).toThrow(
      'batch is given twice: 8 and 1,2. Expected it once',
    );
    expect(changedSweep([1], set('batch=8'))).toEqual([1]);
    expect(changedSweep({ parameters: 3 }, set('batch=8'))).toEqual({ parameters: 3 });
  });
});
