/** A layer's visits to the slots of its results, alone: whose load it is that has come. */
import { expect, it } from 'vitest';
import { Announcer } from '../../../src/model/machine/announcer.ts';
import type { RequestPort } from '../../../src/model/machine/ports.ts';
import { Producers } from '../../../src/model/machine/producers.ts';
import { ResultStream } from '../../../src/model/machine/resultStream.ts';
import { TAG, tagOf } from '../../../src/model/machine/tags.ts';
import { TileSram } from '../../../src/model/machine/tileSram.ts';
import { type StepTransfer, transferOf } from '../../../src/model/schedule/step.ts';
import type { VisitWalk } from '../../../src/model/schedule/visitWalk.ts';

const LOAD = tagOf(TAG.load, 0);

/** Visits of one step that wait for none before them and load so many tiles of 32 bits. */
function visitsWith(loads: readonly number[]): VisitWalk {
  const load = transferOf({ tensor: 'psum', booked: 'psum' }, 32);
  const loadsOf = (visit: number): StepTransfer[] => new Array<StepTransfer>(loads[visit] ?? 0).fill(load);
  const walk = {
    step: 0,
    loads: loadsOf(0),
    grantAfter: 0,
    loadAfter: 0,
    isOver: () => walk.step >= loads.length,
    advance: () => {
      walk.step++;
      walk.loads = loadsOf(walk.step);
    },
  };
  return walk as unknown as VisitWalk;
}

it('gives a load to the first visit that lacks one, past those that load nothing', () => {
  const asked: number[] = [];
  const port: RequestPort = { request: (tag, bits) => asked.push(tag, bits) };
  const result = new ResultStream(visitsWith([1, 0, 0, 2]), {
    sram: new TileSram({ name: 'obuf', slots: 4, sizeBits: 128 }),
    port,
    announcer: new Announcer(false),
    producers: Producers.NONE,
    place: 0,
    isOutOfOrder: false,
  });
  for (let visit = 0; visit < 4; visit++) expect(result.grantNext(3, 1)).toBe(true);
  expect(asked).toEqual([LOAD, 32, LOAD, 32, LOAD, 32]);
  expect(result.isReady()).toBe(false);
  expect(result.loadEnded(5, 32, LOAD)).toBe(true);
  expect([result.isReady(), result.current.readyCycle]).toEqual([true, 5]);
  // The second and the third have all that they need since they have their slots.
  for (let visit = 1; visit < 3; visit++) {
    result.endVisit();
    expect([result.isReady(), result.current.readyCycle]).toEqual([true, 1]);
  }
  result.endVisit();
  expect([result.isReady(), result.loadEnded(8, 32, LOAD), result.isReady()]).toEqual([false, false, false]);
  expect([result.loadEnded(9, 32, LOAD), result.isReady(), result.current.readyCycle]).toEqual([true, true, 9]);
});
