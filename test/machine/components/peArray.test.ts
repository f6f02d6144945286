/** The PE array alone: tiles of exact cycles, and what it reads and writes of its buffers. */
import { expect, it } from 'vitest';
import { PeArray } from '../../../src/model/machine/peArray.ts';
import { TileSram, type TileSramName } from '../../../src/model/machine/tileSram.ts';
import { HARDWARE } from '../../../src/model/schedule/assumptions.ts';
import { SaSchedule, type SaStepShape } from '../../../src/model/schedule/saSchedule.ts';
import { at, EventQueue, passAll, passUntil } from '../../support/components.ts';
import { TINY_HARDWARE, tinyConv } from '../../support/tinyMachine.ts';

const J = 2;
const K = 3;
const bits = { weight: 2, ifmap: 3, psum: 5, bias: 7 };
/** 5 positions, 4 input channels in 2 rows of PEs, 6 output channels in 3 columns: 5 · 2 · 2 = 20 inner tiles. */
const INNER_TILES = 20;
const CYCLES = INNER_TILES + (J - 1) + (K - 1);

function theTile(): SaStepShape {
  const sizes = { oc: 6, ic: 4, ow: 5 };
  const hardware = { ...TINY_HARDWARE, array: { rows: J, columns: K }, bits };
  const { shapes } = new SaSchedule({ ...tinyConv(sizes, sizes), bits }, hardware, HARDWARE);
  return shapes[0]!;
}

function build() {
  const queue = new EventQueue();
  const sram = (name: TileSramName): TileSram => new TileSram({ name, slots: 2, sizeBits: 1000 });
  const buffers = { wbuf: sram('wbuf'), ibuf: sram('ibuf'), bbuf: sram('bbuf'), obuf: sram('obuf') };
  const peArray = new PeArray(queue, buffers);
  const ends: number[] = [];
  peArray.attach({ computeEnded: (cycle) => ends.push(cycle) });
  return { queue, peArray, ends, ...buffers };
}

it('computes a tile in its inner tiles and the fill of J − 1 rows and K − 1 columns', () => {
  const { queue, peArray, ends } = build();
  at(queue, 7, () => peArray.compute(theTile(), true));
  passUntil(queue, 7 + CYCLES - 1);
  expect([peArray.isBusy, ends]).toEqual([true, []]);
  passAll(queue);
  expect([peArray.isBusy, ends]).toEqual([false, [7 + CYCLES]]);
});

it('takes a tile as soon as the one before has ended, and counts both', () => {
  const { queue, peArray, ends } = build();
  peArray.attach({
    computeEnded: (cycle) => {
      if (ends.push(cycle) < 2) peArray.compute(theTile(), false);
    },
  });
  peArray.compute(theTile(), true);
  passAll(queue);
  expect(ends).toEqual([CYCLES, 2 * CYCLES]);
  expect([peArray.tiles, peArray.busyCycles]).toEqual([2, 2 * CYCLES]);
});

it('reads J · K weights and J ifmap elements an inner tile, and reads and writes K psums', () => {
  const { peArray, wbuf, ibuf, bbuf, obuf } = build();
  peArray.compute(theTile(), false);
  expect([wbuf.readBits, ibuf.readBits]).toEqual([INNER_TILES * J * K * 2, INNER_TILES * J * 3]);
  expect([obuf.readBits, obuf.writtenBits, bbuf.readBits]).toEqual([INNER_TILES * K * 5, INNER_TILES * K * 5, 0]);
  expect([wbuf.writtenBits, ibuf.writtenBits, bbuf.writtenBits]).toEqual([0, 0, 0]);
});

it('begins a new psum from its bias: 5 positions of 6 channels are not read from OBuf', () => {
  const { peArray, bbuf, obuf } = build();
  peArray.compute(theTile(), true);
  expect([obuf.readBits, obuf.writtenBits]).toEqual([INNER_TILES * K * 5 - 30 * 5, INNER_TILES * K * 5]);
  expect(bbuf.readBits).toBe(30 * 7);
});
