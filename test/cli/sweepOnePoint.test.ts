/** Sweeps in which nothing varies: one point, which is the same point of a sweep that varies. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sweep as librarySweep, loadSweep } from '../../src/doors/library/node.ts';
import { systole, temporaryFile, temporaryFolder } from '../support/cli.ts';
import { filesOf, LONG, resultOf, sweep } from '../support/sweep.ts';

const SPEC = {
  name: 'two',
  hardware: 'HI3',
  workload: 'alexnet',
  parameters: { 'sramKiB.vmem': [128, 256] },
};
const ON_MEMORY = {
  ...SPEC,
  workload: LONG.workload,
  model: 'simulated',
  parameters: { dram: ['ideal', 'HBM2'], 'dram.mapping': ['as given', 'rorabgbachco'] },
};

/** Cycles by the values of the one parameter that varies. */
const cyclesAlong = (spec: object): unknown[] =>
  resultOf(sweep(spec).folder).sensitivity[0]!.bars.map(({ cycles }) => cycles);

describe('a sweep in which nothing varies', () => {
  const cycles = cyclesAlong(SPEC);

  it.each([
    ['a value set', SPEC, ['--set', 'sramKiB.vmem=128']],
    ['an expression', { ...SPEC, parameters: { 'sramKiB.vmem': '128' } }, []],
    ['a list of one', { ...SPEC, parameters: { 'sramKiB.vmem': [128] } }, []],
  ])('has one point, by %s', (_, spec, args) => {
    const { status, folder, stderr } = sweep(spec, ...args);
    expect([status, stderr]).toEqual([0, '']);
    const { coverage, best, worst, pareto } = resultOf(folder);
    expect([coverage.latticePoints, coverage.pointsCovered]).toEqual([1, 1]);
    expect(best).toMatchObject({ parameters: { 'sramKiB.vmem': 128 }, cycles: cycles[0] });
    expect([worst, pareto]).toEqual([best, [best]]);
    // Of one value there is no heat map.
    expect(readdirSync(folder)).toContain('pareto.svg');
    expect(readdirSync(folder)).not.toContain('heat-map.svg');
  });

  it('has the point of the hardware as it is where no parameter is left', () => {
    const { status, folder } = sweep({ ...SPEC, parameters: { batch: [2, 3] } }, '--set', 'batch=1');
    expect(status).toBe(0);
    const [first] = cyclesAlong({ ...SPEC, parameters: { batch: [1, 2] } });
    expect(resultOf(folder).best).toMatchObject({ parameters: {}, cycles: first });
  });

  it('simulates it on the memory that is set', () => {
    const { status, folder } = sweep(ON_MEMORY, '--set', 'dram=HBM2', '--set', 'dram.mapping=as given');
    expect(status).toBe(0);
    const along = cyclesAlong({ ...ON_MEMORY, parameters: { dram: ['ideal', 'HBM2'] } });
    expect(resultOf(folder).best.cycles).toBe(along[1]);
  });

  it('comes to the same bytes in shards', () => {
    const set = ['--set', 'sramKiB.vmem=128'];
    const spec = temporaryFile('sweep.json', SPEC);
    const [here, there] = [join(temporaryFolder(), 'out'), join(temporaryFolder(), 'out')];
    for (const i of [1, 2]) expect(systole('sweep', spec, ...set, '--shard', `${i}/2`, '-o', there).status).toBe(0);
    expect(systole('sweep', spec, ...set, '-o', here).status).toBe(0);
    expect(systole('sweep', 'merge', spec, ...set, '-o', there).status).toBe(0);
    expect(filesOf(there)).toEqual(filesOf(here));
  });

  it('is one for the library too', async () => {
    const file = temporaryFile('sweep.json', { ...SPEC, parameters: { 'sramKiB.vmem': '128' } });
    const { spec, parts } = await loadSweep(file);
    const { coverage, best } = await librarySweep(spec, parts);
    expect([coverage.pointsCovered, best?.cycles]).toEqual([1, cycles[0]]);
  });
});
