/** An off-chip interface at a banked memory, on HBM2 with the accelerator's own clock and no refresh: one channel, unless a test says else. */
import { expect, it } from 'vitest';
import type { BankedSide } from '../../../src/model/machine/bankedSide.ts';
import { buildComponents } from '../../../src/model/machine/components.ts';
import type { MachineObserver, TileMove } from '../../../src/model/machine/observer.ts';
import { at, EventQueue, passAll, passUntil } from '../../support/components.ts';
import { dramPreset } from '../../support/dram.ts';
import { TINY_HARDWARE, tinyConv } from '../../support/tinyMachine.ts';

const BURST_BITS = 8 * 64;
/** Cycles that a burst takes over the link. */
const LINK = 2;

/** The interfaces of a layer whose elements are a burst each: by default two tiles of two. */
function build({
  spec = dramPreset('HBM2', 1, false),
  linkCycles = LINK,
  layer = tinyConv({ ow: 4 }, { ow: 2 }),
} = {}) {
  const bitsPerCycle = BURST_BITS / linkCycles;
  const wide = { weight: bitsPerCycle, ifmap: bitsPerCycle, psum: bitsPerCycle, vmem: bitsPerCycle };
  const bits = { weight: BURST_BITS, ifmap: BURST_BITS, psum: BURST_BITS, bias: BURST_BITS };
  const queue = new EventQueue();
  const hardware = { ...TINY_HARDWARE, bits, bitsPerCycle: wide };
  const components = buildComponents(hardware, queue, { kind: 'banked', spec, layout: 'tiles', sharing: 'shared' });
  const dram = components.dram as BankedSide;
  dram.programStarted([{ ...layer, bits }], false);
  const port = components.ifmapInterface;
  const ends: number[][] = [];
  const psumEnds: number[][] = [];
  port.attach({ transferEnded: (...end) => ends.push(end) });
  components.psumInterface.attach({ transferEnded: (...end) => psumEnds.push(end) });
  return { queue, port, psum: components.psumInterface, ends, psumEnds, dram };
}

const ifmap = (step: number): TileMove => ({
  tensor: 'ifmap',
  direction: 'load',
  step,
  slot: 0,
  bits: 2 * BURST_BITS,
  layer: 0,
});

const psumStore: TileMove = { tensor: 'psum', direction: 'store', step: 0, slot: 0, bits: 2 * BURST_BITS, layer: 0 };

it('ends a load when its last burst is through the link', () => {
  const { queue, port, ends, dram } = build();
  at(queue, 10, () => port.request(7, 2 * BURST_BITS, 0, [ifmap(0)]));
  // Offered in 10, the row is opened in 11 and, as ACT takes two cycles, read RCD = 14 after 12: RD in 26, its data
  // from 26 + CL = 40 to 42, over the link to 42; the second burst's RD is 2 later, so is its data: 44.
  passUntil(queue, 43);
  expect([ends, port.isIdle()]).toEqual([[], false]);
  passAll(queue);
  expect(ends).toEqual([[7, 44, 44, 2 * BURST_BITS, 0]]);
  expect([port.busyCycles, port.lastCycles, port.bitsMoved, port.isIdle()]).toEqual([34, 34, 2 * BURST_BITS, true]);
  const { activates, rowHits } = dram.countsOfProgram();
  expect([activates, rowHits]).toEqual([1, 1]);
});

it('keeps the row open for the next tile, whose bursts are offered behind those of the first', () => {
  const { queue, port, ends, dram } = build();
  port.request(0, 2 * BURST_BITS, 0, [ifmap(0)]);
  port.request(1, 2 * BURST_BITS, 0, [ifmap(1)]);
  passAll(queue);
  // As above ten cycles earlier, then two bursts more, each 2 cycles behind the one before.
  expect(ends.map(([tag, cycle]) => [tag, cycle])).toEqual([
    [0, 34],
    [1, 38],
  ]);
  expect([port.busyCycles, port.lastCycles]).toEqual([38, 4]);
  expect(dram.countsOfProgram().activates).toBe(1);
});

it('ends a store when the controller has taken its last burst, long before it is written', () => {
  const { queue, psum, psumEnds } = build();
  at(queue, 10, () => psum.request(3, 2 * BURST_BITS, 0, [psumStore]));
  passAll(queue);
  // The bursts are over the link in 12 and 14 and taken at once: it ends behind cycle 14.
  expect(psumEnds.map(([tag, cycle]) => [tag, cycle])).toEqual([[3, 15]]);
  expect([psum.busyCycles, psum.bitsMoved]).toEqual([5, 2 * BURST_BITS]);
});

it('has begun with a store that is asked for behind a load whose bursts are all accepted, whatever of it is under way', () => {
  const { queue, psum, psumEnds } = build();
  const started: number[] = [];
  psum.observer = {
    transferRequested: () => {},
    transferStarted: (_name: string, cycle: number) => started.push(cycle),
    transferEnded: () => {},
  } as unknown as MachineObserver;
  const load: TileMove = { ...psumStore, direction: 'load' };
  at(queue, 10, () => psum.request(0, 2 * BURST_BITS, 0, [load]));
  // Accepted in 10 and 11, read in 26 and 28, through the link in 42 and 44: in 35 nothing is left to accept or to read.
  at(queue, 35, () => psum.request(1, 2 * BURST_BITS, 0, [psumStore]));
  passAll(queue);
  // The link is the store's from 44 on, but the interface has turned to it in 35.
  expect(started).toEqual([10, 35]);
  // Its bursts are through the link in 46 and 48, and taken at once.
  expect(psumEnds.map(([tag, cycle]) => [tag, cycle])).toEqual([
    [0, 44],
    [1, 49],
  ]);
});

it('has no burst taken before a write has made room for it, where the end of the store before it comes first', () => {
  const preset = dramPreset('HBM2', 2, false);
  const { queue, port, psum, psumEnds } = build({
    spec: { ...preset, queues: { ...preset.queues, write: 4 } },
    linkCycles: 1,
    layer: tinyConv({ ow: 9 }, { ow: 8 }),
  });
  const store = (step: number, bursts: number): void =>
    psum.request(step, bursts * BURST_BITS, 0, [{ ...psumStore, step, bits: bursts * BURST_BITS }]);
  psum.attach({
    transferEnded: (...end) => {
      // Another interface has something to ask for, so that the memory looks at this cycle.
      if (psumEnds.push(end) === 1) port.request(0, 8 * BURST_BITS, 0, [{ ...ifmap(0), bits: 8 * BURST_BITS }]);
    },
  });
  at(queue, 10, () => {
    store(0, 8);
    store(1, 1);
  });
  passAll(queue);
  // A port may have three writes in a queue of four. They are over the link and taken in 11, 12 and 13; the row is opened
  // in 12 and written RCD = 14 after 13: from 27 on every other cycle, in which one more is taken. The eighth is taken in
  // 35, so that the store ends in 36; but the ninth only with the next write, in 37.
  expect(psumEnds.map(([tag, cycle]) => [tag, cycle])).toEqual([
    [0, 36],
    [1, 38],
  ]);
});
