/** Where the SIMD side of a fused group finds its tiles in memory. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Runs } from '../../src/model/dram/burstWalk.ts';
import { LAYOUTS } from '../../src/model/dram/layout.ts';
import { placeFused } from '../../src/model/dram/placement.ts';
import { HARDWARE } from '../../src/model/schedule/assumptions.ts';
import { FusedSchedule } from '../../src/model/schedule/fusedSchedule.ts';
import { fusedTile } from '../../src/model/schedule/fusedTile.ts';
import { SaSchedule } from '../../src/model/schedule/saSchedule.ts';
import { type ConvTile, coveredSizes, tileOfStep } from '../../src/model/schedule/saTile.ts';
import { dramPreset } from '../support/dram.ts';
import { type GroupCase, groupCases } from '../support/fusedGroups.ts';

const CASES = process.env['SYSTOLE_VERIFY'] === '1' ? 2000 : 100;
const spec = dramPreset('HBM2');

function scheduleOf({ group, hardware }: GroupCase): FusedSchedule {
  return new FusedSchedule(group, new SaSchedule(group.sa, hardware, HARDWARE), hardware);
}

/** Each run's first bit. */
function* startsOf({ base, loops }: Runs): Generator<number> {
  const [outer, ...inner] = loops;
  if (outer === undefined) yield base;
  for (let turn = 0; turn < (outer?.count ?? 0); turn++)
    yield* startsOf({ base: base + turn * outer!.strideBits, runBits: 0, loops: inner });
}

/** The tiles that complete their sums, by a walk through all steps of the SA layer. */
function completedTiles(sa: SaSchedule): ConvTile[] {
  const walk = sa.walk();
  const tiles: ConvTile[] = [];
  for (let step = 0; step < sa.steps; step++) {
    const isComplete = walk.step.stores[0]!.operand.booked === 'ofmap';
    if (walk.advance() > sa.psum.position || !isComplete) continue;
    tiles.push(tileOfStep(sa.layer, coveredSizes(sa.layer, sa.edgesAreFull), step));
  }
  return tiles;
}

describe(`of ${CASES} random fused groups`, () => {
  it('each step is about the tile that is handed over to it', () => {
    fc.assert(
      fc.property(groupCases({ randomOrder: true }), (each) => {
        const { sa, steps, hasChannelSteps } = scheduleOf(each);
        const covered = coveredSizes(sa.layer, sa.edgesAreFull);
        const all = Array.from({ length: steps }, (_, step) => fusedTile(sa.layer, covered, hasChannelSteps, step));
        const completed = completedTiles(sa);
        expect(all.filter(({ part }) => part === 0).map(({ tile }) => tile)).toEqual(completed);
        // Behind the last tile of an oc tile comes its statistics' step, about the same channels.
        const channelOf = ({ group, from }: ConvTile): string => `${group} ${from.oc}`;
        const channels = hasChannelSteps ? new Set(completed.map(channelOf)) : new Set();
        expect(all.filter(({ part }) => part === 1).map(({ tile }) => channelOf(tile))).toEqual([...channels]);
      }),
      { numRuns: CASES, seed: 1 },
    );
  });

  it.each(LAYOUTS)('all loads and stores are as many bits in memory as move, and no two stores meet: %s', (layout) => {
    fc.assert(
      fc.property(groupCases({ randomOrder: true }), (each) => {
        const { columns } = each.hardware.array;
        // Padding of a tile within the tensor is no place of its own in memory.
        if (each.group.sa.tile.oc % columns !== 0) return;
        const schedule = scheduleOf(each);
        const placement = placeFused(each.group, false, spec, layout);
        const walk = schedule.walk();
        const stored = new Set<number>();
        for (let step = 0; step < schedule.steps; step++) {
          for (const direction of ['load', 'store'] as const) {
            for (const [place, { operand, bits }] of walk.step.tile[`${direction}s`].entries()) {
              const runs = placement.runsOf({ tensor: operand.tensor, step, direction, bits, operand: place });
              const starts = [...startsOf(runs)];
              expect(starts.length * runs.runBits).toBe(bits);
              for (const start of direction === 'store' ? starts : []) {
                expect(stored.has(start)).toBe(false);
                stored.add(start);
              }
              expect((Math.max(...starts) + runs.runBits) / 8).toBeLessThanOrEqual(placement.bytes);
            }
          }
          walk.advance();
        }
      }),
      { numRuns: CASES, seed: 2 },
    );
  });
});
