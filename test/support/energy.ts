/** Energy files for tests. */
import { readFileSync } from 'node:fs';
import { type EnergyModel, energyModelFor } from '../../src/model/energy/constants.ts';
import { parseEnergy } from '../../src/model/schemas/energy.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';

/** The fit that comes with Systole. */
export function fitFor(hardware: Hardware): EnergyModel {
  const file = JSON.parse(readFileSync(new URL('../../hw/energy/fit.json', import.meta.url), 'utf8')) as unknown;
  return energyModelFor(parseEnergy(file, 'fit.json'), hardware, 'fit.json');
}

/** A user's file with round figures: a 1 W PE array and a 0.5 W SIMD array at 1 ns, whatever the hardware. */
export const ROUND_ENERGY = {
  name: 'round',
  description: 'round figures',
  points: [
    {
      hardware: {},
      clockPicoseconds: 1000,
      peArray: { per: 'array', dynamicMilliwatts: 1000, leakageMilliwatts: 10 },
      simd: { per: 'array', dynamicMilliwatts: 500, leakageMilliwatts: 5 },
      sramFemtojoulesPerBit: { wbuf: 10, ibuf: 20, obuf: 30, bbuf: 40, vmem: 50, imem: 60 },
      dramPicojoulesPerBit: 4,
    },
  ],
} as const;
