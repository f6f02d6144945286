/** What banked memory does in a run, by channel, interface and tensor: counted by hand, and added up. */
import { describe, expect, it } from 'vitest';
import type { Layout } from '../../src/model/dram/layout.ts';
import { NO_WINDOW, type SimdLayer } from '../../src/model/layers/layer.ts';
import { runNetwork } from '../../src/model/network/network.ts';
import { HARDWARE } from '../../src/model/schedule/assumptions.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
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

describe('run --dram --format json', () => {
  const network = temporaryFile('network.json', SMALL_NETWORKS.branched);

  it.each([
    ['HBM2', 'shared', 'nchw'],
    ['LPDDR5-6400', 'split', 'tiles'],
    ['HBM3-6400', 'private', 'nhwc'],
  ])('adds up over channels, interfaces, tensors and layers: %s %s %s', (preset, sharing, layout) => {
    const options = ['--dram', preset, '--dram-sharing', sharing, '--dram-layout', layout, '--dram-channels', '4'];
    const { stdout, status } = systole('run', '-c', 'HI3', '-t', network, ...options, '--format', 'json');
    expect(status).toBe(0);
    const report = JSON.parse(stdout) as RunReport;
    expect(sumsOf('run', report)).toBeUndefined();
    expect(report.dramCounts!.channels.length).toBe(sharing === 'private' ? 16 : 4);
    expect(report.dramCounts!.all.read.busBursts).toBeGreaterThan(0);
  });
});
