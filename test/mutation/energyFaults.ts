/** Faults in energy and power. */
import type { Fault } from './fault.ts';

const TESTS = ['energy/energy.test.ts'];

export const energyFaults: readonly Fault[] = [
  {
    fault: 'the SIMD array has as many lanes as the PE array has rows',
    file: 'energy/constants.ts',
    where: 'energyConstants',
    text: 'unitEnergy(point.simd, columns, clockSeconds)',
    becomes: 'unitEnergy(point.simd, rows, clockSeconds)',
    tests: TESTS,
    wasMissed: true,
  },
  {
    fault: 'the PE array is a square of its rows',
    file: 'energy/constants.ts',
    where: 'energyConstants',
    text: 'unitEnergy(point.peArray, rows * columns, clockSeconds)',
    becomes: 'unitEnergy(point.peArray, rows * rows, clockSeconds)',
    tests: TESTS,
  },
  {
    fault: 'leakage per element is that of one',
    file: 'energy/constants.ts',
    where: 'unitEnergy',
    text: 'leakageWatts: power.leakageMicrowatts * 1e-6 * elements,',
    becomes: 'leakageWatts: power.leakageMicrowatts * 1e-6,',
    tests: TESTS,
  },
  {
    fault: 'units leak while they compute only',
    file: 'energy/energy.ts',
    where: 'energyOf',
    text: 'const seconds = result.totalCycles * clockSeconds;',
    becomes: 'const seconds = result.computeCycles * clockSeconds;',
    tests: TESTS,
  },
  {
    fault: 'both units compute',
    file: 'energy/energy.ts',
    where: 'energyOf',
    text: "simd: unit === 'SIMD' ? result.computeCycles * simd.dynamicJoulesPerCycle : 0,",
    becomes: 'simd: result.computeCycles * simd.dynamicJoulesPerCycle,',
    tests: TESTS,
  },
  {
    fault: 'IMM costs nothing',
    file: 'energy/energy.ts',
    where: 'energyOf',
    text: 'imem: (imm + imem) * perBit.imem,',
    becomes: 'imem: imem * perBit.imem,',
    tests: TESTS,
  },
  {
    fault: 'the PE array leaks for non-conv layers',
    file: 'energy/energy.ts',
    where: 'nonConvShare',
    text: 'const leakage = SIMD.leakageJoules.peArray + SIMD.leakageJoules.simd;',
    becomes: 'const leakage = SIMD.leakageJoules.simd;',
    tests: TESTS,
  },
  {
    fault: 'power is over compute and stalls twice',
    file: 'energy/energy.ts',
    where: 'averageWatts',
    text: 'energy.totalJoules / (totalCycles * constants.clockSeconds)',
    becomes: 'energy.totalJoules / (2 * totalCycles * constants.clockSeconds)',
    tests: TESTS,
  },
  {
    fault: 'a table of energies has steps',
    file: 'schemas/energy.ts',
    where: 'interpolated',
    text: 'return low.femtojoulesPerBit + share * (high.femtojoulesPerBit - low.femtojoulesPerBit);',
    becomes: 'return low.femtojoulesPerBit;',
    tests: ['schemas/energy.test.ts'],
  },
];
