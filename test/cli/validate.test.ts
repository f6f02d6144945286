import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ErrorStatistics } from '../../src/studies/check/errorStatistics.ts';
import type { ValidatedFormula, ValidationReport } from '../../src/views/report/validationReport.ts';
import { systole, temporaryFile, temporaryFolder } from '../support/cli.ts';

const report = (...args: string[]): ValidationReport => {
  const { status, stdout, stderr } = systole('validate', ...args, '--format', 'json');
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as ValidationReport;
};
const formula = (value: object): string => temporaryFile('mine.formula.json', { name: 'mine', ...value });

/** Simulated cycles and shapes of ResNet-18's layers on HI3, as `run` has them. */
const run = JSON.parse(systole('run', '-c', 'HI3', '-t', 'resnet18', '--format', 'json').stdout) as {
  layers: { name: string; op: string; unit: string; simulated: { totalCycles: number; computeCycles: number } }[];
};
const simulated = new Map(run.layers.map((layer) => [layer.name, layer.simulated.totalCycles]));
const sum = (values: Iterable<number>): number => [...values].reduce((all, value) => all + value, 0);

describe('systole validate', () => {
  const mine = formula({
    rules: [
      { for: 'conv', cycles: 'C_tile * m' },
      { for: 'relu', cycles: '1000' },
    ],
  });
  const both = report(mine, 'published', '-c', 'HI3', '-t', 'resnet18');
  const [own, published] = both.formulas as [ValidatedFormula, ValidatedFormula];

  it('compares each formula with what the machine takes for the layers that it covers', () => {
    expect(both.runs).toEqual([
      {
        network: 'resnet18',
        hardware: 'HI3',
        phase: 'inference',
        batch: 1,
        layers: 48,
        cycles: sum(simulated.values()),
      },
    ]);
    expect(own.columns).toEqual(['cycles']);
    expect(Object.keys(own.byOperation)).toEqual(['conv', 'relu']);
    const convs = run.layers.filter(({ op }) => op === 'conv');
    expect(own.byOperation['conv']!.cases).toBe(convs.length);
    expect(own.notCovered).toBe(48 - own.all!.cases);
    expect(published.notCovered).toBe(0);
  });

  it('has errors that a reader can count again', () => {
    const relus = run.layers.filter(({ op }) => op === 'relu').map(({ name }) => simulated.get(name)!);
    const errors = relus.map((cycles) => (1000 - cycles) / cycles);
    const { meanAbsolute, bias, total, worst, within1 } = own.byOperation['relu'] as ErrorStatistics;
    expect(meanAbsolute).toBeCloseTo(sum(errors.map(Math.abs)) / errors.length, 12);
    expect(bias).toBeCloseTo(sum(errors) / errors.length, 12);
    expect(total).toBeCloseTo((1000 * relus.length) / sum(relus) - 1, 12);
    expect(Math.abs(worst)).toBeCloseTo(Math.max(...errors.map(Math.abs)), 12);
    expect(within1).toBe(0);
    // Always the same says nothing of an order.
    expect(own.byOperation['relu']).not.toHaveProperty('spearman');
    expect(published.all!.spearman).toBeGreaterThan(0.99);
  });

  it('says what the machine does that the formula lacks', () => {
    // The published form counts 1.14 passes over 512 input channels in tiles of 448; the machine makes two.
    const conv = published.worst.find(({ layer }) => layer === 'layer4.0.conv2')!;
    expect([conv.predicted, conv.simulated, conv.times]).toEqual([40_305, 59_147, 3]);
    expect(conv.lacks.kind).toBe('step');
    expect(conv.lacks.name).toBe('ceiling');
    expect(conv.lacks.words).toContain('ic = 512 is 1.14 tiles of 448, counted as 2');
    // Compute alone lacks every wait.
    const [noStall] = report('no-stall', '-c', 'HI3', '-t', 'resnet18').formulas as [ValidatedFormula];
    const fc = noStall.worst.find(({ layer }) => layer === 'fc')!;
    expect(fc.lacks.kind).toBe('waits');
    expect(fc.lacks.cycles).toBe(fc.simulated - fc.predicted);
  });

  it('is exact where the machine assumes what the formula does', () => {
    const [corner] = report('corner', '-c', 'HI1,HI3', '-t', 'resnet18', '--assume', 'paper').formulas as [
      ValidatedFormula,
    ];
    expect(corner.all).toMatchObject({ meanAbsolute: 0, bias: 0, total: 0, worst: 0, within1: 1, spearman: 1 });
    for (const [column, { worst }] of Object.entries(corner.byColumn)) expect([column, worst]).toEqual([column, 0]);
    expect(corner.worst).toEqual([]);
  });

  it('ranks hardware points beside the machine', () => {
    // More PEs are better, and this formula has it the wrong way round.
    const wrong = formula({ rules: [{ for: 'any', cycles: 'J * K' }] });
    const [ranked] = report(wrong, '-c', 'HI1,HI2,HI3', '-t', 'resnet18').formulas as [ValidatedFormula];
    const [design] = ranked.designs;
    expect(design).toMatchObject({
      network: 'resnet18',
      points: 3,
      kendall: -1,
      spearman: -1,
      best: 'HI3',
      chosen: 'HI1',
    });
    const cycles = report(wrong, '-c', 'HI1,HI3', '-t', 'resnet18').runs.map((each) => each.cycles);
    expect(design!.regret).toBeCloseTo(cycles[0]! / cycles[1]! - 1, 12);
  });

  it('takes points of a sweep file for hardware', () => {
    const { runs, formulas } = report('published', '--sweep', 'table-VIII-64x64', '--points', '3', '-t', 'alexnet');
    expect(runs).toHaveLength(3);
    expect(new Set(runs.map(({ hardware }) => hardware)).size).toBe(3);
    expect(runs.map(({ network }) => network)).toEqual(['alexnet', 'alexnet', 'alexnet']);
    expect(Object.keys(runs[0]!.varied!)).toContain('sramKiB.wbuf');
    expect(formulas[0]!.designs[0]!.points).toBe(3);
  });

  it('compares fused layers group by group', () => {
    const { formulas } = report('published', '-c', 'HI3', '-t', 'resnet18', '--fuse', 'chains');
    const groups = formulas[0]!.byOperation['fused group']!;
    expect(groups.cases).toBeGreaterThan(10);
    // Layer after layer through DRAM is more than a group takes.
    expect(groups.bias).toBeGreaterThan(0.1);
  });

  it('runs both phases, with batches of their own', () => {
    const args = ['-c', 'HT3', '-t', 'alexnet', '--phase', 'inference,training', '--top', '0'];
    const { runs, formulas } = report('no-stall', ...args);
    expect(Object.keys(formulas[0]!.byNetwork)).toEqual(['alexnet inference', 'alexnet training']);
    expect(runs.map(({ phase, batch }) => [phase, batch])).toEqual([
      ['inference', 1],
      ['training', 32],
    ]);
  });

  it('writes a folder with plots', () => {
    const folder = join(temporaryFolder(), 'out');
    const { status, stdout } = systole('validate', mine, 'published', '-c', 'HI3', '-t', 'resnet18', '-o', folder);
    expect(status).toBe(0);
    expect(stdout).toContain('2 formulas on 1 network and 1 hardware point: 48 layers in 1 run');
    expect(readdirSync(folder).sort()).toEqual([
      ...['cases.csv', 'errors-mine.svg', 'errors-published.svg', 'parity-mine.svg', 'parity-published.svg'],
      ...['result.json', 'statistics.csv'],
    ]);
    const text = (name: string): string => readFileSync(join(folder, name), 'utf8');
    expect((JSON.parse(text('result.json')) as ValidationReport).formulas).toEqual(both.formulas);
    const cases = text('cases.csv').trimEnd().split('\n');
    expect(cases).toHaveLength(1 + own.all!.cases + 48);
    expect(cases[0]).toBe('formula,network,hardware,phase,batch,layer,op,predictedCycles,simulatedCycles,error');
    expect(text('statistics.csv')).toContain('\npublished,operation,conv,20,');
    for (const plot of ['parity-mine.svg', 'errors-mine.svg']) {
      expect(text(plot)).toMatch(/^<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/);
      // A mark for each layer.
      expect(text(plot).match(/<circle|<line/g)!.length).toBeGreaterThanOrEqual(own.all!.cases);
    }
  });
});

