/** Random accelerators, assumptions, tiles and data for the functional verification. */
import type seedrandom from 'seedrandom';
import { type DramModel, IDEAL } from '../../model/dram/model.ts';
import { choose, integer } from '../../model/engine/random.ts';
import { ceilDiv } from '../../model/layers/rounding.ts';
import { type Assumptions, singleSlotBuffer } from '../../model/schedule/assumptions.ts';
import type { Four } from '../../model/schedule/region.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import type { InterfaceLatency } from '../../model/schemas/latency.ts';
import { smallHardware } from './smallCase.ts';
import { type Tensor, tensorOf } from './tensor.ts';

const LARGEST_ELEMENT = 99;

/** Some interfaces so narrow that nothing else takes longer, some so wide that they never matter. */
const MOST_BITS_PER_CYCLE = [8, 64, 1024] as const;

/** Mostly so few slots that they matter, at times more than there are tiles. */
const MOST_SLOTS = [3, 3, 3, 16] as const;

/** A small accelerator with 1 to 16 slots per SRAM and interfaces of very different widths. */
export function randomHardware(random: seedrandom.PRNG): Hardware {
  const slots = (): number => integer(random, 1, choose(random, MOST_SLOTS));
  const bandwidth = (): number => integer(random, 1, choose(random, MOST_BITS_PER_CYCLE));
  return {
    ...smallHardware(random),
    slots: { wbuf: slots(), ibuf: slots(), obuf: slots(), bbuf: slots(), vmem: slots() },
    bitsPerCycle: { weight: bandwidth(), ifmap: bandwidth(), psum: bandwidth(), vmem: bandwidth() },
  };
}

/** An ideal memory or, half of the time, one whose latency changes from transfer to transfer. */
export function randomDram(random: seedrandom.PRNG): DramModel {
  if (random() < 0.5) return IDEAL;
  const side = (): InterfaceLatency => ({
    latencyCycles: integer(random, 0, 20),
    jitterCycles: integer(random, 0, 40),
    burstBytes: integer(random, 1, 8),
    efficiency: integer(random, 1, 4) / 4,
  });
  const interfaces = { weight: side(), ifmap: side(), psum: side(), vmem: side() };
  return { kind: 'latency', spec: { name: 'random', model: 'latency', interfaces }, seed: String(random.int32()) };
}

/** Any assumptions under which the data must be right: all but a psum that may come before its own store. */
export function randomAssumptions(random: seedrandom.PRNG, hardware: Hardware): Assumptions {
  const either = (): boolean => random() < 0.5;
  const [fullEdgeTiles, lockstep, reloadOperands] = [either(), either(), either()];
  const isDefined = singleSlotBuffer(hardware) === undefined;
  return { fullEdgeTiles, lockstep: lockstep && isDefined, reloadOperands, noPsumHazard: false, prefetch: false };
}

/** A tile size for a dimension, in whole `unit`s and at most `mostTrips` tiles; a third of them leave it in one piece. */
export function randomTile(random: seedrandom.PRNG, size: number, unit: number, mostTrips: number): number {
  const units = ceilDiv(size, unit);
  return unit * (random() < 1 / 3 ? units : integer(random, ceilDiv(units, mostTrips), units));
}

/** A tensor of whole numbers so small that sums of their products are exact. */
export function randomTensor(random: seedrandom.PRNG, sizes: Four): Tensor {
  return tensorOf(sizes, () => integer(random, -LARGEST_ELEMENT, LARGEST_ELEMENT));
}
