import { describe, expect, it } from 'vitest';
import { systole, temporaryFile } from '../support/cli.ts';

interface Check {
  steps: string[];
  layers: {
    name: string;
    cycles: Record<string, number>;
    differences: Record<string, number>;
    why: Record<string, unknown>;
  }[];
  totals: Record<string, number> & { all: { cycles: Record<string, number> } };
  byOperation: Record<string, { cycles: Record<string, number> }>;
  against?: { layers: { name: string; predicted: number; simulated: number; error: number }[]; notPredicted: string[] };
}

const CHECK = ['check', '--hardware', 'HI3', '--workload', 'resnet18'];
const json = (...args: string[]): Check => JSON.parse(systole(...CHECK, '--format', 'json', ...args).stdout) as Check;

describe('systole check', () => {
  const report = json();

  it('prints the promised JSON', () => {
    expect(report.steps).toEqual(['published', 'ceiling', 'paper', 'edges', 'free-running', 'hardware']);
    for (const { cycles } of report.layers) expect(Object.keys(cycles)).toEqual(report.steps);
    for (const step of report.steps) {
      const sum = report.layers.reduce((all, layer) => all + layer.cycles[step]!, 0);
      expect(report.totals[step]).toBeCloseTo(sum, 6);
      expect(report.totals.all.cycles[step]).toBe(report.totals[step]);
      const byOperation = Object.values(report.byOperation).reduce((all, group) => all + group.cycles[step]!, 0);
      expect(byOperation).toBeCloseTo(sum, 6);
    }
  });

  it('ends where `systole run` with hardware assumptions is', () => {
    const run = JSON.parse(systole('run', '-c', 'HI3', '-t', 'resnet18', '--format', 'json').stdout) as {
      totals: { all: { closedForm: { totalCycles: number }; simulated: { totalCycles: number } } };
    };
    expect(report.totals['hardware']).toBe(run.totals.all.simulated.totalCycles);
    expect(report.totals['published']).toBeCloseTo(run.totals.all.closedForm.totalCycles, 6);
  });

  it('has an optional step for resident operands', () => {
    expect(json('--keep-resident').steps.at(-1)).toBe('keep-resident');
  });

  it('says in words which layers move and why', () => {
    const { status, stdout } = systole(...CHECK);
    expect(status).toBe(0);
    expect(stdout).toContain('Layers that move most:\nlayer4.0.conv2 (conv): 40,305 → 59,147 cycles, +46.7%');
    expect(stdout).toContain('why it waited');
  });

  it('writes CSV with a row per layer and the totals', () => {
    const [header, ...rows] = systole(...CHECK, '--format', 'csv')
      .stdout.trimEnd()
      .split('\n');
    expect(header).toContain(
      'cycles.published,cycles.ceiling,cycles.paper,cycles.edges,cycles.free-running,cycles.hardware',
    );
    expect(rows).toHaveLength(48 + 3);
  });
});

describe('systole check --dram', () => {
  const PAD = ['-c', 'HI3', '-t', 'test/cases/pad.json', '--format', 'json'];
  const checkOf = (...args: string[]): Check => JSON.parse(systole('check', ...PAD, ...args).stdout) as Check;
  const runOf = (...args: string[]): number => {
    const run = JSON.parse(systole('run', ...PAD, ...args).stdout) as {
      totals: { all: { simulated: { totalCycles: number } } };
    };
    return run.totals.all.simulated.totalCycles;
  };

  it('climbs to the hardware on ideal DRAM as without it, and from there to the run on that DRAM', () => {
    const [without, withDram] = [checkOf(), checkOf('--dram', 'DDR4-2400')];
    for (const step of without.steps) expect(withDram.totals[step], step).toBe(without.totals[step]);
    expect(withDram.totals[withDram.steps.at(-1)!]).toBe(runOf('--dram', 'DDR4-2400'));
    expect(withDram.totals['dram-shared']).toBeGreaterThan(without.totals['hardware']!);
  });

  it('compares predictions with the run on that DRAM, and with resident tiles where they are kept', () => {
    const file = temporaryFile('mine.csv', 'c,1000\n');
    const seen = (...args: string[]) => checkOf(...args, '--against', file).against!.layers[0]!.simulated;
    expect(seen('--dram', 'DDR4-2400')).toBe(runOf('--dram', 'DDR4-2400'));
    expect(seen('--dram', 'latency')).toBe(runOf('--dram', 'latency'));
    expect(seen('--keep-resident')).toBe(runOf('--assume', 'keep-resident'));
  });
});

describe('systole check --against', () => {
  it("ranks the layers by the error of a user's own prediction", () => {
    const file = temporaryFile('mine.csv', 'layer,cycles\nconv1,623488\nfc,4239\n');
    const { against } = json('--against', file);
    // The simulation takes 623,488 cycles for conv1 and 8,478 for fc, twice the 4,239 predicted.
    expect(against!.layers).toEqual([
      { name: 'fc', predicted: 4239, simulated: 8478, error: -0.5 },
      { name: 'conv1', predicted: 623488, simulated: 623488, error: 0 },
    ]);
    expect(against!.notPredicted).toHaveLength(46);
    const marked = temporaryFile('mine.csv', '\ufefflayer,cycles\nconv1,623488\nfc,4239\n');
    expect(json('--against', marked).against!.layers).toEqual(against!.layers);
  });

  const wrong: [string, string, string][] = [
    ['an unknown layer', 'layer,cycles\nnope,1\n', 'line 2: got "nope", expected the name of a layer that runs'],
    ['a layer given twice', 'conv1,1\nconv1,2\n', 'line 2: got "conv1", expected each layer once'],
    ['a missing number', 'layer,cycles\nconv1,\n', 'line 2: got "conv1,", expected layer,cycles with a number ≥ 0'],
    ['nothing in it', 'layer,cycles\n', 'expected lines of layer,cycles'],
  ];
  it.each(wrong)('refuses a file with %s', (_, text, message) => {
    const { status, stdout, stderr } = systole(...CHECK, '--against', temporaryFile('mine.csv', text));
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });
});
