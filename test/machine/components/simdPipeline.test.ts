/** The SIMD pipeline alone: tiles of exact cycles, and what it reads and writes of VMem and IMem. */
import { expect, it } from 'vitest';
import { NO_WINDOW } from '../../../src/model/layers/layer.ts';
import { InstructionMemory } from '../../../src/model/machine/instructionMemory.ts';
import { SimdPipeline } from '../../../src/model/machine/simdPipeline.ts';
import { TileSram } from '../../../src/model/machine/tileSram.ts';
import { HARDWARE } from '../../../src/model/schedule/assumptions.ts';
import { SimdSchedule, type SimdStepShape } from '../../../src/model/schedule/simdSchedule.ts';
import { at, EventQueue, passAll, passUntil } from '../../support/components.ts';
import { TINY_HARDWARE } from '../../support/tinyMachine.ts';

const K = 4;
/** Two groups of K channels at 3 positions. */
const VECTORS = 2 * 3;
const FILL = 6 - 1 + (K - 1);
const MAX_CYCLES = 2;
const PSUM_BITS = 5;
const CYCLES = VECTORS * MAX_CYCLES + FILL;

/** A tile of ReLU: one `max` of X and a constant per vector. */
function theTile(): SimdStepShape {
  const sizes = { c: 8, n: 1, h: 3, w: 1 };
  const bits = { input: PSUM_BITS, output: PSUM_BITS, psum: PSUM_BITS, weight: 1, bias: 1 };
  const layer = { unit: 'SIMD', name: 'relu', op: 'relu', sizes, tile: sizes, window: NO_WINDOW, bits } as const;
  const hardware = {
    ...TINY_HARDWARE,
    array: { rows: 1, columns: K },
    aluCycles: { ...TINY_HARDWARE.aluCycles, max: MAX_CYCLES },
  };
  return new SimdSchedule(layer, hardware, HARDWARE).shape(0, 0);
}

function build() {
  const queue = new EventQueue();
  const vmem = new TileSram({ name: 'vmem', slots: 1, sizeBits: 1000 });
  const obuf = new TileSram({ name: 'obuf', slots: 2, sizeBits: 1000 });
  const imem = new InstructionMemory(queue, { sizeBits: 1000, bitsPerCycle: undefined });
  const pipeline = new SimdPipeline(queue, vmem, imem, obuf);
  const ends: number[] = [];
  pipeline.attach({ computeEnded: (cycle) => ends.push(cycle) });
  return { queue, pipeline, ends, vmem, imem };
}

it('computes a tile vector by vector, after the fill of six stages and K lanes', () => {
  const { queue, pipeline, ends } = build();
  at(queue, 3, () => pipeline.compute(theTile()));
  passUntil(queue, 3 + CYCLES - 1);
  expect([pipeline.isBusy, ends]).toEqual([true, []]);
  passAll(queue);
  expect([pipeline.isBusy, ends]).toEqual([false, [3 + CYCLES]]);
});

it('counts tiles and busy cycles, but not those between them', () => {
  const { queue, pipeline, ends } = build();
  at(queue, 0, () => pipeline.compute(theTile()));
  at(queue, 100, () => pipeline.compute(theTile()));
  passAll(queue);
  expect(ends).toEqual([CYCLES, 100 + CYCLES]);
  expect([pipeline.tiles, pipeline.busyCycles]).toEqual([2, 2 * CYCLES]);
});

it('reads X and writes Y in VMem, a constant per vector from IMM, and 32 bits of instruction per vector', () => {
  const { pipeline, vmem, imem } = build();
  pipeline.compute(theTile());
  const elements = VECTORS * K;
  expect([vmem.readBits, vmem.writtenBits]).toEqual([elements * PSUM_BITS, elements * PSUM_BITS]);
  expect([imem.immReadBits, imem.readBits]).toEqual([VECTORS * PSUM_BITS, VECTORS * 32]);
});
