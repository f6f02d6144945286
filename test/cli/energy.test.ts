import { describe, expect, it } from 'vitest';
import type { RunReport } from '../../src/views/report/runReport.ts';
import { systole, temporaryFile } from '../support/cli.ts';
import { ROUND_ENERGY } from '../support/energy.ts';
import { hardwarePreset } from '../support/presets.ts';

const ALEXNET = ['run', '--hardware', 'HI3', '--workload', 'alexnet'];

const run = (...args: string[]): RunReport => runOn('HI3', ...args);

function runOn(hardware: string, ...args: string[]): RunReport {
  const { status, stdout } = systole('run', '-c', hardware, '-t', 'alexnet', ...args, '--format', 'json');
  expect(status).toBe(0);
  return JSON.parse(stdout) as RunReport;
}

describe('systole run --energy', () => {
  it('says in every format that the fit is a fit', () => {
    expect(run('--energy', 'fit').energy!.description).toContain('A fit, not measured data');
    expect(systole(...ALEXNET, '--energy', 'fit').stdout).toContain(
      'energy with the constants "fit": A fit, not measured data',
    );
    const [header, ...rows] = systole(...ALEXNET, '--energy', 'fit', '--format', 'csv')
      .stdout.trim()
      .split('\n');
    const source = header!.split(',').indexOf('energyData');
    expect(rows.length).toBeGreaterThan(10);
    expect(new Set(rows.map((row) => row.split(',')[source]))).toEqual(new Set(['fit']));
  });

  it('adds up: components to layers, layers to kinds, units and the whole', () => {
    const { layers, energy } = run('--energy', 'fit');
    const { totals, kinds } = energy!;
    for (const model of ['closedForm', 'simulated'] as const) {
      const total = (figures: { [key in typeof model]: { totalJoules: number } }): number => figures[model].totalJoules;
      const sum = (values: number[]): number => values.reduce((all, value) => all + value, 0);
      const whole = total(totals.all);
      expect(sum(layers.map((layer) => total(layer.energy!))) / whole).toBeCloseTo(1, 12);
      expect(sum(kinds.map(total)) / whole).toBeCloseTo(1, 12);
      expect((total(totals.SA) + total(totals.SIMD)) / whole).toBeCloseTo(1, 12);
    }
  });

  it("takes a file of the user's, with its clock", () => {
    const without = run();
    const report = run('--energy', temporaryFile('mine.json', ROUND_ENERGY));
    expect(report.energy!.name).toBe('round');
    // The file's 1 ns in place of HI3's 0.965 ns.
    const cycles = report.totals.all.simulated.totalCycles;
    expect(report.seconds.simulated).toBeCloseTo(cycles * 1e-9, 12);
    expect(without.seconds.simulated).toBeCloseTo(cycles * 0.965e-9, 12);
    const { simulated } = report.energy!.totals.all;
    expect(simulated.leakageJoules.peArray).toBeCloseTo(cycles * 1e-9 * 10e-3, 12);
    expect(report.energy!.averageWatts.simulated).toBeCloseTo(simulated.totalJoules / report.seconds.simulated, 9);
  });

  it('runs the machine at the clock of the energy data, which matters to a memory with a clock of its own', () => {
    const [energy, atOneNanosecond] = [
      temporaryFile('mine.json', ROUND_ENERGY),
      temporaryFile('slower.json', { ...hardwarePreset('HI3'), clockPicoseconds: 1000 }),
    ];
    const cycles = (report: RunReport): number => report.totals.all.simulated.totalCycles;
    const withEnergy = run('--dram', 'HBM2', '--energy', energy);
    expect(cycles(withEnergy)).toBe(cycles(runOn(atOneNanosecond, '--dram', 'HBM2')));
    expect(cycles(withEnergy)).not.toBe(cycles(run('--dram', 'HBM2')));
  });

  it('changes nothing else of the report', () => {
    const { energy, layers, ...rest } = run('--energy', 'fit');
    const { layers: bare, ...without } = run();
    expect(rest).toEqual(without);
    expect(layers.map(({ energy: _, ...layer }) => layer)).toEqual(bare);
  });

  it.each([
    ['a file that is not there', 'none.json', '--energy: got "none.json", expected a preset (fit) or a file'],
    ['a file that is not JSON', temporaryFile('bad.json', '{'), 'bad.json: expected JSON'],
    ['a file of something else', 'hw/HI3.json', 'hw/HI3.json: points: expected a value of type array (it is missing)'],
  ])('%s ends with exit 2 and one message', (_, file, message) => {
    const { status, stdout, stderr } = systole(...ALEXNET, '--energy', file);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});
