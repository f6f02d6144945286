import { describe, expect, it } from 'vitest';
import type { Region } from '../../src/model/schedule/region.ts';
import { type Tensor, tensorOf } from '../../src/studies/verify/tensor.ts';
import { clearIfChanged, Slot, type TileTransfer, TileTransfers } from '../../src/studies/verify/tileTransfers.ts';

const { NaN: none } = Number;
/** A row of DRAM with 1, 2, 3, 4, and the part of it with 2 and 3. */
const dram = (): Tensor => tensorOf([1, 1, 1, 4], (_a, _b, _c, d) => d + 1);
const MIDDLE: Region = { from: [0, 0, 0, 1], sizes: [1, 1, 1, 2] };

function move(direction: TileTransfer['direction'], tensor: Tensor, slot: Slot): TileTransfer {
  return { direction, tensor, region: MIDDLE, slot };
}

function slotWith(...values: number[]): Slot {
  const slot = new Slot(2);
  slot.hold(Float64Array.from(values));
  return slot;
}

describe('a load', () => {
  it('empties its slot when it is asked for, samples DRAM at its start and lands at its end', () => {
    const [tensor, slot, transfers] = [dram(), slotWith(8, 9), new TileTransfers()];
    transfers.requested('ifmap', [move('load', tensor, slot)]);
    expect([...slot.data]).toEqual([none, none]);
    tensor.data[1] = 20; // in time
    transfers.started('ifmap');
    tensor.data[2] = 30; // too late
    expect([...slot.data]).toEqual([none, none]);
    transfers.ended('ifmap');
    expect([...slot.data]).toEqual([20, 3]);
  });
});

describe('a store', () => {
  it('reads its slot at its start and commits at its end', () => {
    const [tensor, slot, transfers] = [dram(), slotWith(8, 9), new TileTransfers()];
    transfers.requested('psum', [move('store', tensor, slot)]);
    transfers.started('psum');
    expect([...tensor.data]).toEqual([1, 2, 3, 4]);
    transfers.ended('psum');
    expect([...tensor.data]).toEqual([1, 8, 9, 4]);
  });

  it('is lost if its slot is used for something else before its end', () => {
    const [tensor, slot, transfers] = [dram(), slotWith(8, 9), new TileTransfers()];
    transfers.requested('psum', [move('store', tensor, slot)]);
    transfers.started('psum');
    slot.hold(Float64Array.of(8, 9));
    transfers.ended('psum');
    expect([...tensor.data]).toEqual([1, none, none, 4]);
  });

  it('can add to what is there', () => {
    const [tensor, slot, transfers] = [dram(), slotWith(8, 9), new TileTransfers()];
    transfers.requested('vmem', [{ ...move('store', tensor, slot), adds: true }]);
    transfers.started('vmem');
    transfers.ended('vmem');
    expect([...tensor.data]).toEqual([1, 10, 12, 4]);
  });
});

describe('an interface', () => {
  it('serves its transfers in turn', () => {
    const [tensor, first, second, transfers] = [dram(), slotWith(8, 9), slotWith(6, 7), new TileTransfers()];
    transfers.requested('psum', [move('store', tensor, first)]);
    transfers.requested('psum', [move('store', tensor, second)]);
    for (const expected of [8, 6]) {
      transfers.started('psum');
      transfers.ended('psum');
      expect(tensor.data[1]).toBe(expected);
    }
  });
});

describe('slots in use', () => {
  it('are all lost if one of them changes', () => {
    const slots = [slotWith(1, 2), slotWith(3, 4)];
    const versions = slots.map(({ version }) => version);
    clearIfChanged(slots, versions);
    expect(slots.map(({ data }) => [...data])).toEqual([
      [1, 2],
      [3, 4],
    ]);
    slots[1]!.hold(Float64Array.of(3, 4));
    clearIfChanged(slots, versions);
    expect(slots.map(({ data }) => [...data])).toEqual([
      [none, none],
      [none, none],
    ]);
  });
});
