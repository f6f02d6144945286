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

describe('the README on real DRAM', () => {
  // The ladder of ResNet-50 steps every tile on seven memories.
  it.runIf(isLong)('states the share of each step of `check`', { timeout: 1_200_000 }, () => {
    const args = ['check', '-c', 'HI3', '-t', 'resnet50', '--dram', 'HBM2', '--format', 'json'];
    const { cycles, differences } = (JSON.parse(systole(...args).stdout) as Check).totals.all;
    const shareOf = (step: string): string => ((100 * differences[step]!) / cycles['published']!).toFixed(1);
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
    expect(real).toBe(last.toLocaleString('en-US'));
    expect(ideal).toBe(cycles['hardware']!.toLocaleString('en-US'));
    expect(change).toBe((100 * (last / cycles['hardware']! - 1)).toFixed(1));
  });
});
