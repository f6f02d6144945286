/** What banked memory does in a run, by channel, interface and tensor: counted by hand, and added up. */
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import type { Layout } from '../../src/model/dram/layout.ts';
import { NO_WINDOW, type SimdLayer } from '../../src/model/layers/layer.ts';
import { runNetwork } from '../../src/model/network/network.ts';
import { HARDWARE } from '../../src/model/schedule/assumptions.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
import { dramCountsCsv } from '../../src/views/report/dramCountsCsv.ts';
import { dramCountsTable } from '../../src/views/report/dramCountsTable.ts';
import { type RunReport, runReport } from '../../src/views/report/runReport.ts';
import { sumsOf } from '../fuzz/results.ts';
import { SMALL_NETWORKS } from '../fuzz/seeds.ts';
import { systole, temporaryFile } from '../support/cli.ts';
import { dramPreset, finish } from '../support/dram.ts';
import { hardwarePreset } from '../support/presets.ts';

/** A burst of HBM2 takes a cycle on a link, at the memory's own clock. */
const tiny: Hardware = {
  ...hardwarePreset('HI3'),
  array: { rows: 1, columns: 1 },
  bitsPerCycle: { weight: 512, ifmap: 512, psum: 512, vmem: 512 },
  clockPicoseconds: 1000,
};

/** Two rows of eight elements of 8 bits, in two tiles of two times four. */
const relu: SimdLayer = {
  unit: 'SIMD',
  name: 'relu',
  op: 'relu',
  sizes: { c: 1, n: 1, h: 2, w: 8 },
  tile: { c: 1, n: 1, h: 2, w: 4 },
  window: NO_WINDOW,
  bits: { input: 8, output: 8, psum: 8, weight: 8, bias: 8 },
};

function reportOf(layout: Layout): RunReport {
  const dram = { kind: 'banked', spec: dramPreset('HBM2', 1), layout, sharing: 'shared' } as const;
  const run = finish(runNetwork([relu], tiny, HARDWARE, 'published', { dram }));
  const settings = { hardware: tiny, workload: 'relu', phase: 'inference', batch: 1, assumptions: [], dram } as const;
  return runReport({ ...settings, closedFormVariant: 'published' }, run);
}

describe('the counts of two tiles read and written', () => {
  const none = { busBursts: 0, busBits: 0, forwarded: 0, rowHits: 0, rowMisses: 0, rowConflicts: 0, turnarounds: 0 };

  it.each(['tiles', 'nchw'] as const)('tell what a tile asks for from the burst that is moved: %s', (layout) => {
    const { dramCounts, totals, utilisation } = reportOf(layout);
    // A tile is 64 bits, of which a burst of 512 is moved: each in a burst of its own, or all in the same one. The tensor
    // read opens a row, which is hit again. The tensor written is in another bank; whatever waits when the run is over has
    // not been on the bus.
    const { read, write } = dramCounts!.all;
    expect(read).toEqual({ ...none, busBursts: 2, busBits: 1024, askedBits: 128, rowHits: 1, rowMisses: 1 });
    expect(write.askedBits).toBe(128);
    expect(write.busBursts + write.forwarded + dramCounts!.all.waitingWrites).toBe(2);
    expect(dramCounts!.tensors.map(({ interface: name, tensor }) => [name, tensor])).toEqual([
      ['vmem', 'X'],
      ['vmem', 'Y'],
    ]);
    const [x, y] = dramCounts!.tensors;
    expect([x!.read, y!.write]).toEqual([read, write]);
    expect([x!.write, y!.read]).toEqual([
      { ...none, askedBits: 0 },
      { ...none, askedBits: 0 },
    ]);
    // A burst takes two cycles of the one data bus: 256 bits a cycle at most.
    const peakBits = 256 * totals.all.simulated.totalCycles;
    const { bus, asked, useful } = utilisation.memoryBitsOverPeak!;
    expect([bus * peakBits, asked * peakBits, useful * peakBits].map(Math.round)).toEqual([
      512 * (2 + write.busBursts),
      256,
      256,
    ]);
    const { interfaceBusyCycles } = totals.all.simulated;
    expect(utilisation.interfaceBurstBitsOverBusyBits!.vmem).toBeCloseTo(4 / interfaceBusyCycles.vmem, 12);
    expect(utilisation.interfaceBitsOverBusyBits.vmem).toBeCloseTo(256 / 512 / interfaceBusyCycles.vmem, 12);
  });
});

