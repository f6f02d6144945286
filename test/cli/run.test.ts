import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systole, temporaryFile, temporaryFolder } from '../support/cli.ts';
import { golden } from '../support/golden.ts';
import { hardwarePreset } from '../support/presets.ts';

interface Figures {
  computeCycles: number;
  stallCycles: number;
  totalCycles: number;
  waiting: Record<string, number>;
}
interface Report {
  hardware: string;
  workload: string;
  phase: string;
  batch: number;
  assumptions: string[];
  layers: { name: string; unit: string; closedForm: Figures; simulated: Figures & { tiles: number } }[];
  totals: Record<'SA' | 'SIMD' | 'all', { closedForm: Figures; simulated: Figures }>;
}

const RESNET18 = ['run', '--hardware', 'HI3', '--workload', 'resnet18'];

describe('systole run', () => {
  it('prints the promised JSON and nothing else on stdout', () => {
    const { status, stdout, stderr } = systole(...RESNET18, '--format', 'json');
    expect([status, stderr]).toEqual([0, '']);
    const report = JSON.parse(stdout) as Report;
    expect(report).toMatchObject({
      hardware: 'HI3',
      workload: 'resnet18',
      phase: 'inference',
      batch: 1,
      assumptions: ['reload-operands'],
    });
    const file = golden('resnet18-inference-HI3');
    // 48 layers cost something; the golden totals hold compute and stall cycles.
    expect(report.layers).toHaveLength(file.layers.length);
    const [compute, stall] = [file.columns.indexOf('cycles_compute'), file.columns.indexOf('cycles_stall')];
    expect(report.totals.SA.closedForm.computeCycles).toBe(file.total_SA[compute]);
    expect(report.totals.SIMD.closedForm.stallCycles).toBe(file.total_SIMD[stall]);
  });

  it('says the same whether it steps every tile or jumps over what recurs, and how many it stepped', () => {
    const run = ['run', '-c', 'HI1', '-t', 'resnet50', '--format', 'json'];
    const tilesOf = (text: string): number[] =>
      ['tiles', 'steppedTiles', 'jumpedTiles'].map((key) => JSON.parse(text).totals.all.simulated[key] as number);
    const without = (text: string): string => text.replace(/"(stepped|jumped)Tiles": \d+,/g, '');
    const jumping = systole(...run).stdout;
    const stepping = systole(...run, '--no-fast-forward').stdout;
    expect(without(jumping)).toBe(without(stepping));
    const [tiles, stepped, jumped] = tilesOf(jumping);
    expect(stepped! + jumped!).toBe(tiles);
    expect(stepped).toBeLessThan(tiles! / 10);
    expect(tilesOf(stepping)).toEqual([tiles, tiles, 0]);
  });

  it('accounts for every cycle of every layer and of the totals', () => {
    const report = JSON.parse(systole(...RESNET18, '--format', 'json').stdout) as Report;
    for (const { simulated } of [...report.layers, ...Object.values(report.totals)]) {
      const waiting = Object.values(simulated.waiting).reduce((sum, cycles) => sum + cycles, 0);
      expect(simulated.computeCycles + waiting).toBe(simulated.totalCycles);
      expect(simulated.stallCycles).toBe(waiting);
    }
    expect(Object.keys(report.totals.all.simulated.waiting)).toEqual([
      'weight',
      'bias',
      'ifmap',
      'psumLoad',
      'outputSlot',
      'vmemLoad',
      'vmemStore',
      'hazard',
      'barrier',
      'drain',
      'instructions',
      'producer',
      'noWork',
      'obufTile',
    ]);
  });

  it('gives the same bytes for the same input', () => {
    const [first, second] = [systole(...RESNET18, '--format', 'json'), systole(...RESNET18, '--format', 'json')];
    expect(first.stdout).toBe(second.stdout);
  });

  it('equals the ceiling closed form under --assume paper', () => {
    const options = ['--assume', 'paper', '--closed-form', 'ceiling', '--format', 'json'];
    const report = JSON.parse(systole(...RESNET18, ...options).stdout) as Report;
    expect(report.assumptions).toEqual(['full-edge-tiles', 'lockstep', 'no-psum-hazard', 'reload-operands']);
    expect(report.totals.all.simulated.totalCycles).toBe(report.totals.all.closedForm.totalCycles);
  });

  it('prints a table with a row per layer and the totals', () => {
    const { stdout } = systole(...RESNET18);
    expect(stdout).toContain('resnet18 inference, batch 1, on HI3');
    for (const name of ['conv1', 'layer4.1.conv2', 'fc', 'all conv and gemm', 'total'])
      expect(stdout).toContain(`\n${name} `);
  });

  it('writes CSV with a header and a row per layer, by the name of the output', () => {
    const output = join(temporaryFolder(), 'run.csv');
    expect(systole(...RESNET18, '-o', output).stdout).toBe('');
    const [header, ...rows] = readFileSync(output, 'utf8').trimEnd().split('\n');
    expect(header!.split(',').slice(0, 4)).toEqual(['layer', 'op', 'unit', 'closedForm.computeCycles']);
    expect(rows).toHaveLength(48);
    expect(readdirSync(dirname(output))).toEqual(['run.csv']);
  });

  it("reads SimDIT's two files and gets the preset's result", () => {
    const simdit = systole(
      'run',
      '-c',
      'test/simdit/hardware-HI3.json',
      '-t',
      'test/simdit/resnet18-inference.json',
      '--format',
      'json',
    );
    const preset = systole(...RESNET18, '--format', 'json');
    expect((JSON.parse(simdit.stdout) as Report).totals).toEqual((JSON.parse(preset.stdout) as Report).totals);
  });

  it("takes the tiles of SimDIT's file when told to, and refuses those that do not fit", () => {
    const simdit = ['-t', 'test/simdit/resnet18-inference.json', '--tiles', 'file'];
    const tooSmall = systole('run', '-c', 'HI3', ...simdit);
    expect(tooSmall.status).toBe(2);
    // 128 · 256 · 3 · 3 weights of 8 bits are 2,359,296 bits; half of 512 KiB holds 2,097,152.
    expect(tooSmall.stderr).toContain('program[35].tile');
    expect(tooSmall.stderr).toContain('needs 2359296 bits of 2097152');
    const { sramKiB, ...rest } = hardwarePreset('HI3');
    const large = temporaryFile('large.json', { ...rest, sramKiB: { ...sramKiB, wbuf: 1024 } });
    const report = JSON.parse(systole('run', '-c', large, ...simdit, '--format', 'json').stdout) as {
      layers: { tile: object }[];
    };
    expect(report.layers[0]!.tile).toEqual({ oc: 64, ic: 64, kh: 7, kw: 7, n: 1, oh: 8, ow: 16 });
  });
});

