/** Which parameters decide what the layers of a unit cost (MODEL.md §8): points that agree in them share it. */
import type { Layer } from '../../model/layers/layer.ts';
import { bearingOf, type ParameterBearing } from '../../model/tiling/costIdentity.ts';
import type { Setting, Spanned } from './setting.ts';
import type { Axis, Digits } from './space.ts';

export type Unit = Layer['unit'];
export const UNITS = ['SA', 'SIMD'] as const satisfies readonly Unit[];

/** What is evaluated by itself: the layers of each array or, where they overlap or are fused, the whole network. */
export type Part = Unit | 'network';
export const PARTS = [...UNITS, 'network'] as const satisfies readonly Part[];

/** What runs. */
const PROGRAM = {
  batch: true,
  workload: true,
  phase: true,
  expansion: true,
  depthwise: true,
} as const satisfies Partial<Record<keyof Setting, true>>;

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

/** The key over the axes whose parameter is meant, by itself or by what follows from it. */
export function keyOver({ axes, derived = [] }: Keyed, isMeant: (parameter: string) => boolean): Key {
  const reads = new Set(derived.filter(({ parameter }) => isMeant(parameter)).flatMap((each) => each.reads));
  const places = axes.flatMap(({ parameter }, place) => (isMeant(parameter) || reads.has(parameter) ? [place] : []));
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

/** The axes of points that are told apart. */
export interface Keyed extends Pick<Spanned, 'derived'> {
  readonly axes: readonly Axis[];
}

/** The key of what runs. */
export function programKey(spanned: Spanned): Key {
  return keyOver(spanned, isOfProgram);
}

/** What of a unit's layers depends on a parameter, whichever hardware it is of. */
function bearing({ base, hardwares = {} }: Spanned, parameter: string, unit: Unit): ParameterBearing {
  if (parameter === 'hardware') return 'tiles';
  const all = [base.hardware, ...Object.values(hardwares)].map((hardware) => bearingOf(parameter, unit, hardware));
  return all.find((each) => each !== 'none') ?? 'none';
}

/** The key of a unit's tiled layers. */
export function tileKey(spanned: Spanned, unit: Unit): Key {
  return keyOver(spanned, (parameter) => isOfProgram(parameter) || bearing(spanned, parameter, unit) === 'tiles');
}

/** Which parameters decide what a part costs. */
function decides(spanned: Spanned, unit: Unit, beside: Beside): (parameter: string) => boolean {
  return (parameter) =>
    isOfProgram(parameter) || bearing(spanned, parameter, unit) !== 'none' || beside[unit].includes(parameter);
}

/** The key of what a part costs. */
export function costKey(spanned: Spanned, part: Part, beside: Beside): Key {
  if (part !== 'network') return keyOver(spanned, decides(spanned, part, beside));
  const [sa, simd] = UNITS.map((unit) => decides(spanned, unit, beside)) as [
    (p: string) => boolean,
    (p: string) => boolean,
  ];
  return keyOver(spanned, (parameter) => sa(parameter) || simd(parameter));
}
