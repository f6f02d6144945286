import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TrafficLatencies } from '../../src/model/dram/burstCounts.ts';
import { Memory } from '../../src/model/dram/memory.ts';
import { MemoryPort } from '../../src/model/dram/memoryPort.ts';
import type { DramSpec } from '../../src/model/schemas/dram.ts';
import { sample } from '../support/arbitraries.ts';
import { DRAM_PRESETS, dramPreset } from '../support/dram.ts';

const WINDOW_CYCLES = 10_000;
const WINDOWS = 4;
const TILE_BITS = 8 * 16_384;

/** A port that always has the next tile to ask for. */
class Saturating {
  readonly port: MemoryPort;
  private readonly isWrite: boolean;
  private readonly base: number;
  private tiles = 0;
  private refill = () => {};

  constructor(spec: DramSpec, place: number, isWrite: boolean, linkCycles: number) {
    const { organization: org, timing } = spec;
    this.isWrite = isWrite;
    // Staggered bases, as the machine places tensors.
    const rowBytes = org.accessesPerRow * org.bytesPerAccess * org.channels;
    this.base = 8 * place * (2 ** 28 + 4 * rowBytes);
    this.port = new MemoryPort(org.bytesPerAccess, linkCycles, timing.burst, {
      partBegun: () => {},
      endKnown: () => this.refill(),
    });
  }

  /** Keeps two tiles waiting. */
  start(memory: Memory): void {
    const begin = (cycle: number): void => {
      this.port.begin(cycle, this.isWrite, [
        { base: this.base + this.tiles++ * TILE_BITS, runBits: TILE_BITS, loops: [] },
      ]);
      memory.wake(cycle);
    };
    this.refill = () => begin(memory.nextCycle);
    begin(0);
    begin(0);
  }
}

/** Bursts per port in each window after the first. */
function windows(
  spec: DramSpec,
  kinds: string,
  linkCycles: readonly number[],
  windowCycles = WINDOW_CYCLES,
): number[][] {
  const ports = [...kinds].map((kind, place) => new Saturating(spec, place, kind === 'W', linkCycles[place]!));
  const memory = new Memory(
    spec,
    ports.map(({ port }) => port),
  );
  for (const port of ports) port.start(memory);
  const seen: number[][] = [];
  let before = ports.map(() => 0);
  for (let window = 0; window <= WINDOWS; window++) {
    memory.advance((window + 1) * windowCycles);
    const now = ports.map(({ port }) => port.bursts);
    if (window > 0) seen.push(now.map((bursts, place) => bursts - before[place]!));
    before = now;
  }
  return seen;
}

const mix = ['RRRR', 'RRWW', 'RRRW'];
const memories = [
  { preset: 'HBM2', channels: 8, windowCycles: WINDOW_CYCLES },
  { preset: 'HBM2', channels: 1, windowCycles: WINDOW_CYCLES },
  { preset: 'DDR4-2400', channels: 1, windowCycles: WINDOW_CYCLES },
  // Its mapping leaves a stream in one channel for 512 bursts, so ports queue up behind each other at 15 % of the peak:
  // a short window holds hardly more bursts than one port may be ahead.
  { preset: 'DDR4-2400', channels: 8, windowCycles: 10 * WINDOW_CYCLES },
];
const cases = memories.flatMap((memory) =>
  [true, false].flatMap((refreshes) => mix.map((kinds) => ({ ...memory, refreshes, kinds }))),
);