describe('systole run --phase training', () => {
  it('runs the exact iteration of 32 images by default, and the published one on demand', () => {
    const training = ['run', '-c', 'HT3', '-t', 'resnet18', '--phase', 'training', '--format', 'json'];
    const exact = JSON.parse(systole(...training).stdout) as Report;
    expect(exact).toMatchObject({ phase: 'training', batch: 32, expansion: 'exact' });
    expect(exact.layers.some((layer) => layer.name === 'conv1.dX')).toBe(false);
    const published = JSON.parse(systole(...training, '--expansion', 'published').stdout) as Report;
    const file = golden('resnet18-training-HT3');
    expect(published.layers).toHaveLength(file.layers.length);
    expect(published.totals.SA.closedForm.computeCycles).toBe(file.total_SA[file.columns.indexOf('cycles_compute')]);
  });

  it.each(['vgg16', 'alexnet'])('trains %s, with biases and without batch norm', (network) => {
    const { stdout } = systole(
      'run',
      '-c',
      'HT3',
      '-t',
      network,
      '--phase',
      'training',
      '--batch',
      '2',
      '--format',
      'json',
    );
    const names = (JSON.parse(stdout) as Report).layers.map((layer) => layer.name);
    const first = network === 'vgg16' ? 'conv1_1' : 'conv1';
    expect(names.slice(-4)).toEqual([`${first}.dW`, `${first}.sgd`, `${first}.bias-grad`, `${first}.bias-sgd`]);
  });
});

describe('wrong input', () => {
  const wrong: [string, string[], string][] = [
    [
      'a preset that does not exist',
      ['-c', 'HI9', '-t', 'resnet18'],
      '--hardware: got "HI9", expected a preset (HI1, HI2, HI3, HT1, HT2, HT3) or a file that can be read',
    ],
    ['a file that is not JSON', ['-c', temporaryFile('bad.json', '{'), '-t', 'resnet18'], 'bad.json: expected JSON'],
    ['no workload', ['-c', 'HI3'], "required option '-t, --workload <preset|file>' not specified"],
    ['an unknown assumption', ['-c', 'HI3', '-t', 'resnet18', '--assume', 'magic'], 'got "magic"'],
    ['half an image', ['-c', 'HI3', '-t', 'resnet18', '--batch', '0.5'], 'expected a whole number ≥ 1'],
  ];
  it.each(wrong)('%s ends with exit 2, one message and nothing on stdout', (_, args, message) => {
    const { status, stdout, stderr } = systole('run', ...args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('    at ');
  });

  it('leaves no output file behind', () => {
    const output = join(temporaryFolder(), 'run.json');
    systole('run', '-c', 'HI9', '-t', 'resnet18', '-o', output);
    expect(existsSync(output)).toBe(false);
  });
});
