/** Which parameters decide what the layers of a unit cost (MODEL section 8): points that agree in them share it. */
import type { Layer } from '../../model/layers/layer.ts';
import type { Axis, Digits } from './space.ts';

export type Unit = Layer['unit'];
export const UNITS = ['SA', 'SIMD'] as const satisfies readonly Unit[];

const PROGRAM = /^(batch|workload|phase)$/;

/** The parameters that the tiles of a unit's layers depend on, beside the program. */
const TILES: Readonly<Record<Unit, RegExp>> = {
  SA: /^(array\.|bits\.|(sramKiB|slots)\.[wiob]buf$)/,
  SIMD: /^(array\.columns|bits\.\w+|(sramKiB|slots)\.vmem)$/,
};

/** Those that only the cost of a tiled layer depends on. */
const TRANSFERS_AND_OPERATIONS: Readonly<Record<Unit, RegExp>> = {
  SA: /^bitsPerCycle\.(weight|ifmap|psum)$/,
  SIMD: /^(bitsPerCycle\.vmem$|aluCycles\.)/,
};

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
  return keyOver(axes, (parameter) => PROGRAM.test(parameter));
}

/** The key of a unit's tiled layers. */
export function tileKey(axes: readonly Axis[], unit: Unit): Key {
  return keyOver(axes, (parameter) => PROGRAM.test(parameter) || TILES[unit].test(parameter));
}

/** The key of what a unit's layers cost. */
export function costKey(axes: readonly Axis[], unit: Unit, beside: Beside): Key {
  const patterns = [PROGRAM, TILES[unit], TRANSFERS_AND_OPERATIONS[unit]];
  return keyOver(
    axes,
    (parameter) => beside[unit].includes(parameter) || patterns.some((pattern) => pattern.test(parameter)),
  );
}
