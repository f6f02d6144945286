/** Random small accelerators, tiles and data for the verification's cases. */
import type seedrandom from 'seedrandom';
import { ceilDiv } from '../layers/rounding.ts';
import type { Assumptions } from '../schedule/assumptions.ts';
import type { Hardware } from '../spec/hardware.ts';
import { choose, integer } from './random.ts';
import { type Four, type Tensor, tensorOf } from './tensor.ts';

const LARGEST_ELEMENT = 99;

/** Some interfaces so narrow that nothing else takes longer, some so wide that they never matter. */
const MOST_BITS_PER_CYCLE = [8, 64, 1024] as const;

/** An array of 1 to 4 rows and columns, 1 to 3 slots per SRAM. SRAM sizes do not matter: tiles are given. */
export function randomHardware(random: seedrandom.PRNG): Hardware {
  const bandwidth = (): number => integer(random, 1, choose(random, MOST_BITS_PER_CYCLE));
  const upTo = (most: number): number => integer(random, 1, most);
  return {
    name: 'random',
    array: { rows: upTo(4), columns: upTo(4) },
    bits: { weight: upTo(32), ifmap: upTo(32), psum: upTo(32), bias: upTo(32) },
    sramKiB: { wbuf: 1, ibuf: 1, obuf: 1, bbuf: 1, vmem: 1, imem: 1 },
    slots: { wbuf: upTo(3), ibuf: upTo(3), obuf: upTo(3), bbuf: upTo(3), vmem: upTo(3) },
    bitsPerCycle: { weight: bandwidth(), ifmap: bandwidth(), psum: bandwidth(), vmem: bandwidth() },
    aluCycles: {
      add: upTo(5),
      sub: upTo(5),
      mul: upTo(5),
      div: upTo(15),
      max: upTo(5),
      exp: upTo(15),
      invSqrt: upTo(15),
      condMove: upTo(5),
    },
    clockPicoseconds: 1000,
  };
}

/** Any assumptions under which the data must be right: all but a psum that may come before its own store. */
export function randomAssumptions(random: seedrandom.PRNG): Assumptions {
  const either = (): boolean => random() < 0.5;
  return { fullEdgeTiles: either(), lockstep: either(), reloadOperands: either(), noPsumHazard: false };
}

/** A tile size for a dimension, in whole `unit`s and at most `mostTrips` tiles; half of them leave it in one piece. */
export function randomTile(random: seedrandom.PRNG, size: number, unit: number, mostTrips: number): number {
  const units = ceilDiv(size, unit);
  return unit * (random() < 0.5 ? units : integer(random, ceilDiv(units, mostTrips), units));
}

/** A tensor of whole numbers so small that sums of their products are exact. */
export function randomTensor(random: seedrandom.PRNG, sizes: Four): Tensor {
  return tensorOf(sizes, () => integer(random, -LARGEST_ELEMENT, LARGEST_ELEMENT));
}
