/** Reads a sweep file and all files that it names. */
import { createHash } from 'node:crypto';
import { parseEnergy } from '../../../model/schemas/energy.ts';
import type { Hardware } from '../../../model/schemas/hardware.ts';
import { type Named, namedDrams, namedEnergies, namedHardware, namedWorkloads } from '../../../studies/sweep/named.ts';
import { identityOf, type SweepInput } from '../../../studies/sweep/sweepInput.ts';
import { parseSweep } from '../../../studies/sweep/sweepSpec.ts';
import { VERSION } from '../../library/version.ts';
import { loadDramModel } from '../dramFiles.ts';
import { presetMeant, presetNames, readJson } from '../files.ts';
import { loadHardware } from '../options.ts';
import { loadWorkloadSource, prepareWorkload } from '../workloadFile.ts';
import { changedSweep, type SweepChange, textsIn } from './changes.ts';

/** How the other commands place and share real DRAM unless told otherwise. */
const DRAM_DEFAULTS = { seed: '1' } as const;

/** Where the presets lie of what a sweep names. */
const FOLDERS: Readonly<Record<string, string>> = {
  hardware: 'hw',
  workload: 'workloads',
  dram: 'hw/dram',
  energy: 'hw/energy',
};

/** A change with presets spelt as they are called, as expressions compare them letter by letter. */
function spelt({ name, values }: SweepChange): SweepChange {
  const folder = Object.hasOwn(FOLDERS, name) ? FOLDERS[name] : undefined;
  if (folder === undefined) return { name, values };
  return { name, values: values.map((value) => presetMeant(String(value), folder) ?? value) };
}

/** How a sweep file is read. */
interface Reading {
  /** Who asks for it. */
  readonly option?: string;
  /** What is changed in it first. */
  readonly changes?: readonly SweepChange[] | undefined;
}

/** Reads the sweep file and all files that it names; `name` is the file's own, without its ending. */
export async function loadSweep(
  nameOrPath: string,
  { option = 'the sweep', changes = [] }: Reading = {},
): Promise<{ readonly input: SweepInput; readonly name: string }> {
  const { value, file: path, name: fileName } = readJson(nameOrPath, 'hw/sweeps', option);
  const file = changes.length === 0 ? path : `${path} with --set`;
  const spec = parseSweep(changedSweep(value, changes.map(spelt)), file);
  const load = <Part>(named: readonly Named[], read: (name: string, option: string) => Part): Record<string, Part> =>
    Object.fromEntries(named.map(({ name, path }) => [name, read(name, `${file}: ${path}`)] as const));
  const hardwares = load(namedHardware(spec, file), (name, option) => loadHardware(name, spec.phase, option));
  const [hardware] = Object.values(hardwares) as [Hardware];
  const networks = namedWorkloads(spec, file);
  for (const { name } of networks) await prepareWorkload(name);
  const input = {
    file,
    spec,
    hardwares,
    workloads: load(networks, (name, option) => loadWorkloadSource(name, hardware, option)),
    drams: load(namedDrams(spec, file), (dram, option) => loadDramModel({ ...DRAM_DEFAULTS, dram }, option)),
    energies: load(namedEnergies(spec, file), (name, option) => {
      const energy = readJson(name, 'hw/energy', option);
      return { constants: parseEnergy(energy.value, energy.file), file: energy.file };
    }),
    // What has been changed stays comparable: an expression of the file tells one of its memories from the others.
    otherNames: [...new Set([...Object.values(FOLDERS).flatMap(presetNames), ...textsIn(value)])],
  };
  return { input, name: fileName };
}

/** Stands for all that decides a sweep's results, the program's version too: another fingerprint, another sweep. */
export function fingerprintOf(input: SweepInput): string {
  return createHash('sha256')
    .update(`${VERSION} 4 ${identityOf(input)}`)
    .digest('hex');
}
