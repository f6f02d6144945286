/** Which parameters decide what the layers of a unit cost (MODEL.md §8): points that agree in them share it. */
import type { Layer } from '../../model/layers/layer.ts';
import { bearingOf } from '../../model/tiling/costIdentity.ts';
import type { Axis, Digits, Setting, Space } from './space.ts';

export type Unit = Layer['unit'];
export const UNITS = ['SA', 'SIMD'] as const satisfies readonly Unit[];

/** What runs. */
const PROGRAM: Readonly<Record<Exclude<keyof Setting, 'hardware'>, true>> = {
  batch: true,
  workload: true,
  phase: true,
};

/** Whether a parameter decides what runs. */
const isOfProgram = (parameter: string): boolean => Object.hasOwn(PROGRAM, parameter);

/** Parameters that decide what a unit's layers cost beside its own cycles, as paths in the hardware file. */
export type Beside = Readonly<Record<Unit, readonly string[]>>;

/** Where cycles on ideal DRAM are all that counts. */
export const NOTHING_BESIDE: Beside = { SA: [], SIMD: [] };

/** A numbering of points by some axes alone: equal keys agree in all of them. */
export interface Key {
  readonly of: (digits: Digits) => number;
  /** A point with a key: the digits of all other axes are 0. */
  readonly digits: (key: number) => Digits;
}

/** The key over the axes whose parameter is meant. */
export function keyOver(axes: readonly Axis[], isMeant: (parameter: string) => boolean): Key {
  const places = axes.flatMap(({ parameter }, place) => (isMeant(parameter) ? [place] : []));
  const radices = places.map((place) => axes[place]!.values.length);
  return {
    of: (digits) => {
      let key = 0;
      for (let i = 0; i < places.length; i++) key = key * radices[i]! + digits[places[i]!]!;
      return key;
    },
    digits: (key) => {
      const digits = new Int32Array(axes.length);
      let rest = key;
      for (let i = places.length - 1; i >= 0; i--) {
        digits[places[i]!] = rest % radices[i]!;
        rest = Math.floor(rest / radices[i]!);
      }
      return digits;
    },
  };
}

/** The key of what runs. */
export function programKey(axes: readonly Axis[]): Key {
  return keyOver(axes, isOfProgram);
}

/** The space whose points are told apart. */
type Priced = Pick<Space, 'base' | 'axes'>;

/** The key of a unit's tiled layers. */
export function tileKey({ base, axes }: Priced, unit: Unit): Key {
  return keyOver(axes, (parameter) => isOfProgram(parameter) || bearingOf(parameter, unit, base.hardware) === 'tiles');
}

/** The key of what a unit's layers cost. */
export function costKey({ base, axes }: Priced, unit: Unit, beside: Beside): Key {
  return keyOver(
    axes,
    (parameter) =>
      isOfProgram(parameter) ||
      bearingOf(parameter, unit, base.hardware) !== 'none' ||
      beside[unit].includes(parameter),
  );
}
