/** Energy data by name or file. */
import { type EnergyModel, energyModelFor } from '../../model/energy/constants.ts';
import { type DramEnergyFile, parseDramEnergy } from '../../model/schemas/dramEnergy.ts';
import { parseEnergy } from '../../model/schemas/energy.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { readJson } from './files.ts';

/** What the fit or a file of the user's says of the energy on a hardware. */
export function loadEnergy(nameOrPath: string, hardware: Hardware): EnergyModel {
  const { value, file } = readJson(nameOrPath, 'hw/energy', '--energy');
  return energyModelFor(parseEnergy(value, file), hardware, file);
}

/** What a file says of the currents of a memory. */
export function loadDramEnergy(nameOrPath: string): DramEnergyFile {
  const { value, file } = readJson(nameOrPath, 'hw/energy/dram', '--dram-energy');
  return parseDramEnergy(value, file);
}
