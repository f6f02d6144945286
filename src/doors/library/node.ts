/** Systole as a library in Node: all of it, and what reads presets and files. */
export * from './index.ts';
export type { LoadedSweep } from './load.ts';
export {
  loadDram,
  loadDramEnergy,
  loadEnergy,
  loadFormula,
  loadHardware,
  loadSweep,
  loadWorkload,
  presets,
} from './load.ts';
