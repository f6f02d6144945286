/** Energy file + hardware → what an active cycle, a second and a bit cost on that hardware. */
import type { EnergyFile, EnergyPoint } from '../schemas/energy.ts';
import type { Hardware } from '../schemas/hardware.ts';
import { checkTables, energyPointFor, interpolated } from './energyPoint.ts';

/** A unit's energy per cycle in which it computes, and its leakage power. */
export interface UnitEnergy {
  readonly dynamicJoulesPerCycle: number;
  readonly leakageWatts: number;
}

/** The six on-chip memories; `imem` is instruction memory and IMM. */
export type Sram = 'wbuf' | 'ibuf' | 'obuf' | 'bbuf' | 'vmem' | 'imem';

/** All that eqs (29)–(32) need to know of a hardware point. */
export interface EnergyConstants {
  readonly peArray: UnitEnergy;
  readonly simd: UnitEnergy;
  readonly sramJoulesPerBit: Readonly<Record<Sram, number>>;
  readonly dramJoulesPerBit: number;
  readonly clockSeconds: number;
}

/** An energy file's data for one hardware, and what to call them in results. */
export interface EnergyModel {
  readonly name: string;
  readonly description: string;
  /** The energy file's clock, else the hardware's. */
  readonly clockPicoseconds: number;
  readonly constants: EnergyConstants;
}

function unitEnergy(power: EnergyPoint['peArray'], elements: number, clockSeconds: number): UnitEnergy {
  switch (power.per) {
    case 'array':
      return {
        dynamicJoulesPerCycle: power.dynamicMilliwatts * 1e-3 * clockSeconds,
        leakageWatts: power.leakageMilliwatts * 1e-3,
      };
    case 'element':
      return {
        dynamicJoulesPerCycle: power.dynamicPicojoules * 1e-12 * elements,
        leakageWatts: power.leakageMicrowatts * 1e-6 * elements,
      };
  }
}

/** The constants of a hardware point in joules, watts and seconds. */
function energyConstants(point: EnergyPoint, hardware: Hardware, clockSeconds: number): EnergyConstants {
  const { rows, columns } = hardware.array;
  const perBit = (sram: Sram): number => {
    const given = point.sramFemtojoulesPerBit[sram];
    return 1e-15 * (typeof given === 'number' ? given : interpolated(given, hardware.sramKiB[sram]));
  };
  return {
    peArray: unitEnergy(point.peArray, rows * columns, clockSeconds),
    simd: unitEnergy(point.simd, columns, clockSeconds),
    sramJoulesPerBit: {
      wbuf: perBit('wbuf'),
      ibuf: perBit('ibuf'),
      obuf: perBit('obuf'),
      bbuf: perBit('bbuf'),
      vmem: perBit('vmem'),
      imem: perBit('imem'),
    },
    dramJoulesPerBit: point.dramPicojoulesPerBit * 1e-12,
    clockSeconds,
  };
}

/** What a point of an energy file says of a hardware; whether it holds for it is no matter here. */
export function energyModelAt(energy: EnergyFile, point: EnergyPoint, hardware: Hardware): EnergyModel {
  const clockPicoseconds = point.clockPicoseconds ?? hardware.clockPicoseconds;
  return {
    name: energy.name,
    description: energy.description,
    clockPicoseconds,
    constants: energyConstants(point, hardware, clockPicoseconds * 1e-12),
  };
}

/** What an energy file says of a hardware; throws an InputError where it says nothing. `file` is for its message. */
export function energyModelFor(energy: EnergyFile, hardware: Hardware, file: string): EnergyModel {
  const point = energyPointFor(energy, hardware, file);
  checkTables(energy, point, hardware, file);
  return energyModelAt(energy, point, hardware);
}

/** The hardware at the clock at which the energy data hold: a memory with a clock of its own sees the difference. */
export function atClockOf({ clockPicoseconds }: EnergyModel, hardware: Hardware): Hardware {
  return { ...hardware, clockPicoseconds };
}
