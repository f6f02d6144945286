import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CheckReport } from '../../src/views/report/checkReport.ts';
import type { RunReport } from '../../src/views/report/runReport.ts';
import { root, systole, temporaryFile } from '../support/cli.ts';

const hi3 = JSON.parse(readFileSync(join(root, 'hw', 'HI3.json'), 'utf8')) as {
  array: { rows: number; columns: number };
};
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

  it('is explained: a layer among the others, every trial a run of the network', () => {
    interface Explained {
      readonly simulated: { readonly totalCycles: number };
      readonly network: { readonly totalCycles: number };
      readonly criticalPath: { readonly totalCycles: number };
      readonly reliefs: readonly { readonly resources: readonly string[]; readonly doubledCycles: number }[];
    }
    const shape = { KH: 3, KW: 3, OH: 28, OW: 28 };
    const conv = (name: string, input: string, IC: number) => ({
      ...{ name, op: 'conv', inputs: [input], dimensions: { OC: 128, IC, ...shape } },
      ...{ stride: 1, padding: 1, bias: true },
    });
    const relu = { name: 'relu', op: 'relu', inputs: ['first'], dimensions: { C: 128, H: 28, W: 28 } };
    const layers = [conv('first', 'input', 64), relu, conv('second', 'relu', 128)];
    const network = temporaryFile('three.json', { name: 'three', input: { C: 64, H: 28, W: 28 }, layers });
    const runOn = (hardware: string): RunReport =>
      json('run', '-c', hardware, '-t', network, '--assume', 'prefetch') as RunReport;
    const run = runOn('HI3');
    const around = ['-c', 'HI3', '-t', network, '--assume', 'prefetch'];
    const options = [...around, '--layer', 'second'];
    const explained = json('explain', ...options) as Explained;
    const total = run.totals.all.simulated.totalCycles;
    expect(explained.simulated.totalCycles).toBe(run.layers[2]!.simulated.totalCycles);
    expect([explained.network.totalCycles, explained.criticalPath.totalCycles]).toEqual([total, total]);
    // Another array: all layers are tiled for it.
    const rows = { ...hi3, name: 'rows', array: { ...hi3.array, rows: 2 * hi3.array.rows } };
    const doubled = runOn(temporaryFile('rows.json', rows)).totals.all.simulated.totalCycles;
    const relief = explained.reliefs.find(({ resources }) => resources.join() === 'rows')!;
    expect(relief.doubledCycles).toBe(doubled);
    const words = systole('explain', ...options).stdout.replaceAll(/\s+/g, ' ');
    const adds = explained.simulated.totalCycles.toLocaleString('en');
    expect(words).toContain(`second (conv): adds ${adds} cycles to the ${total.toLocaleString('en')} of the run`);
    const { computeCycles, stallCycles } = run.layers[2]!.simulated;
    const occupied = (computeCycles + stallCycles).toLocaleString('en');
    expect(words).toContain(`its array has it for ${occupied} cycles, of which the shares below are;`);
    expect(words).toContain('Layers overlap: whatever is tried below is a run of the whole network');
    // With it a fused group, which could go through DRAM.
    const fused = systole('explain', ...around, '--layer', 'relu', '--fuse', 'chains').stdout.replaceAll(/\s+/g, ' ');
    expect(fused).toMatch(/first \+ relu \(fused\): adds [\d,]+ cycles to the [\d,]+ of the run/);
    expect(fused).toContain(`takes ${total.toLocaleString('en')} where its layers go through DRAM`);
  });

  it.each([
    ['run', 'paper,prefetch', 'prefetch or lockstep, which exclude each other'],
    ['run', 'lockstep,prefetch', 'prefetch or lockstep, which exclude each other'],
  ])('%s refuses %s', (command, assume, message) => {
    const { status, stdout, stderr } = systole(command, ...NETWORK, '--assume', assume);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });
});
