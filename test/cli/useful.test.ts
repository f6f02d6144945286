import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { systoleWide as systole, temporaryFile } from '../support/cli.ts';

interface Work {
  dramBits: Record<string, number>;
  opCounts: { mac: number };
  totalCycles: number;
  issued: { peUtilisation: number };
  useful: { macs: number; dramBits: Record<string, number>; peUtilisation: number };
}

type Models = Record<'closedForm' | 'simulated', Work>;

interface Run {
  layers: ({ name: string; op: string } & Models)[];
  totals: Record<'SA' | 'SIMD' | 'all', Models>;
}

const run = (...args: string[]): Run => JSON.parse(systole('run', ...args, '--format', 'json').stdout) as Run;

/** 7·7 outputs of a 3×3 kernel over 16 channels, in and out, on a 64×64 array of 8-bit operands, 32-bit psums and biases. */
const PAD = ['-c', 'HI3', '-t', 'test/cases/pad.json'];
const USEFUL_BITS = {
  weight: 3 * 3 * 16 * 16 * 8,
  ifmap: 7 * 7 * 16 * 8,
  psum: 0,
  ofmap: 7 * 7 * 16 * 32,
  bias: 16 * 32,
};
const MACS = 7 * 7 * 3 * 3 * 16 * 16;

describe('a layer that only half fills the array', () => {
  const pad = run(...PAD);

  it.each(['closedForm', 'simulated'] as const)('has useful work beside what is issued: %s', (model) => {
    const { totals, layers } = pad;
    const work = layers[0]![model];
    expect([MACS, USEFUL_BITS.ifmap, USEFUL_BITS.weight]).toEqual([112_896, 6_272, 18_432]);
    expect(work.useful).toEqual({
      macs: MACS,
      dramBits: USEFUL_BITS,
      peUtilisation: MACS / (64 * 64 * work.totalCycles),
    });
    // Issued: 64 channels of both kinds, and the image with a row of zeros on each side.
    expect(work.opCounts.mac).toBe(16 * MACS);
    expect(work.dramBits).toMatchObject({ weight: 16 * USEFUL_BITS.weight, ifmap: 9 * 9 * 64 * 8 });
    expect(work.issued.peUtilisation).toBeCloseTo(16 * work.useful.peUtilisation, 12);
    expect(totals.all[model].useful).toEqual(work.useful);
    expect(totals.SA[model].useful).toEqual(work.useful);
    expect(totals.SIMD[model].useful).toMatchObject({ macs: 0, peUtilisation: 0 });
  });

  it('shows both in the table', () => {
    const { stdout } = systole('run', ...PAD);
    const { issued, useful } = pad.layers[0]!.simulated;
    const inPercent = (share: number): string => `${(100 * share).toFixed(1)}%`;
    expect([inPercent(issued.peUtilisation), inPercent(useful.peUtilisation)]).toEqual(['32.8%', '2.1%']);
    expect(stdout).toMatch(/^c +conv .* 32\.8% +2\.1% /m);
    expect(stdout).toContain('MACs: 1,806,336 issued, 112,896 of them useful');
    expect(stdout).toContain('PEs 32.8% with issued MACs, 2.1% with useful ones');
  });

  it('has both in CSV', () => {
    const [header, row] = systole('run', ...PAD, '--format', 'csv')
      .stdout.split('\n')
      .map((line) => line.split(','));
    const value = (column: string): number => Number(row![header!.indexOf(column)]);
    for (const model of ['closedForm', 'simulated']) {
      expect(value(`${model}.opCounts.mac`)).toBe(16 * MACS);
      expect(value(`${model}.useful.macs`)).toBe(MACS);
      expect(value(`${model}.useful.dramBits.ifmap`)).toBe(USEFUL_BITS.ifmap);
      expect(value(`${model}.useful.peUtilisation`)).toBeCloseTo(16 ** -1 * value(`${model}.issued.peUtilisation`), 12);
    }
  });

  it('has both in the check of the closed form, where a unit without layers has no change', () => {
    const check = JSON.parse(systole('check', ...PAD, '--format', 'json').stdout) as {
      layers: { why: Pick<Work, 'issued' | 'useful'> }[];
      totals: Record<'SA' | 'SIMD', { why: Pick<Work, 'issued' | 'useful'> }>;
    };
    const { issued, useful } = pad.layers[0]!.simulated;
    expect(check.layers[0]!.why).toMatchObject({ issued, useful });
    expect(check.totals.SA.why).toMatchObject({ issued, useful });
    const { stdout } = systole('check', ...PAD);
    expect(stdout).toMatch(/^c +1,343 .* 32\.8% +2\.1% /m);
    expect(stdout).toMatch(/^hardware +1,343 +0 +1,343$/m);
    expect(stdout).toMatch(/^in all +0 +0 +0$/m);
    expect(stdout).not.toContain('NaN');
    const csv = systole('check', ...PAD, '--format', 'csv').stdout.split('\n')[0]!;
    expect(csv).toContain('useful.macs,useful.dramBits.weight');
  });

  it('can be compared with itself, ratios in the totals and all', () => {
    const file = temporaryFile('run.json', pad);
    expect(systole('diff', file, file)).toMatchObject({ status: 0, stdout: '' });
  });
});