describe('run on banked DRAM', () => {
  const network = temporaryFile('network.json', SMALL_NETWORKS.branched);
  const run = (...options: string[]) => systole('run', '-c', 'HI3', '-t', network, ...options);

  it.each([
    [['HBM2', '--dram-layout', 'nchw', '--dram-counts'], 4],
    [['LPDDR5-6400', '--dram-sharing', 'split'], 4],
    [['HBM3-6400', '--dram-sharing', 'private', '--dram-layout', 'nhwc', '--dram-counts'], 16],
  ])('counts what adds up over channels, interfaces, tensors and layers: %j', (options, channels) => {
    const { stdout, status } = run('--dram', ...options, '--dram-channels', '4', '--format', 'json');
    expect(status).toBe(0);
    const report = JSON.parse(stdout) as RunReport;
    const counts = report.dramCounts!;
    expect(sumsOf('run', report)).toBeUndefined();
    expect(counts.channels.length).toBe(channels);
    expect(counts.all.read.busBursts).toBeGreaterThan(0);
    const hasLatencies = options.includes('--dram-counts');
    for (const each of [counts.all, ...counts.channels, ...counts.interfaces, ...counts.tensors]) {
      expect(each.read.latency !== undefined).toBe(hasLatencies && each.read.busBursts > 0);
    }
    // A read takes at least from the cycle behind its acceptance to the end of its data, or is answered in one cycle.
    const { timing } = dramPreset(options[0]!);
    if (hasLatencies) expect(counts.all.read.latency!.p50Cycles).toBeGreaterThanOrEqual(1 + timing.CL + timing.burst);

    const table = dramCountsTable(counts, 80);
    for (const line of table.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(table).toMatch(new RegExp(`^all +${counts.all.read.busBursts.toLocaleString('en-US')} `, 'm'));
    expect(table.includes('most')).toBe(hasLatencies);

    const rows = parse(dramCountsCsv(counts, { network: 'n' }), { columns: true }) as Record<string, string>[];
    const sumOf = (scope: string, column: string): number =>
      rows.filter((row) => row['scope'] === scope).reduce((sum, row) => sum + Number(row[column]), 0);
    for (const scope of ['all', 'channel', 'interface', 'tensor']) {
      for (const column of ['read.busBits', 'write.rowConflicts', 'read.turnarounds']) {
        const [direction, count] = column.split('.') as ['read' | 'write', 'busBits'];
        expect([scope, column, sumOf(scope, column)]).toEqual([scope, column, counts.all[direction][count]]);
      }
    }
    expect(new Set(rows.map((row) => row['network']))).toEqual(new Set(['n']));
  });

  it('has them as tables behind the sums, or as rows of CSV in place of the layers', () => {
    const banked = ['--dram', 'HBM2', '--dram-counts'];
    const { stdout } = run(...banked, '--format', 'csv');
    expect(stdout).toMatch(/^scope,channel,interface,tensor,refreshes,waitingWrites,read\.busBursts,/);
    expect(stdout.trim().split('\n').at(-1)).toMatch(/^tensor,,vmem,.*,HI3,inference,1$/);
    const table = run(...banked).stdout;
    expect(table).toMatch(/\n\nbursts of +read +written /);
    expect(table).toContain('asked for by tiles: ');
  });

  it.each([
    [['--dram-counts'], '--dram-counts: expected banked DRAM, whose bursts it counts'],
    [['--dram', 'HBM2', '--dram-counts', '--summary'], '--dram-counts: expected no --summary'],
    [['--dram', 'HBM2', '--dram-counts', '--format', 'csv', '--top', '3'], '--top: got 3, expected rows of layers'],
  ])('refuses %j', (options, message) => {
    const { status, stdout, stderr } = run(...options);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });
});
