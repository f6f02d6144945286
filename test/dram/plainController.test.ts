import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryBytes } from '../../src/model/dram/addressMap.ts';
import { replay } from '../../src/model/dram/replay.ts';
import { type Request, requestsOf } from '../../src/model/dram/requestRules.ts';
import { ADDRESS_FIELDS, type DramSpec, parseDram } from '../../src/model/schemas/dram.ts';
import type { Injection, RequestRule } from '../../src/model/schemas/requestRule.ts';
import { sample } from '../support/arbitraries.ts';
import { dramPreset, finish, listed, replayed, sourceOf } from '../support/dram.ts';
import { plainReplay } from '../support/plainController.ts';

const cycles = (max: number): fc.Arbitrary<number> => fc.nat({ max });
const power = (max: number): fc.Arbitrary<number> => fc.nat({ max }).map((bits) => 2 ** bits);

/** Any small memory: also timings that no standard has. */
const specs: fc.Arbitrary<DramSpec> = fc
  .record({
    commandBus: fc.constantFrom('row and column' as const, 'shared' as const),
    organization: fc.record({
      channels: power(2),
      bankGroups: power(2),
      banksPerGroup: power(2),
      rowsPerBank: power(3),
      accessesPerRow: power(3),
      bytesPerAccess: fc.constantFrom(32, 64),
    }),
    mapping: fc
      .shuffledSubarray([...ADDRESS_FIELDS], { minLength: ADDRESS_FIELDS.length })
      .map((fields) => fields.join('')),
    queues: fc.record({
      read: fc.integer({ min: 1, max: 8 }),
      write: fc.integer({ min: 1, max: 8 }),
      drainAbove: fc.constantFrom(0.5, 0.8, 1),
      drainBelow: fc.constantFrom(0.1, 0.2, 0.5),
    }),
    timing: fc.record({
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
      REFI: fc.constantFrom(0, 60, 97, 200),
      RFC: fc.integer({ min: 1, max: 30 }),
    }),
  })
  .map((fields) => parseDram({ name: 'random', isValidated: false, clockPicoseconds: 1000, ...fields }, 'random'));

/** Reads and writes over so few bursts that rows are hit, missed and written twice. */
const requests: fc.Arbitrary<Request[]> = fc.array(
  fc
    .record({
      gap: fc.constantFrom(0, 0, 0, 1, 7, 40),
      isWrite: fc.boolean(),
      burst: fc.nat({ max: 300 }),
      port: fc.nat({ max: 2 }),
    })
    .map(({ gap, isWrite, burst, port }) => ({ cycle: gap, isWrite, address: 32 * burst, port })),
  { minLength: 1, maxLength: 60 },
);

const injections: fc.Arbitrary<Injection> = fc.record({
  mode: fc.constantFrom('inorder' as const, 'ports' as const),
  max_per_cycle: fc.integer({ min: 1, max: 4 }),
});

const PORTS = 3;

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
        const list = arriving(gaps, spec);
        const { cycles, activates, refreshes, rowHits, rowMisses, avgReadLatency, ports } = finish(
          replay(spec, sourceOf(list, PORTS), inject),
        );
        expect({ cycles, activates, refreshes, rowHits, rowMisses, avgReadLatency, ports }).toEqual(
          plainReplay(spec, list, PORTS, inject),
        );
      }),
      sample(400),
    );
  });

  const rules: readonly RequestRule[] = [
    { kind: 'random', seed: 99, base: 4096, span_bursts: 1 << 12, count: 200, writes_per_256: 100 },
    { kind: 'rw_tiles', tile_bytes: 2048, tiles: 4, rbase: 0, wbase: 1 << 20 },
    { kind: 'tile2d', base: 64, tiles: 3, tile_step: 8192, rows: 6, row_bytes: 640, pitch: 3000 },
    { kind: 'linear', base: 0, stride: 8256, count: 200, op: 'W', gap: 3 },
  ];
  const cases = ['HBM2', 'DDR4-2400', 'LPDDR4', 'HBM1'].flatMap((preset) =>
    rules.map((rule) => ({ preset, kind: rule.kind, rule })),
  );

  it.each(cases)('on $preset with a $kind rule that no reference has', ({ preset, rule }) => {
    const spec = dramPreset(preset, 2);
    const inject: Injection = { mode: 'inorder', max_per_cycle: 2 };
    const { cycles, activates, refreshes, rowHits, rowMisses, avgReadLatency, ports } = replayed(spec, rule, inject);
    expect({ cycles, activates, refreshes, rowHits, rowMisses, avgReadLatency, ports }).toEqual(
      plainReplay(spec, listed(requestsOf(rule, spec)), 1, inject),
    );
  });
});