describe('fractions of tiles', () => {
  // IC = 512 in tiles of 448: whole tiles hold 896 channels of which 512 are the layer's.
  const layerOf = (variant: string) =>
    run('-c', 'HI3', '-t', 'resnet18', '--closed-form', variant).layers.find(({ name }) => name === 'layer4.0.conv2')!;
  const weights = 3 * 3 * 512 * 512 * 8;

  it('are useful in the share in which whole tiles are', () => {
    const [ceiling, published] = [layerOf('ceiling').closedForm, layerOf('published').closedForm];
    expect(ceiling.dramBits['weight']).toBe((weights * 896) / 512);
    expect(ceiling.useful.dramBits['weight']).toBe(weights);
    expect(published.useful.dramBits['weight']).toBeCloseTo((published.dramBits['weight']! * 512) / 896, 3);
    expect(published.useful.macs).toBe(3 * 3 * 512 * 512 * 7 * 7);
  });
});

describe('a training iteration', () => {
  it('has the MACs of its forward pass three times, but for the gradient of its input', () => {
    const { layers } = run('-c', 'HT1', '-t', 'resnet18', '--phase', 'training', '--batch', '2');
    const macsOf = (name: string): number => layers.find((layer) => layer.name === name)!.simulated.useful.macs;
    const forward = layers.filter(({ name, op }) => ['conv', 'gemm'].includes(op) && !/\.d[XW]$/.test(name));
    expect(forward).toHaveLength(21);
    for (const { name } of forward) {
      expect(macsOf(`${name}.dW`), name).toBe(macsOf(name));
      if (name !== 'conv1') expect(macsOf(`${name}.dX`), name).toBe(macsOf(name));
    }
  });
});

describe('the README', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

  it('states the utilisation of ResNet-50 on HI3 under both names', () => {
    const { issued, useful } = run('-c', 'HI3', '-t', 'resnet50').totals.all.simulated;
    const stated = /([\d.]+) % of the PEs' time with issued MACs, ([\d.]+) % with useful ones/.exec(readme)!.slice(1);
    expect(stated).toEqual([issued, useful].map(({ peUtilisation }) => (100 * peUtilisation).toFixed(1)));
    expect(stated).toEqual(['70.2', '44.2']);
    // The MACs that torch counts.
    expect(useful.macs).toBe(4_089_184_256);
  });
});

describe('weights that the array cannot take faster', () => {
  it('are said to be so where it waits for them', () => {
    // 32 rows of 8-bit weights, whatever the 2^20 bits per cycle of the interface.
    const { stdout } = systole('run', '-c', 'test/cases/hw32inf.json', '-t', 'alexnet');
    const waits = Number(/^all conv and gemm .* weight ([\d.]+)%/m.exec(stdout)![1]);
    expect(waits).toBeGreaterThan(50);
    expect(stdout).toContain(
      `The array takes at most J · b_w = 256 bits of weights per cycle, of the 1,048,576 that its interface could bring: it waits for weights in ${waits.toFixed(1)}% of its cycles`,
    );
  });

  it('are not mentioned where the interface is what limits them', () => {
    // 512 bits per cycle of 64 · 8.
    expect(systole('run', ...PAD).stdout).not.toContain('J · b_w');
  });
});

describe('systole explain', () => {
  it('says what of a layer is useful, and calls waits and interfaces as `systole run` does', () => {
    const { stdout } = systole('explain', ...PAD, '--layer', 'c');
    expect(stdout).toContain('1,806,336 MACs issued, 112,896 of them useful: 32.8% and 2.1%');
    // ⌈3·3·64·64·8 / 512⌉ cycles of weights, then ⌈64·32 / 512⌉ of biases.
    expect(stdout).toMatch(/^waits: weight +576 /m);
    expect(stdout).toMatch(/^waits: bias +4 /m);
    expect(stdout).toContain('the weight interface');
    expect(stdout).not.toContain('weight+bias');
    const json = JSON.parse(systole('explain', ...PAD, '--layer', 'c', '--format', 'json').stdout) as Models;
    for (const model of ['closedForm', 'simulated'] as const) expect(json[model].useful.macs).toBe(MACS);
  });
});
