/** What an energy file says of the points of a design space: what it depends on, and where it says nothing. */
import { type EnergyModel, energyModelAt } from '../../model/energy/constants.ts';
import { checkTables, energyPointFor, wantedOf } from '../../model/energy/energyPoint.ts';
import type { EnergyFile, EnergyPoint } from '../../model/schemas/energy.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import { type Beside, keyOver, type Unit } from './costKeys.ts';
import type { EnergyModelOf } from './costModels.ts';
import { type Digits, varies as isVaried, parameterReader, type Setting, type Spanned, settingAt } from './setting.ts';

/** An energy file and what to call it in messages. */
export interface EnergySource {
  readonly constants: EnergyFile;
  readonly file: string;
}

/** Energy data for the points of a space. */
export interface EnergyData {
  /** For a hardware that agrees with a point of the space in all that the energy of one unit depends on. */
  readonly modelOf: EnergyModelOf;
  /** What the energy of a unit's layers depends on. */
  readonly beside: Beside;
  /** What is wrong where the file does not hold for a point. */
  readonly problemAt: (digits: Digits) => InputError | undefined;
}

/** Eq (30): power grows with the array, or is the array's own, and energy is power over time. */
const ALWAYS = ['array.rows', 'array.columns', 'clockPicoseconds'] as const;

/** The SRAMs that a unit's layers read and write. */
const SRAMS = {
  SA: ['wbuf', 'ibuf', 'obuf', 'bbuf'],
  SIMD: ['vmem', 'imem'],
} as const satisfies Record<Unit, readonly (keyof EnergyPoint['sramFemtojoulesPerBit'])[]>;

function parametersOf({ points }: EnergyFile): Beside {
  const wanted = points.flatMap((point) => wantedOf(point).map(([path]) => path));
  const tabled = (unit: Unit): string[] =>
    SRAMS[unit]
      .filter((sram) => points.some((point) => typeof point.sramFemtojoulesPerBit[sram] !== 'number'))
      .map((sram) => `sramKiB.${sram}`);
  return { SA: [...ALWAYS, ...wanted, ...tabled('SA')], SIMD: [...ALWAYS, ...wanted, ...tabled('SIMD')] };
}

/** The field of a point that keeps it from holding, and what it should be. */
interface Beyond {
  readonly field: 'hardware' | 'clockPicoseconds';
  readonly expected: string;
}

/**
 * Why a point's data cannot hold where parameters vary: the power of one whole array says nothing of another, and a
 * clock that the data bring along would win over the one that varies.
 */
function variesBeyond(point: EnergyPoint, space: Spanned): Beyond | undefined {
  const fixed = wantedOf(point).map(([path]) => path);
  const varies = (parameter: string): boolean => isVaried(space, parameter) && !fixed.includes(parameter);
  const sizes = { peArray: ['array.rows', 'array.columns'], simd: ['array.columns'] } as const;
  for (const unit of ['peArray', 'simd'] as const) {
    const open = point[unit].per === 'array' ? sizes[unit].find(varies) : undefined;
    if (open !== undefined) {
      const expected = `${open} with it, because it varies and the power of ${unit} is that of one whole array; or "per": "element"`;
      return { field: 'hardware', expected };
    }
  }
  if (point.clockPicoseconds !== undefined && varies('clockPicoseconds')) {
    const expected = 'no clock, because the clock varies; or a point for each clock, with it in "hardware"';
    return { field: 'clockPicoseconds', expected };
  }
  return undefined;
}

/** The data of an energy file for the points of a space. */
export function energyData({ constants, file }: EnergySource, space: Spanned): EnergyData {
  const beside = parametersOf(constants);
  const key = keyOver(
    space,
    (parameter) => parameter === 'hardware' || beside.SA.includes(parameter) || beside.SIMD.includes(parameter),
  );
  const check = (hardware: Hardware): void => {
    const point = energyPointFor(constants, hardware, file);
    const beyond = variesBeyond(point, space);
    if (beyond !== undefined) {
      const { field, expected } = beyond;
      const path = `points[${constants.points.indexOf(point)}].${field}`;
      throw new InputError({ file, path, value: point[field], expected });
    }
    checkTables(constants, point, hardware, file);
  };
  const problem = (digits: Digits): InputError | undefined => {
    try {
      check(settingAt(space, digits).hardware);
      return undefined;
    } catch (error) {
      if (error instanceof InputError) return error;
      throw error;
    }
  };
  const known = new Map<number, InputError | undefined>();
  return {
    modelOf: (hardware) => energyModelAt(constants, energyPointFor(constants, hardware, file), hardware),
    beside,
    problemAt: (digits) => {
      const number = key.of(digits);
      if (!known.has(number)) known.set(number, problem(digits));
      return known.get(number);
    },
  };
}

/** The energy data of a sweep, one file or several by name. */
export interface SweepEnergy {
  readonly modelOf: (hardware: Hardware, setting: Setting) => EnergyModel;
  readonly beside: Beside;
  readonly problemAt: (digits: Digits) => InputError | undefined;
  /** What the data call themselves, in the order of the names. */
  readonly sources: readonly Pick<EnergyFile, 'name' | 'description'>[];
  /** The name of a point's data. */
  readonly nameAt: (digits: Digits) => string;
}

/** The data of all energy files that a space names. */
export function sweepEnergy(sources: Readonly<Record<string, EnergySource>>, space: Spanned): SweepEnergy {
  const all = new Map(Object.entries(sources).map(([name, source]) => [name, energyData(source, space)] as const));
  const nameOf = parameterReader(space, 'energy');
  const at = (name: string | number | undefined): EnergyData => all.get(String(name))!;
  const paths = (unit: Unit): string[] => ['energy', ...[...all.values()].flatMap(({ beside }) => beside[unit])];
  return {
    modelOf: (hardware, { energy }) => at(energy).modelOf(hardware),
    beside: { SA: paths('SA'), SIMD: paths('SIMD') },
    problemAt: (digits) => at(nameOf(digits)).problemAt(digits),
    sources: Object.values(sources).map(({ constants: { name, description } }) => ({ name, description })),
    nameAt: (digits) => sources[nameOf(digits)]!.constants.name,
  };
}