describe('systole validate --against', () => {
  it('takes several runs in one file, by their columns', () => {
    const file = temporaryFile(
      'numbers.csv',
      [
        'network,hardware,layer,cycles',
        `resnet18,HI3,fc,${simulated.get('fc')! * 2}`,
        'ResNet18,HI1,fc,1',
        'alexnet,HI3,fc1,5',
      ].join('\n'),
    );
    const { runs, formulas } = report('--against', file);
    expect(runs.map(({ network, hardware }) => `${network} ${hardware}`)).toEqual([
      'resnet18 HI3',
      'resnet18 HI1',
      'alexnet HI3',
    ]);
    expect(formulas).toHaveLength(1);
    expect(formulas[0]!.byHardware['HI3']!.cases).toBe(2);
    expect(formulas[0]!.byNetwork['resnet18']!.worst).toBeCloseTo(1, 1);
  });

  it('takes the run of a file that names none from the options, beside formulas', () => {
    const { formulas } = report('corner', '--against', 'test/cli/predictions.csv', '-c', 'HI3', '-t', 'resnet18');
    expect(formulas.map(({ name }) => name)).toEqual(['corner', 'test/cli/predictions.csv']);
    expect(formulas[1]!.all!.cases).toBe(4);
  });

  it('is of check too, which looks at the lines of its own run', () => {
    const file = temporaryFile('numbers.csv', 'hardware,layer,cycles\nHI3,fc,8500\nHI1,fc,1\n');
    const { against } = JSON.parse(
      systole('check', '-c', 'HI3', '-t', 'resnet18', '--against', file, '--format', 'json').stdout,
    ) as { against: { layers: { name: string; predicted: number }[] } };
    expect(against.layers).toMatchObject([{ name: 'fc', predicted: 8500 }]);
    const { status, stderr } = systole('check', '-c', 'HI2', '-t', 'resnet18', '--against', file);
    expect(status).toBe(2);
    expect(stderr).toContain(`${file}: expected a line of resnet18 on HI2, inference, batch 1`);
  });
});

