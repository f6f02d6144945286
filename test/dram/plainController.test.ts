import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryBytes } from '../../src/model/dram/addressMap.ts';
import type { AskedTraffic, BurstSums } from '../../src/model/dram/burstCounts.ts';
import type { Latencies } from '../../src/model/dram/latencyCounts.ts';
import { replay } from '../../src/model/dram/replay.ts';
import { type Request, requestsOf } from '../../src/model/dram/requestRules.ts';
import { COMMON_CONSTRAINTS } from '../../src/model/schemas/commonConstraints.ts';
import { type DramSpec, parseDram } from '../../src/model/schemas/dram.ts';
import { ADDRESS_FIELDS, COMMANDS, LEVELS } from '../../src/model/schemas/dramNames.ts';
import type { Constraint } from '../../src/model/schemas/dramRowSchema.ts';
import type { Injection, RequestRule } from '../../src/model/schemas/requestRule.ts';
import { sample } from '../support/arbitraries.ts';
import { DRAM_PRESETS, dramPreset, finish, listed, sourceOf } from '../support/dram.ts';
import { plainReplay } from '../support/plainController.ts';

const PORTS = 3;

/** Bursts without the histograms of their latencies, but with what these come to. */
function withLatencies({ read, write, latencies }: AskedTraffic): object {
  const of = (bursts: BurstSums, each: Latencies): object => {
    const latency = each.summary();
    return { ...bursts, ...(latency && { latency }) };
  };
  return { read: of(read, latencies!.read), write: of(write, latencies!.write) };
}

/** What both controllers say of the same requests. */
function bothReplay(spec: DramSpec, requests: readonly Request[], ports: number, inject: Injection) {
  const {
    cycles,
    activates,
    refreshes,
    rowHits,
    rowMisses,
    rowConflicts,
    turnarounds,
    forwarded,
    avgReadLatency,
    commands,
    ports: byPort,
    channels,
  } = finish(replay(spec, sourceOf(requests, ports), inject, { countsLatencies: true }));
  const rows = { rowHits, rowMisses, rowConflicts };
  const bursts = {
    turnarounds,
    forwarded,
    ports: byPort.map(({ finishCycle, ...port }) => ({ finishCycle, ...withLatencies(port) })),
    channels: channels.map(({ refreshes: own, ...done }) => ({
      refreshes: own,
      ...withLatencies({ ...done, askedBits: { read: 0, write: 0 } }),
    })),
  };
  return {
    fast: { cycles, activates, refreshes, avgReadLatency, commands, ...rows, ...bursts },
    plain: plainReplay(spec, requests, ports, inject),
  };
}

const cycles = (max: number): fc.Arbitrary<number> => fc.nat({ max });
const power = (max: number): fc.Arbitrary<number> => fc.nat({ max }).map((bits) => 2 ** bits);
const mappings = fc
  .shuffledSubarray([...ADDRESS_FIELDS], { minLength: ADDRESS_FIELDS.length })
  .map((fields) => fields.join(''));

/** Any timing, also such as no standard has. */
const timings = fc.record({
  burst: fc.integer({ min: 1, max: 4 }),
  CL: cycles(8),
  CWL: cycles(6),
  RCD_RD: cycles(8),
  RCD_WR: cycles(8),
  RP: fc.integer({ min: 1, max: 8 }),
  RAS: cycles(16),
  RC: cycles(24),
  WR: cycles(8),
  RTP: cycles(5),
  CCD_S: cycles(4),
  CCD_L: cycles(6),
  RRD_S: cycles(4),
  RRD_L: cycles(6),
  WTR_S: cycles(4),
  WTR_L: cycles(8),
  RTW: cycles(2),
  FAW: cycles(30),
  REFI: fc.constantFrom(0, 150, 197, 260),
  RFC: fc.integer({ min: 1, max: 30 }),
  REFIpb: fc.constantFrom(100, 131),
  RFCpb: fc.constantFrom(3, 20, 40, 150),
  AAD: fc.constantFrom(1, 2, 2, 3, 8),
  WCKPST: cycles(6),
});

