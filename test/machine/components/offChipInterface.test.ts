/** The off-chip interfaces alone, at the paper's memory: exact ends, order, busy cycles, bits. */
import { describe, expect, it } from 'vitest';
import { IdealPort } from '../../../src/model/dram/ideal.ts';
import { buildComponents } from '../../../src/model/machine/components.ts';
import type { MachineObserver } from '../../../src/model/machine/observer.ts';
import { OffChipInterface } from '../../../src/model/machine/offChipInterface.ts';
import { NO_MOVES, type TransferPort } from '../../../src/model/machine/ports.ts';
import { at, EventQueue, passAll, passUntil } from '../../support/components.ts';
import { TINY_HARDWARE } from '../../support/tinyMachine.ts';

type End = readonly [tag: number, cycle: number, firstPartCycle: number, firstBits: number, secondBits: number];

/** Hears of all ends; `then` may ask for more. */
function listen(port: TransferPort, then: (end: End) => void = () => {}): End[] {
  const ends: End[] = [];
  port.attach({
    transferEnded: (...end) => {
      ends.push(end);
      then(end);
    },
  });
  return ends;
}

/** An interface of 3 bits per cycle. */
function build() {
  const queue = new EventQueue();
  return { queue, port: new OffChipInterface('weight', queue, new IdealPort(3)) };
}

it('moves each part of a transfer in whole cycles, the second behind the first', () => {
  const { queue, port } = build();
  const ends = listen(port);
  // ⌈7 / 3⌉ = 3 cycles, ⌈4 / 3⌉ = 2 more.
  at(queue, 10, () => port.request(42, 7, 4, NO_MOVES));
  passUntil(queue, 14);
  expect([port.isIdle(), ends, port.bitsMoved]).toEqual([false, [], 0]);
  passAll(queue);
  expect(ends).toEqual([[42, 15, 13, 7, 4]]);
  expect([port.isIdle(), port.busyCycles, port.lastCycles, port.bitsMoved]).toEqual([true, 5, 5, 11]);
});

it('has no cycles for a part that is not there', () => {
  const { queue, port } = build();
  const ends = listen(port);
  port.request(1, 0, 4, NO_MOVES);
  port.request(2, 4, 0, NO_MOVES);
  passAll(queue);
  expect(ends).toEqual([
    [1, 2, 0, 0, 4],
    [2, 4, 4, 4, 0],
  ]);
});

it('serves in the order of requests, what an end asks for behind all that waits', () => {
  const { queue, port } = build();
  const ends = listen(port, ([tag]) => {
    if (tag === 0) port.request(100, 3, 0, NO_MOVES);
  });
  // More than the ring of waiting requests holds at first, so that it grows.
  for (let tag = 0; tag < 12; tag++) port.request(tag, 3, 0, NO_MOVES);
  passAll(queue);
  expect(ends.map(([tag]) => tag)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 100]);
  expect(ends.map(([, cycle]) => cycle)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
  expect([port.busyCycles, port.bitsMoved]).toEqual([13, 39]);
});

it('lets others watch when a transfer is asked for, begins and ends', () => {
  const { queue, port } = build();
  listen(port);
  const seen: unknown[] = [];
  port.observer = {
    transferRequested: (name: string, _: unknown, cycle: number) => seen.push(['requested', name, cycle]),
    transferStarted: (name: string, cycle: number) => seen.push(['started', name, cycle]),
    transferEnded: (name: string, cycle: number, first: number) => seen.push(['ended', name, cycle, first]),
  } as unknown as MachineObserver;
  at(queue, 1, () => port.request(0, 6, 3, NO_MOVES));
  at(queue, 2, () => port.request(1, 3, 0, NO_MOVES));
  passAll(queue);
  expect(seen).toEqual([
    ['requested', 'weight', 1],
    ['started', 'weight', 1],
    ['requested', 'weight', 2],
    ['ended', 'weight', 4, 3],
    ['started', 'weight', 4],
    ['ended', 'weight', 5, 5],
  ]);
});

describe('of a hardware file', () => {
  // Weights come at J · b_w = 2 · 4 bits a cycle at most.
  const hardware = {
    ...TINY_HARDWARE,
    array: { rows: 2, columns: 1 },
    bits: { ...TINY_HARDWARE.bits, weight: 4 },
    bitsPerCycle: { weight: 1000, ifmap: 4, psum: 6, vmem: 12 },
  };

  it.each([
    ['weightInterface', 'weight', 3],
    ['ifmapInterface', 'ifmap', 6],
    ['psumInterface', 'psum', 4],
    ['vmemInterface', 'vmem', 2],
  ] as const)('%s moves 24 bits at the bandwidth that it has to itself', (component, name, cycles) => {
    const queue = new EventQueue();
    const components = buildComponents(hardware, queue, { kind: 'ideal' });
    const port = components[component];
    const ends = listen(port);
    // Others are busy meanwhile.
    const { weightInterface, ifmapInterface, psumInterface, vmemInterface } = components;
    const others = [weightInterface, ifmapInterface, psumInterface, vmemInterface].filter((each) => each !== port);
    for (const other of others) {
      listen(other);
      other.request(0, 1000, 0, NO_MOVES);
    }
    port.request(9, 24, 0, NO_MOVES);
    passAll(queue);
    expect([port.name, ends]).toEqual([name, [[9, cycles, cycles, 24, 0]]]);
  });
});
