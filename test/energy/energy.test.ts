import { describe, expect, it } from 'vitest';
import { type EnergyConstants, energyModelFor } from '../../src/model/energy/constants.ts';
import { averageWatts, componentsOf, type Energy, energyOf, nonConvShare } from '../../src/model/energy/energy.ts';
import { networkEnergy } from '../../src/model/energy/networkEnergy.ts';
import type { Fusion } from '../../src/model/fusion/groups.ts';
import { emptyResult, type Result } from '../../src/model/layers/result.ts';
import { runNetwork, totalsOf } from '../../src/model/network/network.ts';
import { HARDWARE } from '../../src/model/schedule/assumptions.ts';
import { parseEnergy } from '../../src/model/schemas/energy.ts';
import { complete } from '../support/complete.ts';
import { fitFor, ROUND_ENERGY } from '../support/energy.ts';
import { hardwarePreset, inferenceLayers } from '../support/presets.ts';

const HI3 = hardwarePreset('HI3');
const constants: EnergyConstants = energyModelFor(parseEnergy(ROUND_ENERGY, 'x.json'), HI3, 'x.json').constants;

/** One million compute cycles in two million, and round numbers of bits. */
function counts(): Result {
  const sramBits = { wbuf: 1e9, ibuf: 2e9, obuf: 3e9, bbuf: 4e9, vmem: 5e9, imm: 1e9, imem: 5e9 };
  const dramBits = { weight: 1e6, ifmap: 2e6, psum: 3e6, ofmap: 4e6, bias: 5e6 };
  return { ...emptyResult(), computeCycles: 1e6, stallCycles: 1e6, totalCycles: 2e6, sramBits, dramBits };
}

function inMicrojoules(energy: Energy): Record<string, number> {
  return Object.fromEntries(componentsOf(energy).map(({ name, joules }) => [name, Math.round(joules * 1e12) / 1e6]));
}

describe('the energy of a layer', () => {
  it('is what eqs (29)–(31) say, component by component', () => {
    // At 1 ns: 1e6 cycles · 1 W = 1000 µJ; leakage 2e6 cycles · 10 mW = 20 µJ, · 5 mW = 10 µJ.
    // 1e9 bits · 10 fJ = 10 µJ, 2e9 · 20 = 40, 3e9 · 30 = 90, 4e9 · 40 = 160, 5e9 · 50 = 250, IMM and InsMem 6e9 · 60 = 360.
    // 15e6 bits of DRAM · 4 pJ = 60 µJ.
    const shared = {
      'PE array, leakage': 20,
      'SIMD array, leakage': 10,
      WBuf: 10,
      IBuf: 40,
      OBuf: 90,
      BBuf: 160,
      VMem: 250,
      IMem: 360,
      DRAM: 60,
    };
    const sa = energyOf('SA', counts(), constants);
    expect(inMicrojoules(sa)).toEqual({ ...shared, 'PE array, dynamic': 1000, 'SIMD array, dynamic': 0 });
    expect(sa.totalJoules).toBeCloseTo(2000e-6, 15);
    const simd = energyOf('SIMD', counts(), constants);
    expect(inMicrojoules(simd)).toEqual({ ...shared, 'PE array, dynamic': 0, 'SIMD array, dynamic': 500 });
    expect(simd.totalJoules).toBeCloseTo(1500e-6, 15);
  });

  it('is, where it is fused, what both sides compute and leak, over the time of the whole run', () => {
    const layers = inferenceLayers('resnet18', HI3).slice(0, 6);
    const energyWhere = (fusion: Fusion) => {
      const { layers: outcomes, groups } = complete(runNetwork(layers, HI3, HARDWARE, 'published', { fusion }));
      const { simulated } = totalsOf(outcomes, groups).all;
      return { simulated, ...networkEnergy(outcomes, constants, groups) };
    };
    const [apart, fused] = [energyWhere('none'), energyWhere('chains')];
    expect(fused.groups.length).toBeGreaterThan(0);
    for (const { simulated, totals, averageWatts: watts } of [apart, fused]) {
      const seconds = simulated.totalCycles * 1e-9;
      const { leakageJoules, dynamicJoules, totalJoules } = totals.all.simulated;
      // 10 mW and 5 mW all the time, 1 W while the PE array computes.
      expect([leakageJoules.peArray, leakageJoules.simd]).toEqual([
        expect.closeTo(0.01 * seconds, 15),
        expect.closeTo(0.005 * seconds, 15),
      ]);
      expect(dynamicJoules.peArray).toBeCloseTo(apart.totals.all.simulated.dynamicJoules.peArray, 15);
      expect(watts.simulated).toBeCloseTo(totalJoules / seconds, 9);
    }
  });

  it('over its time is the average power (eq 32)', () => {
    // 2000 µJ in 2e6 ns = 2 ms are 1 W.
    expect(averageWatts(energyOf('SA', counts(), constants), 2e6, constants)).toBeCloseTo(1, 12);
  });

  it('counts for the SIMD array its leakage in all cycles, and only its own', () => {
    // Of 3500 µJ, 1500 − 20 (the PE array leaks during SIMD layers) + 10 (the SIMD array leaks during convs) = 1490 µJ.
    const energy = { SA: energyOf('SA', counts(), constants), SIMD: energyOf('SIMD', counts(), constants) };
    expect(nonConvShare(energy)).toBeCloseTo(1490 / 3500, 12);
  });
});

describe('energy data per PE and lane', () => {
  it('grow with the array', () => {
    // HT1 is 16×16 with 16-bit ifmaps, HI3 64×64 with 8 bits.
    const [small, large] = [fitFor(hardwarePreset('HT1')).constants, fitFor(HI3).constants];
    expect(small.peArray.dynamicJoulesPerCycle).toBeCloseTo(1.2313e-12 * 256, 20);
    expect(small.simd.dynamicJoulesPerCycle).toBeCloseTo(101.1e-12 * 16, 20);
    expect(large.peArray.dynamicJoulesPerCycle).toBeCloseTo(0.4098e-12 * 4096, 20);
    expect(large.simd.leakageWatts).toBeCloseTo(4.4e-6 * 64, 12);
  });

  it('are J · K PEs and K lanes, which differ on an oblong array', () => {
    // 3 rows and 5 columns: 15 PEs of 2 pJ and 4 µW, 5 lanes of 10 pJ and 7 µW.
    const [point] = ROUND_ENERGY.points;
    const energy = parseEnergy(
      {
        ...ROUND_ENERGY,
        points: [
          {
            ...point,
            peArray: { per: 'element', dynamicPicojoules: 2, leakageMicrowatts: 4 },
            simd: { per: 'element', dynamicPicojoules: 10, leakageMicrowatts: 7 },
          },
        ],
      },
      'x.json',
    );
    const { peArray, simd } = energyModelFor(energy, { ...HI3, array: { rows: 3, columns: 5 } }, 'x.json').constants;
    expect([peArray.dynamicJoulesPerCycle * 1e12, peArray.leakageWatts * 1e6].map(Math.round)).toEqual([30, 60]);
    expect([simd.dynamicJoulesPerCycle * 1e12, simd.leakageWatts * 1e6].map(Math.round)).toEqual([50, 35]);
  });

  it('take the clock of the hardware where they name none', () => {
    expect(fitFor(HI3).clockPicoseconds).toBe(965);
    expect(constants.clockSeconds).toBeCloseTo(1e-9, 20);
  });
});
