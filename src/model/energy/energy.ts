/** Cycles and accesses → energy and power (eqs 29–32), whichever model counted them. */
import type { Layer } from '../layers/layer.ts';
import { addInto, type Result, sumOf } from '../layers/result.ts';
import type { EnergyConstants, Sram } from './constants.ts';

/** Where the energy of a layer or a network went, in joules. */
export interface Energy {
  /** Of cycles in which the unit computes. */
  dynamicJoules: { peArray: number; simd: number };
  /** Of all cycles, stalls and the other unit's included. */
  leakageJoules: { peArray: number; simd: number };
  sramJoules: Record<Sram, number>;
  dramJoules: number;
  totalJoules: number;
}

/** No energy. */
export function noEnergy(): Energy {
  return {
    dynamicJoules: { peArray: 0, simd: 0 },
    leakageJoules: { peArray: 0, simd: 0 },
    sramJoules: { wbuf: 0, ibuf: 0, obuf: 0, bbuf: 0, vmem: 0, imem: 0 },
    dramJoules: 0,
    totalJoules: 0,
  };
}

/** The energy of one layer, or of the sum of all layers of one unit. Both units leak while it runs. */
export function energyOf(unit: Layer['unit'], result: Result, constants: EnergyConstants): Energy {
  const { peArray, simd, sramJoulesPerBit: perBit, dramJoulesPerBit, clockSeconds } = constants;
  const { wbuf, ibuf, obuf, bbuf, vmem, imm, imem } = result.sramBits;
  const seconds = result.totalCycles * clockSeconds;
  const energy: Energy = {
    // Eq (30): C · P_dyn · T_clk, and L_total · P_leak · T_clk over all layers.
    dynamicJoules: {
      peArray: unit === 'SA' ? result.computeCycles * peArray.dynamicJoulesPerCycle : 0,
      simd: unit === 'SIMD' ? result.computeCycles * simd.dynamicJoulesPerCycle : 0,
    },
    leakageJoules: { peArray: seconds * peArray.leakageWatts, simd: seconds * simd.leakageWatts },
    // Eq (31).
    sramJoules: {
      wbuf: wbuf * perBit.wbuf,
      ibuf: ibuf * perBit.ibuf,
      obuf: obuf * perBit.obuf,
      bbuf: bbuf * perBit.bbuf,
      vmem: vmem * perBit.vmem,
      imem: (imm + imem) * perBit.imem,
    },
    dramJoules: sumOf(result.dramBits) * dramJoulesPerBit,
    totalJoules: 0,
  };
  energy.totalJoules = componentsOf(energy).reduce((sum, { joules }) => sum + joules, 0); // eq (29)
  return energy;
}

/**
 * What a fused group takes beside its members' accesses: each side computes for its busy cycles, and both leak for the
 * group's. Of one side its own part: the sides add up to the group.
 */
export function energyOfSide(
  unit: Layer['unit'],
  { totalCycles, busyCycles }: { readonly totalCycles: number; readonly busyCycles: number },
  { peArray, simd, clockSeconds }: EnergyConstants,
): Energy {
  const { dynamicJoulesPerCycle, leakageWatts } = unit === 'SA' ? peArray : simd;
  const [dynamic, leakage] = [busyCycles * dynamicJoulesPerCycle, totalCycles * clockSeconds * leakageWatts];
  const own = (joules: number) => ({ peArray: unit === 'SA' ? joules : 0, simd: unit === 'SIMD' ? joules : 0 });
  return { ...noEnergy(), dynamicJoules: own(dynamic), leakageJoules: own(leakage), totalJoules: dynamic + leakage };
}

/** The sum of several energies. */
export function sumOfEnergies(energies: Iterable<Energy>): Energy {
  const sum = noEnergy();
  for (const energy of energies) addInto(sum, energy);
  return sum;
}

/** One line of the breakdown. */
export interface EnergyComponent {
  readonly name: string;
  readonly joules: number;
}

/** The breakdown by component, dynamic and leakage apart; the parts add up to the total. */
export function componentsOf(energy: Energy): EnergyComponent[] {
  const { dynamicJoules, leakageJoules, sramJoules, dramJoules } = energy;
  return [
    { name: 'PE array, dynamic', joules: dynamicJoules.peArray },
    { name: 'PE array, leakage', joules: leakageJoules.peArray },
    { name: 'SIMD array, dynamic', joules: dynamicJoules.simd },
    { name: 'SIMD array, leakage', joules: leakageJoules.simd },
    { name: 'WBuf', joules: sramJoules.wbuf },
    { name: 'IBuf', joules: sramJoules.ibuf },
    { name: 'OBuf', joules: sramJoules.obuf },
    { name: 'BBuf', joules: sramJoules.bbuf },
    { name: 'VMem', joules: sramJoules.vmem },
    { name: 'IMem', joules: sramJoules.imem },
    { name: 'DRAM', joules: dramJoules },
  ];
}

/** Average power in watts (eq 32). */
export function averageWatts(energy: Energy, totalCycles: number, constants: EnergyConstants): number {
  return totalCycles === 0 ? 0 : energy.totalJoules / (totalCycles * constants.clockSeconds);
}

/**
 * The non-conv layers' share of a network's energy, from the sums over the layers of each unit. The tables book a
 * unit's leakage to it over all cycles (eq 30), so that of the SIMD array counts while convs run, and only that.
 */
export function nonConvShare(energy: Readonly<Record<Layer['unit'], Energy>>): number {
  const { SA, SIMD } = energy;
  const leakage = SIMD.leakageJoules.peArray + SIMD.leakageJoules.simd;
  const simdLeakage = SA.leakageJoules.simd + SIMD.leakageJoules.simd;
  const total = SA.totalJoules + SIMD.totalJoules;
  return total === 0 ? 0 : (SIMD.totalJoules - leakage + simdLeakage) / total;
}
