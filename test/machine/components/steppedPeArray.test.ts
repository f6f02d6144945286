/** The PE array at the grain of cycles: the same port, the same ends and accesses as tile by tile. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as units from '../../../src/model/machine/cycleStepped/steppedUnits.ts';
import { Machine } from '../../../src/model/machine/machine.ts';
import { PeArray } from '../../../src/model/machine/peArray.ts';
import type { ComputePort } from '../../../src/model/machine/ports.ts';
import { TileSram, type TileSramName } from '../../../src/model/machine/tileSram.ts';
import { HARDWARE, PAPER } from '../../../src/model/schedule/assumptions.ts';
import { SaSchedule, type SaStepShape } from '../../../src/model/schedule/saSchedule.ts';
import { sample } from '../../support/arbitraries.ts';
import { at, EventQueue, passAll, passUntil } from '../../support/components.ts';
import { TINY_HARDWARE, tinyConv } from '../../support/tinyMachine.ts';

const bits = { weight: 2, ifmap: 3, psum: 5, bias: 7 };

/** An array of either grain with its buffers, and the ends that it reports. */
function build(grain: 'cycle' | 'tile', rows: number, columns: number) {
  const queue = new EventQueue();
  const sram = (name: TileSramName): TileSram => new TileSram({ name, slots: 2, sizeBits: 1000 });
  const buffers = { wbuf: sram('wbuf'), ibuf: sram('ibuf'), bbuf: sram('bbuf'), obuf: sram('obuf') };
  const unit: ComputePort<SaStepShape> =
    grain === 'tile' ? new PeArray(queue, buffers) : new units.SteppedPeArray(queue, buffers, { rows, columns });
  const ends: number[] = [];
  unit.attach({ computeEnded: (cycle) => ends.push(cycle) });
  const figures = () => ({
    ends,
    busyCycles: unit.busyCycles,
    tiles: unit.tiles,
    accesses: Object.values(buffers).map(({ readBits, writtenBits }) => [readBits, writtenBits]),
  });
  return { queue, unit, figures };
}

it('moves its registers at the end of every cycle, and ends when the last sum has left the last column', () => {
  // Two rows and three columns, 4 vectors in one pass: the last enters row 0 in the 4th cycle, row 1 in the 5th, and its
  // sum leaves column 2 two cycles later.
  const { shapes } = new SaSchedule(
    { ...tinyConv({ oc: 3, ic: 2, ow: 4 }, { oc: 3, ic: 2, ow: 4 }), bits },
    { ...TINY_HARDWARE, array: { rows: 2, columns: 3 } },
    HARDWARE,
  );
  const { queue, unit, figures } = build('cycle', 2, 3);
  at(queue, 10, () => unit.compute(shapes[0]!, true));
  passUntil(queue, 16);
  expect([unit.isBusy, unit.busyCycles, figures().ends]).toEqual([true, 6, []]);
  passAll(queue);
  expect([unit.isBusy, unit.busyCycles, figures().ends]).toEqual([false, 7, [17]]);
});

const dims = fc.record({
  oc: fc.integer({ min: 1, max: 7 }),
  ic: fc.integer({ min: 1, max: 7 }),
  kh: fc.integer({ min: 1, max: 3 }),
  kw: fc.integer({ min: 1, max: 3 }),
  n: fc.integer({ min: 1, max: 2 }),
  oh: fc.integer({ min: 1, max: 3 }),
  ow: fc.integer({ min: 1, max: 4 }),
});
const side = fc.integer({ min: 1, max: 4 });

it('takes the cycles and accesses of the tile-grained array for any tile, also one that fills no block', () => {
  fc.assert(
    fc.property(dims, side, side, fc.boolean(), (sizes, rows, columns, startsResult) => {
      const hardware = { ...TINY_HARDWARE, array: { rows, columns } };
      const { shapes } = new SaSchedule({ ...tinyConv(sizes, sizes), bits }, hardware, HARDWARE);
      const [stepped, whole] = (['cycle', 'tile'] as const).map((grain) => {
        const { queue, unit, figures } = build(grain, rows, columns);
        // Twice, so that what the first tile leaves in the registers is seen.
        for (let tile = 0; tile < 2; tile++) {
          unit.compute(shapes[0]!, startsResult);
          passAll(queue);
        }
        return figures();
      });
      expect(stepped).toEqual(whole);
    }),
    sample(100),
  );
});

describe('a layer on it', () => {
  it.each([HARDWARE, PAPER, { ...HARDWARE, reloadOperands: false }])(
    'has the figures of the same layer: %j',
    (assumptions) => {
      const sizes = { oc: 6, ic: 6, kh: 2, n: 2, oh: 5, ow: 3 };
      const layer = { ...tinyConv(sizes, { oc: 4, ic: 2, kh: 2, n: 1, oh: 2, ow: 3 }), bits };
      const hardware = { ...TINY_HARDWARE, array: { rows: 2, columns: 2 }, bits };
      const tileGrained = new Machine(hardware, { fastForward: false }).run(layer, assumptions);
      const machine = new Machine(hardware, {
        cycleStepping: { ...units, isStepped: ({ name }) => name === layer.name },
      });
      const { events, ...stepped } = machine.run(layer, assumptions);
      expect({ ...stepped, events: tileGrained.events }).toEqual(tileGrained);
      // An event a cycle while a tile is computed.
      expect(events).toBe(tileGrained.events - tileGrained.tiles + tileGrained.computeCycles);
      // Other layers are computed tile by tile, and jumped over.
      expect(machine.run({ ...layer, name: 'another' }, assumptions).events).toBe(tileGrained.events);
    },
  );
});
