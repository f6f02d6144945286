/** What the README says of ResNet-50 over HBM2, read there and compared with what its commands print. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { systole } from '../support/cli.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const isLong = process.env['SYSTOLE_VERIFY'] === '1';

interface Check {
  totals: { all: { cycles: Record<string, number>; differences: Record<string, number> } };
}

/** The one place in the README that fits. */
function stated(pattern: RegExp): string[] {
  const found = [...readme.matchAll(new RegExp(pattern, 'g'))];
  expect(found, `${pattern}`).toHaveLength(1);
  return found[0]!.slice(1);
}

const NETWORK = ['-c', 'HI3', '-t', 'resnet50', '--format', 'json'];

interface Run {
  totals: { all: { simulated: { totalCycles: number } } };
  utilisation: { interfaceBitsOverBusyBits: Record<string, number> };
}

const run = (...args: string[]): Run => JSON.parse(systole('run', ...NETWORK, ...args).stdout) as Run;
const cyclesOf = ({ totals }: Run): number => totals.all.simulated.totalCycles;
const grouped = (value: number): string => value.toLocaleString('en-US');
const percent = (share: number, digits = 0): string => (100 * share).toFixed(digits);

describe('the README on real DRAM', () => {
  // The ladder of ResNet-50 steps every tile on seven memories.
  it.runIf(isLong)('states the share of each step of `check`', { timeout: 1_200_000 }, () => {
    const check = JSON.parse(systole('check', ...NETWORK, '--dram', 'HBM2').stdout) as Check;
    const { cycles, differences } = check.totals.all;
    const shareOf = (step: string): string => percent(differences[step]! / cycles['published']!, 1);
    expect(stated(/opening rows \+([\d.]+) % of the closed form's cycles, refresh \+([\d.]+) %/)).toEqual([
      shareOf('dram-rows'),
      shareOf('dram-refresh'),
    ]);
    expect(stated(/sharing \+([\d.]+) %/)).toEqual([shareOf('dram-shared')]);
    const [each] = stated(/latency and whole bursts \+([\d.]+) % each/);
    expect([shareOf('dram-latency'), shareOf('dram-bursts')]).toEqual([each, each]);
    stated(/bus turnaround and the memory's own bandwidth nothing \(/);
    expect([differences['dram-turnaround'], differences['dram-bandwidth']]).toEqual([0, 0]);

    const [real, ideal, change] = stated(/takes ([\d,]+) cycles instead of ([\d,]+) \(\+([\d.]+) %\)/);
    const last = cycles['dram-shared']!;
    expect(real).toBe(grouped(last));
    expect(ideal).toBe(grouped(cycles['hardware']!));
    expect(change).toBe(percent(last / cycles['hardware']! - 1, 1));
  });

  it.runIf(isLong)('states what each interface reaches, and what channels are worth', { timeout: 1_200_000 }, () => {
    const hbm2 = run('--dram', 'HBM2');
    const { weight, ifmap, psum, vmem } = hbm2.utilisation.interfaceBitsOverBusyBits;
    const reached =
      /weight \(and bias\) reaches (\d+) % of its bandwidth, ifmap (\d+) %, psum \(and ofmap\) (\d+) %, vmem (\d+) %/;
    expect(stated(reached)).toEqual([weight, ifmap, psum, vmem].map((share) => percent(share!)));

    const on = (channels: number): string => grouped(cyclesOf(run('--dram', 'HBM2', '--dram-channels', `${channels}`)));
    const perChannels =
      /([\d,]+) cycles with one channel, ([\d,]+) with two, ([\d,]+) with four, ([\d,]+) with eight, ([\d,]+) with 64/;
    expect(stated(perChannels)).toEqual([on(1), on(2), on(4), grouped(cyclesOf(hbm2)), on(64)]);
    const [left] = stated(/what is left, ([\d.]+) %, is latency, rows and refresh/);
    expect(left).toBe(percent(cyclesOf(run('--dram', 'HBM2', '--dram-channels', '64')) / cyclesOf(run()) - 1, 1));

    const ddr4 = (channels: number): string =>
      (cyclesOf(run('--dram', 'DDR4-2400', '--dram-channels', `${channels}`)) / 1e6).toFixed(1);
    expect(stated(/16 channels \(([\d.]+) M cycles\) are hardly better than one \(([\d.]+) M\)/)).toEqual([
      ddr4(16),
      ddr4(1),
    ]);
  });
});
