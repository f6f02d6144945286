import { describe, expect, it } from 'vitest';
import type { CheckReport } from '../../src/views/report/checkReport.ts';
import type { RunReport } from '../../src/views/report/runReport.ts';
import { systole } from '../support/cli.ts';

const NETWORK = ['-c', 'HI3', '-t', 'resnet18'];
const json = (...args: string[]): unknown => JSON.parse(systole(...args, '--format', 'json').stdout);
const run = (...args: string[]): RunReport => json('run', ...NETWORK, ...args) as RunReport;
const check = (...args: string[]): CheckReport => json('check', ...NETWORK, ...args) as CheckReport;

describe('prefetch on the command line', () => {
  const overlapped = run('--assume', 'prefetch');

  it('makes a run whose layers and units each add up to it', () => {
    const { layers, totals, units, assumptions } = overlapped;
    const total = totals.all.simulated.totalCycles;
    expect(assumptions).toEqual(['reload-operands', 'prefetch']);
    expect(layers.reduce((sum, { simulated }) => sum + simulated.totalCycles, 0)).toBe(total);
    for (const unit of ['SA', 'SIMD'] as const) {
      const waiting = Object.values<number>(units![unit].waiting).reduce((sum, cycles) => sum + cycles, 0);
      expect([unit, units![unit].busyCycles + waiting]).toEqual([unit, total]);
    }
    // Every layer takes its array as busy as with a barrier.
    const barrier = run();
    expect(barrier.units).toBeUndefined();
    expect(totals.all.simulated.computeCycles).toBe(barrier.totals.all.simulated.computeCycles);
    expect(totals.all.simulated.dramBits).toEqual(barrier.totals.all.simulated.dramBits);
    expect(totals.all.simulated.sramBits).toEqual(barrier.totals.all.simulated.sramBits);
  });

  it('is the last step of check that asks for it, also behind resident tiles and before a memory', () => {
    const ladder = check('--prefetch');
    expect(ladder.steps.at(-1)).toBe('prefetch');
    expect(ladder.totals['prefetch']).toBe(overlapped.totals.all.simulated.totalCycles);
    const all = check('--keep-resident', '--prefetch', '--dram', 'latency');
    expect(all.steps.slice(-3)).toEqual(['keep-resident', 'prefetch', 'dram-latency']);
    const asked = run('--assume', 'keep-resident,prefetch', '--dram', 'latency');
    expect(all.totals['dram-latency']).toBe(asked.totals.all.simulated.totalCycles);
  });

  it('is traced, with layers that begin before others end', () => {
    const trace = (format: string, ...args: string[]) =>
      systole('trace', ...NETWORK, '--assume', 'prefetch', '--format', format, ...args, '-o', '-');
    const csv = trace('csv', '--lanes', 'layers').stdout.trim().split('\n');
    const rows = csv.slice(1).map((line) => line.split(','));
    const spans = rows.map(([, , , start, end]) => [Number(start), Number(end)] as const);
    expect(new Set(rows.map(([, , name]) => name))).toEqual(new Set(overlapped.layers.map(({ name }) => name)));
    expect(Math.max(...spans.map(([, end]) => end))).toBe(overlapped.totals.all.simulated.totalCycles);
    expect(spans.some(([start, end]) => spans.some(([from, to]) => from > start && from < end && to > end))).toBe(true);
    // Below the tile too: what runs beside the layer is computed tile by tile.
    const stepped = trace('csv', '--cycle-stepped', 'avgpool', '--lanes', 'simd-stages', '--fuse', 'chains');
    expect(stepped.stdout.split('\n').filter((line) => line.startsWith('instruction,')).length).toBe(6 * 8 * 50);
  });

  it.each([
    ['run', 'paper,prefetch', 'prefetch or lockstep, which exclude each other'],
    ['run', 'lockstep,prefetch', 'prefetch or lockstep, which exclude each other'],
    ['explain', 'prefetch', 'looks at layers one by one'],
  ])('%s refuses %s', (command, assume, message) => {
    const { status, stdout, stderr } = systole(command, ...NETWORK, '--assume', assume);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });
});
