/**
 * A design space: a base hardware point and setting, the parameters that vary, and constraints between them.
 * A point is a list of digits, one per axis; its index counts all digits with the last axis running fastest.
 */
import { smallestSramKiB } from '../../model/schemas/hardware.ts';
import { type Axis, type Digits, readingOf, type Spanned, settingAt } from './setting.ts';

export { type Axis, type Digits, parameterReader, type Setting, settingAt } from './setting.ts';

/** Something that must hold, tested as soon as the last axis that it depends on is set. */
export interface Constraint {
  readonly text: string;
  /** Parameters that it reads; those that do not vary are no matter. */
  readonly parameters: readonly string[];
  readonly holds: (digits: Digits) => boolean;
}

export interface Space extends Spanned {
  readonly constraints: readonly Constraint[];
  /** What must hold of a point beside the sizes of its SRAMs, or it is none. */
  readonly validity?: readonly Constraint[];
}

const SMALLEST_DEPENDS_ON = {
  wbuf: ['sramKiB.wbuf', 'slots.wbuf', 'array.rows', 'array.columns', 'bits.weight'],
  ibuf: ['sramKiB.ibuf', 'slots.ibuf', 'array.rows', 'bits.ifmap'],
  obuf: ['sramKiB.obuf', 'slots.obuf', 'array.columns', 'bits.psum'],
  bbuf: ['sramKiB.bbuf', 'slots.bbuf', 'array.columns', 'bits.bias'],
  vmem: ['sramKiB.vmem', 'slots.vmem', 'array.columns', 'bits.psum'],
} as const;

/** The axes on which some parameters depend. */
export function axesRead(spanned: Spanned, parameters: readonly string[]): string[] {
  return [...new Set(parameters.flatMap((parameter) => readingOf(spanned, parameter)?.reads ?? []))];
}

/** A point is valid only if every SRAM has its smallest size (MODEL.md §1), and what else is said of the space holds. */
export function validityConstraints(space: Omit<Space, 'constraints'>): Constraint[] {
  const sizes = Object.entries(SMALLEST_DEPENDS_ON).map(
    ([sram, parameters]): Constraint => ({
      text: `sramKiB.${sram} >= its smallest valid size`,
      parameters: axesRead(space, parameters),
      holds: (digits) => {
        const { hardware } = settingAt(space, digits);
        const name = sram as keyof typeof SMALLEST_DEPENDS_ON;
        return hardware.sramKiB[name] >= smallestSramKiB(hardware)[name][0];
      },
    }),
  );
  return [...sizes, ...(space.validity ?? [])];
}

/** How many points the axes span, constraints left aside. */
export function latticeSize(axes: readonly Axis[]): number {
  return axes.reduce((product, axis) => product * axis.values.length, 1);
}

/** The digits of the point with an index. */
export function digitsOf(axes: readonly Axis[], index: number): Digits {
  const digits = new Int32Array(axes.length);
  let rest = index;
  for (let place = axes.length - 1; place >= 0; place--) {
    const radix = axes[place]!.values.length;
    digits[place] = rest % radix;
    rest = Math.floor(rest / radix);
  }
  return digits;
}

/** The index of the point with these digits. */
export function indexOf(axes: readonly Axis[], digits: Digits): number {
  return axes.reduce((index, { values }, place) => index * values.length + digits[place]!, 0);
}

/** Whether a point meets all constraints. */
export function isPoint({ constraints }: Space, digits: Digits): boolean {
  return constraints.every((constraint) => constraint.holds(digits));
}

/** Combinations tried between two pauses where no point is found. */
const TRIES_PER_PAUSE = 1 << 12;

/**
 * Every point that meets all constraints, as indices in rising order; `digits` holds the digits of the last one. Yields
 * undefined now and then where it finds none, so that the caller can show progress or stop.
 */
export function* pointsOf({ axes, constraints }: Space, digits: Digits): Generator<number | undefined, void> {
  const lastAxis = (constraint: Constraint): number =>
    axes.findLastIndex((axis) => constraint.parameters.includes(axis.parameter));
  digits.fill(0);
  if (constraints.some((constraint) => lastAxis(constraint) < 0 && !constraint.holds(digits))) return;
  if (axes.length === 0) {
    yield 0; // nothing varies: the base alone
    return;
  }
  const testedAt = axes.map((_, place) => constraints.filter((constraint) => lastAxis(constraint) === place));
  const radices = axes.map((axis) => axis.values.length);
  const last = axes.length - 1;
  const indexBefore = new Float64Array(axes.length); // the index of all digits before a place
  let place = 0;
  let tries = 0;
  digits.fill(-1);
  while (place >= 0) {
    const digit = digits[place]! + 1;
    digits[place] = digit === radices[place] ? -1 : digit;
    if (digit === radices[place]) {
      place--;
    } else if (testedAt[place]!.every((constraint) => constraint.holds(digits))) {
      const index = indexBefore[place]! * radices[place]! + digit;
      if (place < last) {
        indexBefore[++place] = index;
      } else {
        tries = 0;
        yield index;
      }
    } else if (++tries === TRIES_PER_PAUSE) {
      tries = 0;
      yield undefined;
    }
  }
}

/** The share of a lattice that lies before the point at which `pointsOf` has arrived. */
export function shareBefore(axes: readonly Axis[], digits: Digits): number {
  let share = 0;
  let width = 1;
  for (let place = 0; place < axes.length; place++) {
    width /= axes[place]!.values.length;
    share += width * Math.max(0, digits[place]!);
  }
  return share;
}
