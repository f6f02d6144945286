/** What the random cases below the tile have in common: a small accelerator, exact numbers, words for a disagreement. */
import type seedrandom from 'seedrandom';
import { integer } from '../../model/engine/random.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';

/** A random accelerator with up to 5×5 PEs. Its SRAM sizes say nothing: tiles are given, not generated. */
export function smallHardware(random: seedrandom.PRNG): Hardware {
  const draw = (to: number): number => integer(random, 1, to);
  return {
    name: 'random',
    array: { rows: draw(5), columns: draw(5) },
    bits: { weight: draw(32), ifmap: draw(32), psum: draw(32), bias: draw(32) },
    sramKiB: { wbuf: 1, ibuf: 1, obuf: 1, bbuf: 1, vmem: 1, imem: 1 },
    slots: { wbuf: 2, ibuf: 2, obuf: 2, bbuf: 2, vmem: 1 },
    bitsPerCycle: { weight: draw(256), ifmap: draw(256), psum: draw(256), vmem: draw(256) },
    aluCycles: {
      add: draw(4),
      sub: draw(4),
      mul: draw(4),
      div: draw(13),
      max: draw(4),
      exp: draw(13),
      invSqrt: draw(13),
      condMove: draw(4),
      min: draw(4),
      mac: draw(4),
    },
    clockPicoseconds: 1000,
  };
}

/** A random multiple of 1/16 from −4 to 4: sums and products of such numbers are exact, in whatever order. */
export function exactNumber(random: seedrandom.PRNG): number {
  return integer(random, -64, 64) / 16;
}

/** `count` of them. */
export function exactNumbers(random: seedrandom.PRNG, count: number): Float64Array {
  return Float64Array.from({ length: count }, () => exactNumber(random));
}

/** One paragraph about all figures that are not as expected, or undefined if all are. */
export function disagreement(
  what: string,
  found: Readonly<Record<string, number>>,
  expected: Readonly<Record<string, number>>,
): string | undefined {
  const wrong = Object.entries(expected)
    .filter(([name, value]) => found[name] !== value)
    .map(([name, value]) => `${name} ${found[name]} instead of ${value}`);
  return wrong.length === 0 ? undefined : `${what}: ${wrong.join(', ')}.`;
}

/** The first result that is off by more than `tolerance` of its size (of 1 if it is smaller), in words. */
export function wrongResult(
  what: string,
  found: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance = 0,
): string | undefined {
  for (let place = 0; place < expected.length; place++) {
    const allowed = tolerance * Math.max(1, Math.abs(expected[place]!));
    // Written so that a NaN is wrong too.
    if (!(Math.abs(found[place]! - expected[place]!) <= allowed))
      return `${what}: result ${place} is ${found[place]} instead of ${expected[place]}.`;
  }
  return undefined;
}
