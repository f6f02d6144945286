/** The five SRAMs with tile slots: which slot a tile gets, and how full they are over time. */
import { describe, expect, it } from 'vitest';
import { buildComponents } from '../../../src/model/machine/components.ts';
import { TileSram } from '../../../src/model/machine/tileSram.ts';
import { at, EventQueue, passAll, passUntil } from '../../support/components.ts';
import { TINY_HARDWARE } from '../../support/tinyMachine.ts';

const hardware = {
  ...TINY_HARDWARE,
  sramKiB: { wbuf: 1, ibuf: 2, obuf: 3, bbuf: 4, vmem: 5, imem: 6 },
  slots: { wbuf: 3, ibuf: 4, obuf: 5, bbuf: 6, vmem: 7 },
};

describe.each([
  ['wbuf', 3, 1],
  ['ibuf', 4, 2],
  ['obuf', 5, 3],
  ['bbuf', 6, 4],
  ['vmem', 7, 5],
] as const)('%s', (name, slots, kib) => {
  const build = (): { readonly queue: EventQueue; readonly sram: TileSram } => {
    const queue = new EventQueue();
    return { queue, sram: buildComponents(hardware, queue, { kind: 'ideal' })[name] };
  };

  it(`has ${slots} slots of the hardware file's ${kib} KiB`, () => {
    expect(build().sram.spec).toEqual({ name, slots, sizeBits: kib * 8192 });
  });

  it('gives its slots in turn, one that is still held is passed over', () => {
    const { sram } = build();
    const all = Array.from({ length: slots }, () => sram.grant(0));
    expect(all).toEqual([...all.keys()]);
    expect(sram.freeSlots).toBe(0);
    sram.release(1, 5);
    sram.release(0, 6);
    // Behind the last slot comes the first.
    expect([sram.grant(7), sram.grant(8)]).toEqual([0, 1]);
    expect(() => sram.grant(9)).toThrow(`${name} has no free slot to grant`);
  });

  it.each([
    ['numbered', (sram: TileSram, cycle: number) => sram.grant(cycle), TileSram.prototype.release],
    [
      'any',
      (sram: TileSram, cycle: number) => sram.take(cycle),
      function (this: TileSram, _: number, cycle: number) {
        this.giveBack(cycle);
      },
    ],
  ] as const)('knows how full it is and was, slots being %s', (_, grant, release) => {
    const { queue, sram } = build();
    const seen: number[] = [];
    // One slot from 10 to 40, another from 20 to 50, a third from 45 on.
    for (const cycle of [10, 20, 45]) at(queue, cycle, () => grant(sram, cycle));
    for (const [cycle, slot] of [
      [40, 0],
      [50, 1],
    ] as const)
      at(queue, cycle, () => release.call(sram, slot, cycle));
    for (const cycle of [9, 10, 20, 39, 40, 45, 60]) {
      passUntil(queue, cycle);
      seen.push(sram.occupiedSlots, sram.slotCycles(cycle));
    }
    // At each of these cycles: slots in use, and the cycles of use so far, summed over slots.
    const occupancy = [
      [0, 0],
      [1, 0],
      [2, 10],
      [2, 48],
      [1, 50],
      [2, 55],
      [1, 75],
    ];
    expect(seen).toEqual(occupancy.flat());
    expect(sram.peakSlots).toBe(2);
  });

  it('begins with its first slot again for the next program, but not while a tile is held', () => {
    const { queue, sram } = build();
    at(queue, 0, () => sram.grant(0));
    passAll(queue);
    expect(() => sram.rewind()).toThrow(`${name} still holds 1 tiles`);
    sram.release(0, 8);
    sram.rewind();
    expect([sram.grant(0), sram.peakSlots, sram.slotCycles(3)]).toEqual([0, 1, 8 + 3]);
  });
});