const queues = fc.record({
  read: fc.integer({ min: 1, max: 8 }),
  write: fc.integer({ min: 1, max: 8 }),
  drainAbove: fc.constantFrom(0.5, 0.8, 1),
  drainBelow: fc.constantFrom(0.1, 0.2, 0.5),
});

const someCommands = fc.subarray([...COMMANDS], { minLength: 1, maxLength: 3 });
const moreRows: fc.Arbitrary<Constraint[]> = fc.array(
  fc
    .record({
      level: fc.constantFrom(...LEVELS),
      from: someCommands,
      to: someCommands,
      cycles: fc.constantFrom('2', 'CL + 2', '13', 'FAW + 4', '60'),
      kind: fc.constantFrom('same' as const, 'same' as const, 'other' as const, 'window' as const),
    })
    .map(({ kind, ...row }) => {
      if (kind === 'window') return { ...row, window: 3 };
      const hasOthers = row.level !== 'channel' && row.level !== 'bank';
      return kind === 'other' && hasOthers ? { ...row, other: true as const } : row;
    }),
  { maxLength: 5 },
);

/** Small memories of every kind of command bus, with trees and rows of any kind. */
const specs: fc.Arbitrary<DramSpec> = fc
  .record({
    bus: fc.constantFrom(
      { commandBus: 'shared', activate: 'at once', dataClock: 'always on', ticksPerClock: 1 },
      { commandBus: 'shared', activate: 'split', dataClock: 'on demand', ticksPerClock: 1 },
      { commandBus: 'shared', activate: 'split', dataClock: 'always on', ticksPerClock: 1 },
      { commandBus: 'row and column', activate: 'at once', dataClock: 'always on', ticksPerClock: 1 },
      { commandBus: 'row and column', activate: 'at once', dataClock: 'always on', ticksPerClock: 2 },
    ),
    organization: fc.record({
      channels: power(1),
      pseudoChannels: power(1),
      ranks: power(1),
      stacks: power(1),
      bankGroups: power(1),
      banksPerGroup: power(1),
      rowsPerBank: power(3),
      accessesPerRow: power(3),
      bytesPerAccess: fc.constantFrom(32, 64),
    }),
    mapping: mappings,
    queues,
    timing: timings,
    refresh: fc.constantFrom('all-bank', 'all-bank', 'per-bank', 'off'),
    refreshLevel: fc.constantFrom('channel', 'pseudo channel', 'rank', 'stack'),
    lengths: fc.record({ ACT: fc.integer({ min: 1, max: 3 }), RD: fc.integer({ min: 1, max: 2 }) }),
    rows: moreRows,
  })
  .map(({ bus, lengths, rows, ...fields }) => ({
    name: 'random',
    isValidated: false,
    clockPicoseconds: 1000,
    ...bus,
    ...fields,
    commandCycles: bus.activate === 'split' ? {} : { ...lengths, WR: lengths.RD },
    constraints: [...COMMON_CONSTRAINTS, { level: 'bank', from: ['REFpb'], to: ['ACT'], cycles: 'RFCpb' }, ...rows],
  }))
  .filter((file) => {
    try {
      return parseDram(file, 'random') !== undefined;
    } catch {
      return false;
    }
  })
  .map((file) => parseDram(file, 'random'));

/** Reads and writes over so few bursts that rows are hit, missed and written twice. */
const requests: fc.Arbitrary<Request[]> = fc.array(
  fc
    .record({
      gap: fc.constantFrom(0, 0, 0, 0, 0, 0, 1, 1, 7, 7, 40, 40, 300, 2000),
      isWrite: fc.boolean(),
      burst: fc.nat({ max: 300 }),
      port: fc.nat({ max: PORTS - 1 }),
    })
    .map(({ gap, isWrite, burst, port }) => ({ cycle: gap, isWrite, address: 32 * burst, port })),
  { minLength: 1, maxLength: 60 },
);

const injections: fc.Arbitrary<Injection> = fc.record({
  mode: fc.constantFrom('inorder' as const, 'ports' as const),
  max_per_cycle: fc.integer({ min: 1, max: 4 }),
});

