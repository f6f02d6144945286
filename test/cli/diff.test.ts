import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Change, RunDifference } from '../../src/crosscheck/difference.ts';
import { systole, temporaryFile, temporaryFolder } from '../support/cli.ts';

const hi2 = '--hardware HI2 --workload resnet18';
const hi3 = '--hardware HI3 --workload resnet18';

function diffJson(a: string, b: string): RunDifference {
  return JSON.parse(systole('diff', '--format', 'json', '--', a, b).stdout) as RunDifference;
}

const sum = (changes: Readonly<Record<string, Change>>): number =>
  Object.values(changes).reduce((total, { difference }) => total + difference, 0);

describe('systole diff', () => {
  it('says nothing of equal runs and exits 0, from a file or run now', () => {
    const file = join(temporaryFolder(), 'a.json');
    expect(systole('run', ...hi3.split(' '), '-o', file).status).toBe(0);
    for (const [a, b] of [
      [hi3, hi3],
      [file, file],
      [file, hi3],
    ] as const) {
      expect(systole('diff', '--', a, b)).toEqual({ status: 0, stdout: '', stderr: '' });
    }
  });

  it('exits 1 on a difference; causes add up to layers and layers to the whole', () => {
    expect(systole('diff', '--', hi2, hi3).status).toBe(1);
    const { cycles, causes, layers } = diffJson(hi2, hi3);
    expect(cycles.difference).toBe(cycles.b - cycles.a);
    expect(sum(causes)).toBe(cycles.difference);
    for (const layer of layers) expect(sum(layer.causes)).toBe(layer.cycles.difference);
    expect(layers.reduce((total, layer) => total + layer.cycles.difference, 0)).toBe(cycles.difference);
  });

  it('shows the largest change first', () => {
    const sizes = diffJson(hi2, hi3).layers.map(({ cycles }) => Math.abs(cycles.difference));
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
  });

  it('gives the cause of a change of one assumption: without the hazard nobody waits for it', () => {
    const { causes, layers } = diffJson(hi3, `${hi3} --assume no-psum-hazard`);
    // layer4.*.conv2 and layer4.1.conv1 wait 1,568 cycles each for the store of their own psum.
    expect(causes['hazard']!.difference).toBe(-3 * 1568);
    expect(layers.map(({ name }) => name).sort()).toEqual(['layer4.0.conv2', 'layer4.1.conv1', 'layer4.1.conv2']);
  });

  it('names layers that only one run has, and counts them whole', () => {
    const { cycles, layers } = diffJson(hi3, '--hardware HI3 --workload resnet50');
    const only = layers.filter((layer) => layer.in === 'b');
    expect(only.map(({ name }) => name)).toContain('layer3.5.conv3');
    expect(only.every((layer) => layer.cycles.a === 0 && sum(layer.causes) === layer.cycles.b)).toBe(true);
    expect(layers.reduce((total, layer) => total + layer.cycles.difference, 0)).toBe(cycles.difference);
  });

  it('sees a difference that costs no simulated cycle: another closed form', () => {
    const { cycles, layers } = diffJson(hi3, `${hi3} --closed-form ceiling`);
    expect(cycles.difference).toBe(0);
    expect(layers.length).toBeGreaterThan(0);
    expect(layers.every(({ closedFormCycles }) => closedFormCycles.difference !== 0)).toBe(true);
  });

  it('writes CSV', () => {
    const { stdout } = systole('diff', '--format', 'csv', '--', hi3, `${hi3} --assume no-psum-hazard`);
    expect(stdout.split('\n')[0]).toBe('layer,op,in,figure,a,b,difference');
    expect(stdout).toContain('layer4.0.conv2,conv,both,cycles.hazard,1568,0,-1568');
  });

  it.each([
    [['no.json', hi3], 'systole diff: got "no.json", expected the JSON file of a run, or the options of one'],
    [
      [temporaryFile('bad.json', { layers: [] }), hi3],
      'bad.json: hardware: expected a value of type string (it is missing)',
    ],
    [[temporaryFile('text.json', 'x'), hi3], 'text.json: expected JSON'],
    [['--hardware HI3', hi3], 'expected options of run'],
  ])('refuses %j with one message', (args, message) => {
    const { status, stdout, stderr } = systole('diff', '--', ...args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });
});