describe('ports that all have a request waiting', () => {
  it.each(cases)(
    'get equal shares, within 10 %: $kinds on $channels channels of $preset, refresh $refreshes',
    ({ preset, channels, refreshes, kinds, windowCycles }) => {
      // Links so fast that the memory is what limits every port: 4 ports × 8 bursts a cycle.
      const links = [1 / 8, 1 / 8, 1 / 8, 1 / 8];
      for (const bursts of windows(dramPreset(preset, channels, refreshes), kinds, links, windowCycles)) {
        const fair = bursts.reduce((sum, one) => sum + one, 0) / bursts.length;
        for (const one of bursts) expect(Math.abs(one - fair)).toBeLessThan(0.1 * fair);
      }
    },
  );

  it('share what a slow one cannot take', () => {
    // Port 0 takes a burst every 40 cycles: 250 in a window. One HBM2 channel serves about 4,600 reads in one.
    for (const [slow, ...others] of windows(dramPreset('HBM2', 1), 'RRRR', [40, 1 / 8, 1 / 8, 1 / 8])) {
      expect(Math.abs(slow! - 250)).toBeLessThan(25);
      const fair = others.reduce((sum, one) => sum + one, 0) / others.length;
      for (const one of others) expect(Math.abs(one - fair)).toBeLessThan(0.1 * fair);
      expect(fair).toBeGreaterThan(1000);
    }
  });

  it('do not starve a reader beside a writer that never stops', () => {
    for (const [read, write] of windows(dramPreset('HBM2', 1), 'RW', [1 / 8, 1 / 8])) {
      expect(Math.abs(read! - write!)).toBeLessThan(0.1 * write!);
    }
  });
});

it('counts the bursts of a tensor apart from those of another in the same row, in a stream of both', () => {
  const spec = dramPreset('HBM2', 1);
  const port = new MemoryPort(64, 1, spec.timing.burst, { partBegun: () => {}, endKnown: () => {} });
  const memory = new Memory(spec, [port]);
  const burst = 8 * 64;
  // Twenty bursts of a, ten of b behind them, two of a again: one row of 32.
  const [a, b] = ['a', 'b'].map((tensor) => memory.sources.numberOf(0, tensor)) as [number, number];
  for (const [source, first, bursts] of [
    [a, 0, 20],
    [b, 20, 10],
    [a, 30, 2],
  ] as const) {
    port.begin(0, false, [{ base: first * burst, runBits: bursts * burst, loops: [] }], [source]);
  }
  memory.wake(0);
  memory.advance(1000);
  const reads = [a, b].map((source) => memory.sources.counts.traffic(source).read);
  expect(reads.map(({ rowHits, rowMisses, busBursts }) => [rowHits, rowMisses, busBursts])).toEqual([
    [21, 1, 22],
    [10, 0, 10],
  ]);
  // One that comes later has nothing of theirs, which they keep.
  const c = memory.sources.numberOf(0, 'c');
  const bursts = [a, b, c].map((source) => memory.sources.counts.traffic(source).read.busBursts);
  expect(bursts).toEqual([22, 10, 0]);
});

it('writes a burst that two stores share once, where the second comes to it while the first one waits', () => {
  const spec = dramPreset('HBM2', 1);
  const port = new MemoryPort(64, 1, spec.timing.burst, { partBegun: () => {}, endKnown: () => {} });
  const memory = new Memory(spec, [port]);
  const burst = 8 * 64;
  // Bursts 0 to 7 of a row, the last one by half, then the other half of 7 and 8 to 15.
  port.begin(0, true, [{ base: 0, runBits: 7.5 * burst, loops: [] }]);
  port.begin(0, true, [{ base: 7.5 * burst, runBits: 8.5 * burst, loops: [] }]);
  memory.wake(0);
  memory.advance(1000);
  memory.drain();
  // One comes over the link in each cycle from 1 on, the eighth in 8 and the ninth, which is the same, in 9: the first
  // write is in 17, RCD = 14 after the end of ACT in 3.
  const { bursts, forwarded, writeCommands } = memory.counts();
  expect([bursts, forwarded, writeCommands]).toEqual([17, 1, 16]);
});

/** Bursts with what is said of their latencies, in place of histograms. */
function withLatencies<Bursts extends { readonly latencies?: TrafficLatencies | undefined }>(bursts: Bursts): object {
  const { read, write } = bursts.latencies!;
  return { ...bursts, latencies: [read.summary(), write.summary()] };
}

interface RandomTransfer {
  readonly port: number;
  readonly isWrite: boolean;
  readonly gap: number;
  readonly base: number;
  readonly runBits: number;
  readonly rows: number;
}

