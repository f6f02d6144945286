/** A memory under load, from what can be counted by hand to what must hold of any. */
import { describe, expect, it } from 'vitest';
import { parseDram } from '../../src/model/schemas/dram.ts';
import {
  type Characterisation,
  characterise,
  type LoadPoint,
  problemWith,
} from '../../src/studies/characterise/characterise.ts';
import { OpenLoop, type StreamKind } from '../../src/studies/characterise/openLoop.ts';
import { complete } from '../support/complete.ts';
import { dramPreset, listed } from '../support/dram.ts';

const HBM2 = dramPreset('HBM2');
const DDR4 = dramPreset('DDR4-2400');
const ONE_CHANNEL = dramPreset('HBM2', 1);
const ASKED: Characterisation = { kinds: ['sequential'], readShares: [1], loads: [1], seed: '1' };

function pointsOf(spec: typeof HBM2, changes: Partial<Characterisation>): readonly LoadPoint[] {
  const [memory] = complete(characterise([spec], { ...ASKED, ...changes }));
  return memory!.curves[0]!.points;
}

const alone = (spec: typeof HBM2, kind: StreamKind): LoadPoint =>
  pointsOf({ ...spec, refresh: 'off' }, { kinds: [kind], loads: [0.001], cycles: 200_000 })[0]!;

describe('a request that meets no other', () => {
  it('finds its row open: command in the next cycle, CL, burst', () => {
    // HBM2: 1 + 14 + 2. The first of each row of 32 is one in thirty-two, not one in twenty.
    expect(alone(ONE_CHANNEL, 'sequential').p95ReadLatencyCycles).toBe(17);
    // DDR4: 1 + 17 + 4. Four rows are open side by side, of 128 bursts each.
    expect(alone(DDR4, 'sequential').p95ReadLatencyCycles).toBe(22);
  });

  it('takes longer by opening its row, in every thirty-second', () => {
    // ACT in cycles 1 and 2, RD RCD = 14 later in 16, CL + burst = 16 later: 32 and not 17.
    const mean = alone(ONE_CHANNEL, 'sequential').meanReadLatencyCycles!;
    expect(mean).toBeGreaterThan(17 + 15 / 64);
    expect(mean).toBeLessThan(17 + 15 / 16);
  });

  it('closes another row first, where it goes anywhere', () => {
    // PRE in cycle 1, the end of ACT RP = 14 later in 15, RD in 29, CL + burst = 16 later.
    const { meanReadLatencyCycles, p95ReadLatencyCycles } = alone(ONE_CHANNEL, 'random');
    expect(p95ReadLatencyCycles).toBe(45);
    // In each of 16 banks only the first row was not.
    expect(meanReadLatencyCycles).toBeGreaterThan(40);
    expect(meanReadLatencyCycles).toBeLessThanOrEqual(45);
  });
});

describe('a memory that cannot keep up', () => {
  it('moves a sequential stream at its peak but for refreshes', () => {
    const [point] = pointsOf(HBM2, { cycles: 7800 });
    expect(point!.isSaturated).toBe(true);
    expect([point!.meanReadLatencyCycles, point!.p95ReadLatencyCycles]).toEqual([undefined, undefined]);
    // RFC = 260 of REFI = 3900 cycles, and what closes and opens rows around it: less than RC + CL = 62.
    expect(point!.achieved).toBeLessThanOrEqual(1 - 260 / 3900);
    expect(point!.achieved).toBeGreaterThan(1 - 322 / 3900);
    expect(point!.achievedGigabytesPerSecond).toBeCloseTo(256 * point!.achieved, 9);
  });

  it.each(['strided', 'random'] as const)('opens four rows in FAW cycles for %s bursts', (kind) => {
    const [point] = pointsOf({ ...ONE_CHANNEL, refresh: 'off' }, { kinds: [kind], loads: [0.5], cycles: 30_000 });
    // Four bursts of two cycles in 30.
    expect(point!.isSaturated).toBe(true);
    expect(point!.achieved).toBeLessThanOrEqual(8 / 30 + 1e-3);
    expect(point!.achieved).toBeGreaterThan(0.95 * (8 / 30));
    expect(point!.rowHitShare).toBeLessThan(0.01);
  });

  it('is the end of a curve, whose latency has only grown', () => {
    const loads = [0.1, 0.3, 0.6, 0.9, 1.2, 2];
    const points = pointsOf(HBM2, { loads, cycles: 7800 });
    expect(points.map(({ load }) => load)).toEqual([0.1, 0.3, 0.6, 0.9, 1.2]);
    const [memory] = complete(characterise([HBM2], { ...ASKED, loads, cycles: 7800 }));
    expect(memory!.curves[0]!.unmeasuredLoads).toEqual([2]);
    expect(points.map(({ isSaturated }) => isSaturated)).toEqual([false, false, false, false, true]);
    for (const [place, point] of points.entries()) {
      if (point.isSaturated) continue;
      // Whatever arrives is served.
      expect(Math.abs(point.achieved - point.offered)).toBeLessThan(0.01 * point.offered + 1e-3);
      if (place > 0) expect(point.meanReadLatencyCycles).toBeGreaterThan(points[place - 1]!.meanReadLatencyCycles!);
    }
  });

  it('turns its bus around where half are writes, and has no read latency where all are', () => {
    const [mixed] = pointsOf(HBM2, { readShares: [0.5], cycles: 3900 });
    expect(mixed!.achieved).toBeLessThan(0.8);
    const [writes] = pointsOf(HBM2, { readShares: [0], loads: [0.2], cycles: 3900 });
    expect([writes!.isSaturated, writes!.meanReadLatencyCycles]).toEqual([false, undefined]);
  });
});

