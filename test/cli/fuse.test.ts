import { describe, expect, it } from 'vitest';
import type { CheckReport } from '../../src/views/report/checkReport.ts';
import type { RunReport } from '../../src/views/report/runReport.ts';
import { systole } from '../support/cli.ts';

const NETWORK = ['-c', 'HI3', '-t', 'resnet18'];
const run = (...args: string[]): RunReport =>
  JSON.parse(systole('run', ...NETWORK, ...args, '--format', 'json').stdout) as RunReport;
const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

describe('fused groups on the command line', () => {
  const apart = run();

  it.each(['pairs', 'chains'])(
    '%s: layers and groups add up to the run, each side of a group to the group',
    (fusion) => {
      const { layers, groups, totals } = run('--fuse', fusion);
      const cycles = [
        ...layers.map(({ simulated }) => simulated.totalCycles),
        ...groups!.map((each) => each.totalCycles),
      ];
      expect(sum(cycles)).toBe(totals.all.simulated.totalCycles);
      for (const { totalCycles, units } of groups!) {
        for (const { busyCycles, waiting } of [units.SA, units.SIMD]) {
          expect(busyCycles + sum(Object.values(waiting))).toBe(totalCycles);
        }
      }
      const members = new Set(groups!.flatMap((group) => group.members));
      for (const { name, simulated, group } of layers) {
        expect([name, group !== undefined]).toEqual([name, members.has(name)]);
        if (members.has(name)) expect([name, simulated.totalCycles, simulated.stallCycles]).toEqual([name, 0, 0]);
      }
    },
  );

  it('pairs hand over the sums of convs: neither their stores nor the loads behind them are left', () => {
    const { layers, totals } = run('--fuse', 'pairs');
    const saved = layers.map(({ name, unit, simulated: { dramBits } }, place) => {
      const before = apart.layers[place]!.simulated.dramBits;
      const isHanded = layers[place + 1]?.group !== undefined && layers[place + 1]!.group === layers[place]!.group;
      if (unit === 'SA' && isHanded) expect([name, dramBits.ofmap]).toEqual([name, 0]);
      return before.ofmap - dramBits.ofmap + before.ifmap - dramBits.ifmap;
    });
    const bits = (report: RunReport): number => sum(Object.values(report.totals.all.simulated.dramBits));
    expect(bits(apart) - sum(saved)).toBe(sum(Object.values(totals.all.simulated.dramBits)));
    // What is computed is the same, but for the fill of the SIMD pipeline: a group's tile is the conv's.
    const computed = ({ totals: { all } }: Pick<RunReport, 'totals'>): number =>
      all.simulated.computeCycles - all.simulated.fillCycles;
    expect(computed({ totals })).toBe(computed(apart));
    expect(totals.all.simulated.opCounts).toEqual(apart.totals.all.simulated.opCounts);
  });

  it('by the published closed form pairs are estimated as the published tool does', () => {
    const golden = run('--fuse', 'pairs').totals.all.closedForm.totalCycles;
    expect(golden).toBeLessThan(apart.totals.all.closedForm.totalCycles);
    // Only the published form has an estimate, and only of pairs.
    for (const options of [
      ['--fuse', 'pairs', '--closed-form', 'ceiling'],
      ['--fuse', 'chains'],
    ]) {
      const plain = run(
        ...options.filter((option) => option !== '--fuse' && option !== 'pairs' && option !== 'chains'),
      );
      expect(run(...options).totals.all.closedForm).toEqual(plain.totals.all.closedForm);
    }
  });

  it.each(['pairs', 'chains'])('%s take under the paper’s assumptions what their closed form says', (fusion) => {
    const { layers, groups, totals } = run('--fuse', fusion, '--assume', 'paper', '--closed-form', 'ceiling');
    for (const { name, totalCycles, closedForm } of groups!) {
      expect([name, closedForm.totalCycles]).toEqual([name, totalCycles]);
    }
    const apartFromGroups = layers.filter(({ group }) => group === undefined);
    expect(totals.all.closedForm.totalCycles).toBe(
      sum([...apartFromGroups, ...groups!].map(({ closedForm }) => closedForm.totalCycles)),
    );
    expect(totals.all.closedForm.dramBits).toEqual(totals.all.simulated.dramBits);
    // In tables, too, a group's own closed form stands in its row.
    const csv = systole('run', ...NETWORK, '--fuse', fusion, '--assume', 'paper', '--format', 'csv').stdout;
    const [head, ...rows] = csv
      .trim()
      .split('\n')
      .map((line) => line.split(',')) as [string[], ...string[][]];
    const [byFormula, byMachine] = ['closedForm', 'simulated'].map((model) => head.indexOf(`${model}.totalCycles`));
    const ofGroups = rows.filter(([name]) => groups!.some((group) => group.name === name));
    expect(ofGroups.length).toBe(groups!.length);
    for (const row of ofGroups) expect([row[0], row[byFormula!]]).toEqual([row[0], row[byMachine!]]);
  });

  it('a group is one row of the table and of the CSV', () => {
    const csv = systole('run', ...NETWORK, '--fuse', 'chains', '--format', 'csv').stdout;
    expect(csv).toContain('layer1.0.conv1 + layer1.0.relu1');
    expect(csv.split('\n').some((line) => line.startsWith('layer1.0.conv1,'))).toBe(false);
    const table = systole('run', ...NETWORK, '--fuse', 'chains').stdout;
    const cyclesOf = (name: string): number =>
      Number(new RegExp(`^${name} .*?([\\d,]+) +([\\d,]+)`, 'm').exec(table)![2]!.replaceAll(',', ''));
    expect(cyclesOf('all fused groups') + cyclesOf('other conv and gemm') + cyclesOf('all others')).toBe(
      cyclesOf('total'),
    );
    expect(table).toMatch(/^fused: \d+ groups of \d+ layers$/m);
    expect(table.split('\n').every((line) => line.length <= 80)).toBe(true);
  });

  it('takes the same for the same work, leaks for the time that is left, and adds up', () => {
    const [plain, fused] = [run('--energy', 'fit'), run('--energy', 'fit', '--fuse', 'chains')];
    const energyOf = ({ energy }: RunReport) => energy!.totals.all.simulated;
    const perSecond = (report: RunReport): number => energyOf(report).leakageJoules.peArray / report.seconds.simulated;
    expect(perSecond(fused)).toBeCloseTo(perSecond(plain), 12);
    expect(energyOf(fused).dynamicJoules.peArray).toBeCloseTo(energyOf(plain).dynamicJoules.peArray, 12);
    expect(fused.energy!.averageWatts.simulated * fused.seconds.simulated).toBeCloseTo(energyOf(fused).totalJoules, 12);
    const parts = [...fused.layers, ...fused.groups!].map(({ energy }) => energy!.simulated.totalJoules);
    expect(sum(parts)).toBeCloseTo(energyOf(fused).totalJoules, 12);
    const kinds = fused.energy!.kinds.map(({ simulated }) => simulated.totalJoules);
    expect(sum(kinds)).toBeCloseTo(energyOf(fused).totalJoules, 12);
    const { SA, SIMD } = fused.energy!.totals;
    expect(SA.simulated.totalJoules + SIMD.simulated.totalJoules).toBeCloseTo(energyOf(fused).totalJoules, 12);
    // A row of the CSV is a whole group's.
    const [header, ...rows] = systole('run', ...NETWORK, '--energy', 'fit', '--fuse', 'chains', '--format', 'csv')
      .stdout.trimEnd()
      .split('\n')
      .map((line) => line.split(','));
    const column = header!.indexOf('simulated.energy.totalJoules');
    expect(sum(rows.map((cells) => Number(cells[column])))).toBeCloseTo(energyOf(fused).totalJoules, 12);
  });

  it('is the last step of check that asks for it, before a memory', () => {
    const check = (...args: string[]): CheckReport =>
      JSON.parse(systole('check', ...NETWORK, ...args, '--format', 'json').stdout) as CheckReport;
    const ladder = check('--fuse', 'pairs');
    expect(ladder.steps.at(-1)).toBe('fused');
    const pairs = run('--fuse', 'pairs');
    expect(ladder.totals['fused']).toBe(pairs.totals.all.simulated.totalCycles);
    // Each group by its closed form, on the machine that this describes, and on the step.
    expect(ladder.groups).toEqual(
      pairs.groups!.map(({ name, totalCycles, closedForm }) => ({
        ...{ name, closedForm: closedForm.totalCycles, paper: closedForm.totalCycles, fused: totalCycles },
      })),
    );
    const all = check('--prefetch', '--fuse', 'chains', '--dram', 'latency');
    const asked = run('--assume', 'prefetch', '--fuse', 'chains', '--dram', 'latency').totals.all.simulated.totalCycles;
    expect(all.steps.slice(-3)).toEqual(['prefetch', 'fused', 'dram-latency']);
    expect(all.totals['dram-latency']).toBe(asked);
  });

  it('are traced, a layer of the trace per array, which any member’s name selects', () => {
    const trace = (...args: string[]) => systole('trace', ...NETWORK, '--fuse', 'chains', ...args, '-o', '-');
    const rows = (csv: string): string[][] =>
      csv
        .trim()
        .split('\n')
        .map((line) => line.split(','));
    const all = rows(trace('--format', 'csv', '--lanes', 'layers').stdout).slice(1);
    const { totals, layers, groups } = run('--fuse', 'chains');
    expect(sum(all.map((row) => Number(row[5])))).toBe(totals.all.simulated.totalCycles);
    expect(all.length).toBe(groups!.length + layers.filter(({ group }) => group === undefined).length);
    const name = 'layer1.0.conv2 + layer1.0.add + layer1.0.relu2';
    const one = rows(trace('--format', 'csv', '--layer', 'layer1.0.add').stdout).slice(1);
    expect(new Set(one.map((row) => row[6]))).toEqual(new Set([name]));
    for (const unit of ['SA', 'SIMD']) expect(one.some((row) => row[0] === 'compute' && row[8] === unit)).toBe(true);
    const { otherData } = JSON.parse(trace('--format', 'chrome', '--layer', name, '--lanes', 'simd').stdout) as {
      otherData: { selection: object };
    };
    expect(otherData.selection).toEqual({ layer: name, lanes: 'simd' });
    expect(trace('--format', 'html', '--layer', name).stdout).toContain('"isSecondSide":true');
  });
});
