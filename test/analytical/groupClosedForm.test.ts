/** Our closed form of fused groups (MODEL.md §10) against the machine in lockstep. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupClosedForm } from '../../src/model/analytical/groupClosedForm.ts';
import type { FusedGroup } from '../../src/model/fusion/groups.ts';
import { addInto, noDramBits, noOpCounts, noSramBits } from '../../src/model/layers/result.ts';
import { Machine } from '../../src/model/machine/machine.ts';
import { totalWaiting } from '../../src/model/machine/waiting.ts';
import { PAPER } from '../../src/model/schedule/assumptions.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
import { complete } from '../support/complete.ts';
import { groupCases, layersOfGroup, tinyGroup } from '../support/fusedGroups.ts';
import { TINY_HARDWARE, tinyConv } from '../support/tinyMachine.ts';

const GROUPS = process.env['SYSTOLE_VERIFY'] === '1' ? 2000 : 100;

/** What the machine says of a group in lockstep, in the form of the formula. */
function simulated(group: FusedGroup, hardware: Hardware) {
  const { layers, groups } = complete(new Machine(hardware).runGroup(layersOfGroup(group), group, PAPER));
  const { totalCycles, units } = groups[0]!;
  const sums = { dramBits: noDramBits(), sramBits: noSramBits(), ops: 0, opCounts: noOpCounts() };
  for (const { dramBits, sramBits, ops, opCounts } of layers) addInto(sums, { dramBits, sramBits, ops, opCounts });
  for (const { busyCycles, waiting } of [units.SA, units.SIMD])
    expect(busyCycles + totalWaiting(waiting)).toBe(totalCycles);
  return { totalCycles, busyCycles: { SA: units.SA.busyCycles, SIMD: units.SIMD.busyCycles }, ...sums };
}

describe('in lockstep, counted by hand,', () => {
  const takes = (group: FusedGroup, cycles: number, obuf = 2): void => {
    const hardware = { ...TINY_HARDWARE, slots: { ...TINY_HARDWARE.slots, obuf } };
    expect(groupClosedForm(group, hardware).totalCycles).toBe(cycles);
    expect(simulated(group, hardware).totalCycles).toBe(cycles);
  };

  it('five tiles are served one after another, each in the segment behind its own', () => {
    // Tiles of 10: ifmap, compute and result 10 cycles each, weight and bias 1. First the loads, 10; tile 0 computes, 10;
    // while tiles 1–4 do the SIMD array computes on the one before, 10 + 5, and stores it, 10; last it serves tile 4.
    const layer = tinyConv({ ow: 50 }, { ow: 10 });
    takes(tinyGroup(layer, ['relu']), 10 + 10 + 4 * 25 + 25);
    // A shortcut is loaded first, and added by an operation with a fill of its own.
    takes(tinyGroup(layer, ['tensor-add', 'relu']), 10 + 10 + 4 * (10 + 2 * 15 + 10) + 50);
  });

  it('a psum that comes back waits for the slot that the SIMD array holds, if there are two', () => {
    // Two oc tiles, two ic tiles, psums of 3 bits: 30 cycles. Loads 10; (0, 0) while a psum comes, 30; (0, 1) while one
    // goes, 30; (1, 0) while the SIMD array computes, 15, then a psum comes into that slot, 30; (1, 1) while one goes, 30;
    // the SIMD array on the last, 15 + 10. With a third slot the psum comes meanwhile.
    const layer = { ...tinyConv({ oc: 2, ic: 2, ow: 10 }, { ow: 10 }), bits: { ...TINY_HARDWARE.bits, psum: 3 } };
    takes(tinyGroup(layer, ['relu']), 10 + 30 + 30 + (15 + 30) + 30 + 25);
    takes(tinyGroup(layer, ['relu']), 10 + 30 + 30 + 30 + 30 + 25, 3);
    // Stored too, 30: that goes first, and takes longer than the SIMD array; the last segment is its store.
    takes({ ...tinyGroup(layer, ['relu']), isSumStored: true }, 10 + 30 + 30 + (30 + 30) + 30 + 30);
  });

  it('sums that an outermost loop adds up begin on its first way round and end on its last', () => {
    // Six tiles twice: ifmap and compute 10, psum 30. Loads 10 and tile 0, 10. The first way round, while tiles 1–4
    // compute, the one before is stored: 30 each; with tile 5 the first psum comes back behind that, 30 + 30, and so with
    // tile 0 the second time. Then the SIMD array computes, 15, before the next psum finds its slot, 30: four times. The
    // last tile of the array computes beside it, 15 + 10, and it ends with that tile, 15 + 10.
    const conv = tinyConv({ ic: 2, oh: 3, ow: 20 }, { ow: 10 });
    const loopOrder = ['ic', 'kh', 'kw', 'oc', 'n', 'oh', 'ow'] as const;
    const layer = { ...conv, loopOrder, bits: { ...TINY_HARDWARE.bits, psum: 3 } };
    takes(tinyGroup(layer, ['relu']), 10 + 10 + 4 * 30 + 60 + 60 + 4 * (15 + 30) + 25 + 25);
  });
});

describe('the closed form of fused groups', () => {
  it(`equals the machine under the paper's assumptions on ${GROUPS} random groups, in every column`, () => {
    fc.assert(
      fc.property(groupCases({ mostSlots: 4, randomOrder: true }), ({ hardware, group }) => {
        expect(simulated(group, hardware)).toEqual(groupClosedForm(group, hardware));
      }),
      { numRuns: GROUPS, seed: 1 },
    );
  });
});