describe('systole validate with files alone', () => {
  it('checks them', () => {
    const { status, stdout } = systole('validate', 'published', '-c', 'HI1');
    expect(status).toBe(2); // a formula and hardware, but nothing to run there
    expect(stdout).toBe('');
    expect(systole('validate', '-c', 'HI1,HT3', '-t', 'resnet18').stdout).toBe(
      'hardware HI1: fine (HI1: 16×16)\nhardware HT3: fine (HT3: 64×64)\nworkload resnet18: fine (resnet18: 69 layers)\n',
    );
    expect(systole('validate', 'roofline').stdout).toBe('formula roofline: fine (roofline: 1 column)\n');
  });
});

describe('what is wrong', () => {
  const fails = (...args: string[]): string => {
    const { status, stdout, stderr } = systole('validate', ...args);
    expect([status, stdout]).toEqual([2, '']);
    return stderr.replace(/^systole: /, '').trimEnd();
  };

  it.each([
    [['publishd', '-c', 'HI3', '-t', 'resnet18'], /did you mean published\?$/],
    [['published', '-c', 'HI3'], /^--workload: expected networks to compare with \(it is missing\)$/],
    [['published', '-c', 'HI3,', '-t', 'resnet18'], /expected names with a comma between them/],
    [['published', '-c', 'HI3', '-t', 'resnet18', '--phase', 'trainig'], /did you mean training\?/],
    [
      ['published', '-c', 'HI3', '-t', 'resnet18', '--points', '3'],
      /^--points: got 3, expected --sweep, without which it changes nothing$/,
    ],
    [['published', '-c', 'HI3', '--sweep', 'table-X'], /^--hardware: got "HI3", expected no --sweep/],
    [
      ['published', '-c', 'HI3', '-t', 'resnet18', '--expansion', 'exact'],
      /--phase training, without which it changes nothing$/,
    ],
    [[], /^validate: expected formulas with --hardware and --workload to compare them on, or files to check$/],
    [
      ['--against', 'test/cli/predictions.csv', '-c', 'HI3'],
      /^--workload: expected a single one, or a column network in test\/cli\/predictions\.csv$/,
    ],
  ])('%j is said: %s', (args, message) => {
    expect(fails(...args)).toMatch(message);
  });

  it('is a sweep that varies more than hardware and networks: everything of it, why, and what to do instead', () => {
    const parameters = {
      ...{ 'sramKiB.wbuf': [512, 1024], assume: ['hardware', 'paper'], fuse: "batch > 1 ? 'chains' : 'none'" },
      ...{ dram: ['HBM2'], 'dram.layout': ['tiles', 'nhwc'], energy: ['fit'], closedForm: ['ceiling'] },
    };
    const file = temporaryFile('mine.json', { name: 'mine', hardware: 'HI3', workload: 'alexnet', parameters });
    const machine = (option: string): string =>
      `nothing: a validation has one machine for all points; run it once for each value of ${option}`;
    expect(fails('roofline', '--sweep', file).replaceAll('systole: ', '').split('\n')).toEqual([
      `${file}: parameters.assume: got ["hardware","paper"], expected ${machine('--assume')}`,
      `${file}: parameters.fuse: got "batch > 1 ? 'chains' : 'none'", expected ${machine('--fuse')}`,
      `${file}: parameters.dram: got ["HBM2"], expected ${machine('--dram and the options beside it')}`,
      `${file}: parameters.dram.layout: got ["tiles","nhwc"], expected ${machine('--dram and the options beside it')}`,
      `${file}: parameters.energy: got ["fit"], expected nothing: a validation compares no energy`,
      `${file}: parameters.closedForm: got ["ceiling"], expected nothing: a validation compares the formulas that are named`,
    ]);
  });

  it('is a formula that gives no number, with the layer', () => {
    const file = formula({ rules: [{ for: 'gemm', cycles: 'log2(J - 64)' }] });
    expect(fails(file, '-c', 'HI3', '-t', 'resnet18')).toBe(
      `${file}: rules[0].cycles: got -Infinity, expected a finite number (layer fc)`,
    );
  });
});