describe('what arrives', () => {
  const rule = { kind: 'sequential', strideBytes: 0, readShare: 0.5, rate: 0.25, endCycle: 4000, seed: '1' } as const;
  const requestsOf = (source: OpenLoop) => Array.from({ length: source.ports }, (_, port) => listed(source, port));

  it('is as many requests as asked for, in order, each burst of a stream once', () => {
    const queues = requestsOf(new OpenLoop(rule, HBM2));
    const all = queues.flat();
    expect(all.length).toBe(1000);
    for (const queue of queues)
      expect(queue.map(({ cycle }) => cycle)).toEqual(queue.map(({ cycle }) => cycle).sort((a, b) => a - b));
    for (const [isWrite, from] of [
      [false, 0],
      [true, 2 ** 32],
    ] as const) {
      const addresses = all.filter((each) => each.isWrite === isWrite).map(({ address }) => address);
      expect(addresses.sort((a, b) => a - b)).toEqual(addresses.map((_, place) => from + 64 * place));
      expect(addresses.length).toBeGreaterThan(400);
    }
  });

  it('begins again a burst further at the end of its half of the memory', () => {
    const small = parseDram({ ...ONE_CHANNEL, organization: { ...ONE_CHANNEL.organization, rowsPerBank: 1 } }, 'small');
    // 16 banks of one row of 32 bursts: reads have 256 bursts, 8 strides of a row.
    const strided = { ...rule, kind: 'strided', strideBytes: 2048, readShare: 1, rate: 0.005 } as const;
    const places = requestsOf(new OpenLoop(strided, small))
      .flat()
      .map(({ address }) => address / 64);
    expect(places).toEqual(Array.from({ length: 20 }, (_, at) => 32 * (at % 8) + Math.floor(at / 8)));
  });

  it('goes anywhere, and follows from the seed alone', () => {
    const random = { ...rule, kind: 'random' } as const;
    const [once, again, other] = ['1', '1', '2'].map((seed) => requestsOf(new OpenLoop({ ...random, seed }, HBM2)));
    expect(again).toEqual(once);
    expect(other).not.toEqual(once);
    expect(new Set(once!.flat().map(({ address }) => address)).size).toBeGreaterThan(990);
    expect(once!.every((queue) => queue.length > 80)).toBe(true);
  });
});

describe('a question that a memory has no answer to', () => {
  it.each([
    [{ strideBytes: 100 }, 'strideBytes', 'whole bursts of HBM2 (64 bytes), at most half of it (4294967296)'],
    [{ strideBytes: 2 ** 33 }, 'strideBytes', 'whole bursts of HBM2'],
    [{ cycles: 2 ** 40 }, 'cycles', 'so few that with those before them at most 10000000 requests arrive'],
  ] as const)('is refused in words: %j', (changes, about, words) => {
    const problem = problemWith(HBM2, { ...ASKED, ...changes });
    expect(problem).toMatchObject({ about, expected: expect.stringContaining(words) as string });
  });

  it('is none otherwise', () => {
    expect(problemWith(HBM2, { ...ASKED, strideBytes: 4096, cycles: 1000 })).toBeUndefined();
  });
});
