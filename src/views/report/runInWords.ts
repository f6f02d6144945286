/** Two runs that are compared, each in a few words that say what sets it apart. */
import type { RunFile } from '../../model/schemas/runFile.ts';

const PICOSECONDS_PER_SECOND = 1e12;
/** What division leaves of a clock period. */
const DIGITS = 6;

/** What a run was made with, beyond network and hardware. What a file does not say is left empty. */
function settingsOf(run: RunFile): Record<string, string> {
  const { version, assumptions, dram, fuse, closedFormVariant, expansion, seconds, energy, layers } = run;
  const cycles = layers.reduce((sum, layer) => sum + layer.simulated.totalCycles, 0);
  const picoseconds = seconds && cycles > 0 ? (seconds.simulated / cycles) * PICOSECONDS_PER_SECOND : undefined;
  return {
    machine: assumptions?.join(', ') ?? '',
    DRAM: dram ?? '',
    fused: fuse ?? 'none',
    'closed form': closedFormVariant ?? '',
    expansion: expansion ?? '',
    clock: picoseconds === undefined ? '' : `${Number(picoseconds.toPrecision(DIGITS))} ps`,
    'energy data': energy?.name ?? 'none',
    'made by version': version ?? '',
  };
}

/** Both runs in words; `sources` are where they came from, said where nothing else tells them apart. */
export function runsInWords(a: RunFile, b: RunFile, sources: readonly [string, string]): [string, string] {
  const [ofA, ofB] = [settingsOf(a), settingsOf(b)];
  const told = Object.keys(ofA).filter((name) => ofA[name] !== ofB[name]);
  const inWords = ({ workload, phase, batch, hardware }: RunFile, settings: Record<string, string>): string =>
    [
      `${workload} ${phase}, batch ${batch}, on ${hardware}`,
      ...told.map((name) => `${name}: ${settings[name] || 'not said'}`),
    ].join('; ');
  const [first, second] = [inWords(a, ofA), inWords(b, ofB)];
  return first === second ? [`${first} (${sources[0]})`, `${second} (${sources[1]})`] : [first, second];
}
