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
    clock: picoseconds === undefined ? '' : clockInWords(picoseconds),
    'energy data': energy?.name ?? 'none',
    'made by version': version ?? '',
  };
}

/** A run in words: what it is, and by name what it was made with. */
export interface RunWords {
  readonly title: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** The words of a run. */
export function wordsOf(run: RunFile): RunWords {
  return { title: titleOf(run), settings: settingsOf(run) };
}

/** What a run is, in words. */
export function titleOf({
  workload,
  phase,
  batch,
  hardware,
}: Pick<RunFile, 'workload' | 'phase' | 'batch' | 'hardware'>): string {
  return `${workload} ${phase}, batch ${batch}, on ${hardware}`;
}

/** A clock period in words. */
export function clockInWords(picoseconds: number): string {
  return `${Number(picoseconds.toPrecision(DIGITS))} ps`;
}

/** Two runs, each with the settings that the other has not. */
export function setApart(a: RunWords, b: RunWords): [string, string] {
  const told = Object.keys(a.settings).filter((name) => a.settings[name] !== b.settings[name]);
  const inWords = ({ title, settings }: RunWords): string =>
    [title, ...told.map((name) => `${name}: ${settings[name] || 'not said'}`)].join('; ');
  return [inWords(a), inWords(b)];
}

/** Both runs in words; `sources` are where they came from, said where nothing else tells them apart. */
export function runsInWords(a: RunFile, b: RunFile, sources: readonly [string, string]): [string, string] {
  const [first, second] = setApart(wordsOf(a), wordsOf(b));
  return first === second ? [`${first} (${sources[0]})`, `${second} (${sources[1]})`] : [first, second];
}
