import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { replay } from '../../src/model/dram/replay.ts';
import { requestsOf } from '../../src/model/dram/requestRules.ts';
import type { RequestRule } from '../../src/model/schemas/requestRule.ts';
import { sample } from '../support/arbitraries.ts';
import { dramPreset, finish } from '../support/dram.ts';

interface Place {
  readonly name: string;
  readonly channels: number;
  readonly read: number;
  readonly write: number;
  readonly perCycle: number;
}

const OBSERVER = { offered() {}, served() {} };
const BURST_BYTES = 64;

const ops = fc.constantFrom('R' as const, 'R' as const, 'W' as const);
const rules: fc.Arbitrary<RequestRule> = fc.oneof(
  fc.record({
    kind: fc.constant('linear' as const),
    base: fc.nat({ max: 1000 }).map((burst) => burst * BURST_BYTES),
    stride: fc.constantFrom(BURST_BYTES, BURST_BYTES, 0, 32, 128, 2048),
    count: fc.integer({ min: 100, max: 1000 }),
    op: ops,
    gap: fc.constantFrom(0, 0, 0, 1, 2, 5),
  }),
  fc.record({
    kind: fc.constant('streams' as const),
    streams: fc.array(fc.record({ base: fc.nat({ max: 64 }).map((burst) => burst * BURST_BYTES), op: ops }), {
      minLength: 1,
      maxLength: 4,
    }),
    bursts_per_stream: fc.integer({ min: 50, max: 300 }),
    gran: fc.constantFrom(1, 2, 8, 32, 64),
  }),
  fc.record({
    kind: fc.constant('rw_tiles' as const),
    tile_bytes: fc.integer({ min: 1, max: 200 }).map((bursts) => bursts * BURST_BYTES),
    tiles: fc.integer({ min: 1, max: 4 }),
    rbase: fc.nat({ max: 64 }).map((burst) => burst * BURST_BYTES),
    wbase: fc.nat({ max: 64 }).map((row) => 2 ** 20 + row * 2048),
  }),
);

const places: fc.Arbitrary<Place> = fc.record({
  name: fc.constantFrom('HBM1', 'HBM2', 'HBM3-6400'),
  channels: fc.constantFrom(1, 1, 2, 8),
  read: fc.constantFrom(4, 8, 32),
  write: fc.constantFrom(4, 8, 32),
  perCycle: fc.constantFrom(1, 2, 4),
});

/** Where the run under way may belong to another stream than the one behind it. */
const twoStreamsInOneRow: [Place, RequestRule] = [
  { name: 'HBM2', channels: 1, read: 4, write: 8, perCycle: 2 },
  {
    kind: 'streams',
    streams: [
      { base: 1280, op: 'R' },
      { base: 2112, op: 'R' },
    ],
    bursts_per_stream: 60,
    gran: 2,
  },
];

describe('a stream that is followed from one column command to the next', () => {
  it('is as one of which each request is heard of, which is looked at command by command', () => {
    fc.assert(
      fc.property(places, rules, ({ name, channels, read, write, perCycle }, rule) => {
        const preset = dramPreset(name, channels);
        const spec = { ...preset, queues: { ...preset.queues, read, write } };
        const run = (observer?: typeof OBSERVER) =>
          finish(
            replay(
              spec,
              requestsOf(rule, spec),
              { mode: 'inorder', max_per_cycle: perCycle },
              {
                observer,
                countsLatencies: true,
              },
            ),
          );
        expect(run()).toEqual(run(OBSERVER));
      }),
      { ...sample(100), examples: [twoStreamsInOneRow] },
    );
  });
});