describe('random transfers', () => {
  const transfer: fc.Arbitrary<RandomTransfer> = fc.record({
    port: fc.nat({ max: 3 }),
    isWrite: fc.boolean(),
    gap: fc.constantFrom(0, 0, 0, 0, 1, 1, 30, 30, 400, 20_000),
    base: fc.nat({ max: 1 << 16 }),
    runBits: fc.integer({ min: 1, max: 6000 }),
    rows: fc.integer({ min: 1, max: 3 }),
  });
  const memories = fc.record({
    preset: fc.constantFrom(...DRAM_PRESETS),
    channels: fc.constantFrom(1, 2, 8),
    queue: fc.integer({ min: 1, max: 8 }),
    isQuick: fc.boolean(),
    linkCycles: fc.array(fc.constantFrom(0.125, 0.965, 1, 7.3), { minLength: 4, maxLength: 4 }),
  });

  /** The preset with short queues and, if it is to be quick, frequent refreshes. */
  function specOf({
    preset,
    channels,
    queue,
    isQuick,
  }: {
    preset: string;
    channels: number;
    queue: number;
    isQuick: boolean;
  }) {
    const base = dramPreset(preset, channels);
    const timing = isQuick ? { ...base.timing, REFI: 900, RFC: Math.min(base.timing.RFC!, 200) } : base.timing;
    return { ...base, queues: { ...base.queues, read: queue, write: queue }, timing };
  }

  /** Plays transfers of two tensors in turn to their ends; `byCycle`: with a look at every cycle, and at every burst. */
  function play(spec: DramSpec, linkCycles: readonly number[], transfers: readonly RandomTransfer[], byCycle: boolean) {
    const burstBits = 8 * spec.organization.bytesPerAccess;
    const ends: number[][] = [[], [], [], []];
    const ports = ends.map(
      (list, port) =>
        new MemoryPort(spec.organization.bytesPerAccess, linkCycles[port]!, spec.timing.burst, {
          partBegun: () => {},
          endKnown: (end) => list.push(end),
        }),
    );
    const memory = new Memory(spec, ports, byCycle ? { burstServed: () => {}, refreshed: () => {} } : undefined, true);
    const asked = [0, 0, 0, 0];
    const earliest: number[][] = [[], [], [], []];
    let cycle = 0;
    let played = 0;
    const advance = (limit: number): void => {
      for (; byCycle && played <= limit; played++) {
        memory.wake(played);
        memory.advance(played);
      }
      memory.advance(limit);
    };
    for (const [place, { port, isWrite, gap, base, runBits, rows }] of transfers.entries()) {
      cycle += gap;
      advance(cycle - 1);
      // Rows a whole number of bursts apart, so that none is shared.
      const strideBits = 64 * burstBits * Math.ceil(runBits / burstBits);
      const runs = { base, runBits, loops: [{ count: rows, strideBits }] };
      const bursts = rows * (Math.floor((base + runBits - 1) / burstBits) - Math.floor(base / burstBits) + 1);
      asked[port]! += bursts;
      earliest[port]!.push(cycle + bursts * linkCycles[port]!);
      ports[port]!.begin(cycle, isWrite, [runs], [memory.sources.numberOf(port, ['a', 'b'][place % 2]!)]);
      memory.wake(cycle);
    }
    // In long stretches, so that what may be played ahead is.
    for (const last = cycle + 1_000_000; memory.isBusy() && cycle < last; cycle += 1000) advance(cycle + 1000);
    const bursts = ports.map((port) => port.bursts);
    const isBusy = memory.isBusy();
    memory.drain();
    return { isBusy, ends, earliest, asked, bursts, memory };
  }

  /** All that two ways of playing must agree on. */
  function toldOf({ memory, ...played }: ReturnType<typeof play>): object {
    const channels = memory.channelsDone().map(withLatencies);
    const sources = memory.sources.all.map((source, place) => ({
      ...source,
      ...withLatencies(memory.sources.asked(place)),
    }));
    return { ...played, counts: memory.counts(), sources, channels };
  }

  it('all end, in order, with every burst, no sooner than the link and the data bus allow', () => {
    fc.assert(
      fc.property(memories, fc.array(transfer, { minLength: 1, maxLength: 12 }), (chosen, transfers) => {
        const played = play(specOf(chosen), chosen.linkCycles, transfers, false);
        expect(played.isBusy).toBe(false);
        expect(played.bursts).toEqual(played.asked);
        played.ends.forEach((list, port) => {
          expect(list.length).toBe(played.earliest[port]!.length);
          list.forEach((end, place) => {
            // Its own bursts take so long on the link alone.
            expect(end).toBeGreaterThanOrEqual(played.earliest[port]![place]! - 1e-6);
          });
        });
      }),
      sample(200),
    );
  });

  /** So long that one port gets ahead of another as far as it may. */
  const longTransfer = fc
    .tuple(transfer, fc.integer({ min: 20_000, max: 60_000 }))
    .map(([short, runBits]) => ({ ...short, runBits }));

  it('end as they do where every cycle is looked at', () => {
    const transfers = fc.oneof(
      fc.array(transfer, { minLength: 1, maxLength: 12 }),
      fc.array(longTransfer, { minLength: 3, maxLength: 8 }),
    );
    fc.assert(
      fc.property(memories, transfers, (chosen, transfers) => {
        const [skipping, plain] = [false, true].map((byCycle) =>
          toldOf(play(specOf(chosen), chosen.linkCycles, transfers, byCycle)),
        );
        expect(skipping).toEqual(plain);
      }),
      sample(100),
    );
  });

  /** A stream of tiles that has the memory to itself, now and then in the company of a short transfer of another port. */
  const lone = fc
    .tuple(transfer, fc.integer({ min: 5_000, max: 300_000 }), fc.constantFrom(0, 0, 0, 0, 0, 1))
    .map(([short, runBits, port]) => ({ ...short, port, runBits: port === 0 ? runBits : short.runBits }));
  const rowBusMemories = fc
    .tuple(memories, fc.constantFrom('HBM1', 'HBM2', 'HBM2', 'HBM3-6400', 'DDR4-2400'), fc.constantFrom(4, 8, 32))
    .map(([chosen, preset, queue]) => ({ ...chosen, preset, queue }));

  function expectSame(chosen: Parameters<typeof specOf>[0] & { linkCycles: number[] }, transfers: RandomTransfer[]) {
    const [skipping, plain] = [false, true].map((byCycle) =>
      toldOf(play(specOf(chosen), chosen.linkCycles, transfers, byCycle)),
    );
    expect(skipping).toEqual(plain);
  }

  it('that are alone end as they do where every cycle is looked at', () => {
    fc.assert(fc.property(rowBusMemories, fc.array(lone, { minLength: 1, maxLength: 5 }), expectSame), sample(30));
  });

  it('that write again what waits higher up in the same row are absorbed', () => {
    // Bursts 8 to 15 of a row, then 0 to 15: the new ones are below those that wait.
    const store = { port: 0, isWrite: true, gap: 0, rows: 1 };
    expectSame({ preset: 'HBM2', channels: 8, queue: 32, isQuick: false, linkCycles: [0.125, 1, 1, 1] }, [
      { ...store, base: 8 * 512, runBits: 8 * 512 },
      // The other tensor's turn, in the next channel.
      { ...store, port: 1, base: 32 * 512, runBits: 512 },
      { ...store, base: 0, runBits: 16 * 512 },
    ]);
  });

  it('whose link is slower than a column command issue on the first tick of a clock only, where that has two', () => {
    // Bursts come every eleven ticks, so that every other one could go on the second tick.
    expectSame({ preset: 'HBM3-6400', channels: 1, queue: 32, isQuick: false, linkCycles: [11, 1, 1, 1] }, [
      { port: 0, isWrite: true, gap: 0, rows: 1, base: 0, runBits: 24 * 512 },
    ]);
  });

  it('that are stored while loads of the same port are under way wait for the link as they do there', () => {
    const transfer = { port: 0, rows: 1 };
    expectSame({ preset: 'HBM2', channels: 8, queue: 32, isQuick: false, linkCycles: [0.5, 1, 1, 1] }, [
      { ...transfer, isWrite: false, gap: 1, base: 11_534_336, runBits: 2296 },
      { ...transfer, isWrite: false, gap: 1, base: 472_131_072, runBits: 2400 },
      { ...transfer, isWrite: true, gap: 30, base: 38_607_872, runBits: 1399 },
    ]);
  });
});