/** The gaps become arrival cycles, and addresses come to lie within the memory. */
function arriving(gaps: readonly Request[], spec: DramSpec): Request[] {
  let cycle = 0;
  return gaps.map((request) => {
    cycle += request.cycle;
    return { ...request, cycle, address: request.address % memoryBytes(spec) };
  });
}

describe('the controller equals one that looks at every cycle and knows no shortcut', () => {
  it('on any memory, with any requests', () => {
    fc.assert(
      fc.property(specs, requests, injections, (spec, gaps, inject) => {
        const { fast, plain } = bothReplay(spec, arriving(gaps, spec), PORTS, inject);
        expect(fast).toEqual(plain);
      }),
      sample(200),
    );
  });

  /** Requests that stay in a few rows of a few banks, or wander over the memory. */
  const traces = fc.record({
    rows: fc.constantFrom(1, 2, 8, 64),
    spread: fc.constantFrom(1, 32, 4096),
    items: fc.array(
      fc.record({
        gap: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 3, 3, 25, 25, 400, 4000),
        isWrite: fc.constantFrom(0, 0, 0, 1).chain((mostly) => fc.boolean().map((flip) => (mostly === 1) !== flip)),
        burst: fc.nat(),
        port: fc.nat({ max: PORTS - 1 }),
      }),
      { minLength: 1, maxLength: 80 },
    ),
  });

  describe.each(DRAM_PRESETS)('of %s', (name) => {
    const preset = dramPreset(name);
    const refreshes =
      preset.timing.REFIpb === undefined ? (['all-bank', 'off'] as const) : (['all-bank', 'per-bank', 'off'] as const);
    const variants = fc.record({
      channels: fc.constantFrom(1, 2),
      ranks: fc.constantFrom(1, preset.mapping.includes('ra') ? 2 : 1),
      refresh: fc.constantFrom(...refreshes),
      isClockOn: fc.boolean(),
      quickRefresh: fc.boolean(),
    });

    it('on random requests, whatever the ranks, refreshes and data clock', () => {
      fc.assert(
        fc.property(variants, traces, injections, (variant, { rows, spread, items }, inject) => {
          const { channels, ranks, refresh, isClockOn, quickRefresh } = variant;
          // Refreshes that come often, so that short traces meet some.
          const REFI = quickRefresh ? 2 * (preset.timing.RFC! + 100) * ranks : preset.timing.REFI;
          const spec: DramSpec = {
            ...preset,
            refresh,
            dataClock: isClockOn ? 'always on' : preset.dataClock,
            organization: { ...preset.organization, channels, ranks },
            timing: { ...preset.timing, REFI },
          };
          const bursts = rows * spec.organization.accessesPerRow;
          const gaps = items.map(({ gap, burst, ...rest }) => ({
            ...rest,
            cycle: gap,
            address: spec.organization.bytesPerAccess * spread * (burst % bursts),
          }));
          const { fast, plain } = bothReplay(spec, arriving(gaps, spec), PORTS, inject);
          expect(fast).toEqual(plain);
        }),
        { ...sample(100), numRuns: process.env['SYSTOLE_VERIFY'] === '1' ? 2000 : 100 },
      );
    });

    const rules: readonly RequestRule[] = [
      { kind: 'random', seed: 99, base: 4096, span_bursts: 1 << 12, count: 150, writes_per_256: 100 },
      { kind: 'rw_tiles', tile_bytes: 2048, tiles: 3, rbase: 0, wbase: 1 << 20 },
      { kind: 'tile2d', base: 64, tiles: 2, tile_step: 8192, rows: 6, row_bytes: 640, pitch: 3000 },
      { kind: 'linear', base: 0, stride: 8256, count: 150, op: 'W', gap: 3 },
    ];

    it.each(rules)('on a $kind rule that no reference has', (rule) => {
      const spec = dramPreset(name, 2);
      const { fast, plain } = bothReplay(spec, listed(requestsOf(rule, spec)), 1, {
        mode: 'inorder',
        max_per_cycle: 2,
      });
      expect(fast).toEqual(plain);
    });
  });
});
