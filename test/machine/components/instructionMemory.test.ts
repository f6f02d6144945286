/** The instruction memory alone: free programs, whole programs, and programs that are larger than it. */
import { expect, it } from 'vitest';
import { InstructionMemory } from '../../../src/model/machine/instructionMemory.ts';
import { at, EventQueue, passAll, passUntil } from '../../support/components.ts';

const PROGRAM = { partBits: [64, 96, 0], totalBits: 160 };

function build(sizeBits: number, bitsPerCycle: number | undefined) {
  const queue = new EventQueue();
  const imem = new InstructionMemory(queue, { sizeBits, bitsPerCycle });
  const loaded: number[] = [];
  imem.attach({ instructionsLoaded: (cycle) => loaded.push(cycle) });
  return { queue, imem, loaded };
}

it('has every program at once where nobody says how it is loaded', () => {
  const { imem, queue, loaded } = build(32, undefined);
  expect([imem.isLoaded(), imem.ensure(PROGRAM, 0), imem.ensure(PROGRAM, 1)]).toEqual([false, true, true]);
  passAll(queue);
  expect([loaded, imem.loadedBits, imem.busyCycles]).toEqual([[], 0, 0]);
});

it('loads a program that it holds once, as a whole', () => {
  const { imem, queue, loaded } = build(160, 6);
  at(queue, 5, () => expect(imem.ensure(PROGRAM, 0)).toBe(false));
  // ⌈160 / 6⌉ = 27 cycles.
  passUntil(queue, 5 + 26);
  expect([imem.isLoading, imem.ensure(PROGRAM, 1), loaded]).toEqual([true, false, []]);
  passAll(queue);
  expect([imem.isLoading, loaded]).toEqual([false, [32]]);
  expect([imem.ensure(PROGRAM, 1), imem.ensure(PROGRAM, 2), imem.ensure(PROGRAM, 0)]).toEqual([true, true, true]);
  expect([imem.loadedBits, imem.busyCycles]).toEqual([160, 27]);
});

it('loads a program that is larger than it part by part, and a part again when another was there', () => {
  const { imem, queue, loaded } = build(100, 8);
  const ensured: boolean[] = [];
  // Parts of 8 and 12 cycles, and one without instructions.
  for (const [cycle, part] of [
    [0, 0],
    [10, 1],
    [30, 2],
    [31, 0],
  ] as const) {
    at(queue, cycle, () => ensured.push(imem.ensure(PROGRAM, part)));
  }
  passAll(queue);
  expect(ensured).toEqual([false, false, true, false]);
  expect(loaded).toEqual([8, 22, 39]);
  expect([imem.loadedBits, imem.busyCycles]).toEqual([64 + 96 + 64, 8 + 12 + 8]);
});

it('loads the same program again for another layer', () => {
  const { imem, queue, loaded } = build(160, 160);
  imem.ensure(PROGRAM, 0);
  passAll(queue);
  imem.forget();
  expect(imem.ensure(PROGRAM, 0)).toBe(false);
  passAll(queue);
  expect([loaded, imem.busyCycles]).toEqual([[1, 2], 2]);
});
