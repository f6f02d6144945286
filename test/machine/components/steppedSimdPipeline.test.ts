/** The SIMD pipeline at the grain of cycles: the same port, the same ends and accesses as tile by tile, for every operation. */
import seedrandom from 'seedrandom';
import { describe, expect, it } from 'vitest';
import { integer } from '../../../src/model/engine/random.ts';
import { NO_WINDOW, type SimdLayer } from '../../../src/model/layers/layer.ts';
import * as units from '../../../src/model/machine/cycleStepped/steppedUnits.ts';
import { InstructionMemory } from '../../../src/model/machine/instructionMemory.ts';
import { Machine } from '../../../src/model/machine/machine.ts';
import { TileSram } from '../../../src/model/machine/tileSram.ts';
import { SIMD_OPS, type SimdOp, simdOperation } from '../../../src/model/operations/simdTable.ts';
import { HARDWARE } from '../../../src/model/schedule/assumptions.ts';
import { SimdSchedule } from '../../../src/model/schedule/simdSchedule.ts';
import { randomWindow } from '../../../src/studies/verify/simdCase.ts';
import { at, EventQueue, passAll, passUntil } from '../../support/components.ts';
import { TINY_HARDWARE } from '../../support/tinyMachine.ts';

const bits = { input: 5, output: 3, psum: 5, weight: 2, bias: 7 };

function reluOn(lanes: number): SimdLayer {
  const sizes = { c: 2 * lanes, n: 1, h: 1, w: 1 };
  return { unit: 'SIMD', name: 'relu', op: 'relu', sizes, tile: sizes, window: NO_WINDOW, bits };
}

it('passes instructions through six stages and from lane to lane, a cycle each', () => {
  const queue = new EventQueue();
  const vmem = new TileSram({ name: 'vmem', slots: 1, sizeBits: 1000 });
  const obuf = new TileSram({ name: 'obuf', slots: 1, sizeBits: 1000 });
  const imem = new InstructionMemory(queue, { sizeBits: 1000, bitsPerCycle: undefined });
  const hardware = { ...TINY_HARDWARE, array: { rows: 1, columns: 3 } };
  const pipeline = new units.SteppedSimdPipeline(queue, { vmem, obuf }, imem, hardware);
  const ends: number[] = [];
  pipeline.attach({ computeEnded: (cycle) => ends.push(cycle) });
  // Two vectors: the second is fetched in cycle 2, written in lane 0 five cycles later, in lane 2 two cycles after that.
  at(queue, 20, () => pipeline.compute(new SimdSchedule(reluOn(3), hardware, HARDWARE).shape(0, 0)));
  passUntil(queue, 28);
  expect([pipeline.isBusy, pipeline.busyCycles, ends]).toEqual([true, 8, []]);
  passAll(queue);
  expect([pipeline.isBusy, pipeline.busyCycles, ends]).toEqual([false, 9, [29]]);
  expect([vmem.readBits, vmem.writtenBits]).toEqual([6 * 5, 6 * 3]);
  expect([imem.immReadBits, imem.readBits]).toEqual([2 * 5, 2 * 32]);
});

/** Several tiles of an operation, smaller ones at the edges. */
function randomLayer(random: seedrandom.PRNG, op: SimdOp, lanes: number): SimdLayer {
  const draw = (to: number): number => integer(random, 1, to);
  const isRowwise = simdOperation(op).partsInOnePass !== undefined;
  const side = (): number => (isRowwise ? 1 : draw(4));
  const sizes = { c: lanes * draw(3), n: draw(3), h: side(), w: side() };
  const tile = { c: lanes * draw(sizes.c / lanes), n: draw(sizes.n), h: draw(sizes.h), w: draw(sizes.w) };
  return { unit: 'SIMD', name: op, op, sizes, tile, window: randomWindow(random, op), bits };
}

describe('a layer on it', () => {
  it.each(SIMD_OPS)('has the figures of the same layer tile by tile: %s', (op) => {
    const random = seedrandom.alea(op);
    for (let run = 0; run < 5; run++) {
      const lanes = integer(random, 1, 4);
      const hardware = {
        ...TINY_HARDWARE,
        array: { rows: 1, columns: lanes },
        slots: { ...TINY_HARDWARE.slots, vmem: integer(random, 1, 2) },
      };
      const layer = randomLayer(random, op, lanes);
      const whole = new Machine(hardware, { fastForward: false }).run(layer, HARDWARE);
      const stepped = new Machine(hardware, { cycleStepping: { ...units, isStepped: () => true } }).run(
        layer,
        HARDWARE,
      );
      expect([layer, { ...stepped, events: whole.events }]).toEqual([layer, whole]);
    }
  });
});
