/** A search over a design space, here and now: without files, journal and threads, which the command line adds. */
import { type DramModel, IDEAL } from '../../model/dram/model.ts';
import type { EnergyFile } from '../../model/schemas/energy.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import type { Workload } from '../../model/schemas/workload.ts';
import { type Named, namedDrams, namedEnergies, namedHardware, namedWorkloads } from '../../studies/sweep/named.ts';
import { partsOf } from '../../studies/sweep/networkCosts.ts';
import { countOf, type Evaluations, prepareSweep, type Sweep, type SweepInput } from '../../studies/sweep/sweep.ts';
import { parseSweep, type SweepSpec } from '../../studies/sweep/sweepSpec.ts';
import { type SweepReport, sweepReport } from '../../views/report/sweepReport.ts';
import { drive, JOB_OPTIONS, type JobOptions } from './drive.ts';
import { completed, DRAM, ENERGY, HARDWARE, WORKLOAD } from './inputKinds.ts';
import { anything, byName, expectInputs, type KindsOf, options as named } from './kinds.ts';
import { type Driver, evaluationsOfAll, type Need, search } from './sweepSearch.ts';
import { type Versioned, versioned } from './version.ts';

/** What a sweep's names stand for. */
export interface SweepParts {
  /** What does not vary stays as it is here. */
  readonly hardware: Hardware;
  /** Hardware by the names that the sweep uses, where it varies. */
  readonly hardwares?: Readonly<Record<string, Hardware>> | undefined;
  /** Networks by the names that the sweep uses. */
  readonly workloads: Readonly<Record<string, Workload>>;
  /** Memories by the names that the sweep uses; `ideal` is always there. */
  readonly drams?: Readonly<Record<string, DramModel>> | undefined;
  /** Where joules are an objective. */
  readonly energy?: EnergyFile | undefined;
  /** Energy data by the names that the sweep uses, where they vary. */
  readonly energies?: Readonly<Record<string, EnergyFile>> | undefined;
}

const PARTS: KindsOf<SweepParts> = {
  hardware: HARDWARE,
  hardwares: byName(HARDWARE),
  workloads: byName(WORKLOAD),
  drams: byName(DRAM),
  energy: ENERGY,
  energies: byName(ENERGY),
};
const INPUTS = {
  sweep: anything, // parseSweep says
  parts: named(PARTS, 'part', ['hardware', 'workloads']),
  options: named(JOB_OPTIONS),
};

/** Something named in the sweep; throws an InputError where nobody has given it. */
function given<Part>(parts: Readonly<Record<string, Part>>, { name, path }: Named, what: string): Part {
  if (Object.hasOwn(parts, name)) return parts[name]!;
  throw new InputError({
    file: 'sweep',
    path,
    value: name,
    expected: `one of the ${what} given (${Object.keys(parts).join(', ')})`,
  });
}

/** All that decides a sweep's results. */
function inputOf(spec: SweepSpec, parts: SweepParts): SweepInput {
  const file = 'sweep';
  const { hardware, workloads, drams = {}, energy } = parts;
  const ofName = <Part, Kept>(
    names: readonly Named[],
    all: Readonly<Record<string, Part>>,
    what: string,
    keep: (part: Part) => Kept,
  ) => Object.fromEntries(names.map((named) => [named.name, keep(given(all, named, what))] as const));
  const same = <Part>(part: Part): Part => part;
  const hardwares = 'hardware' in spec.parameters ? (parts.hardwares ?? {}) : { [spec.hardware]: hardware };
  const fixed = energy === undefined ? {} : { [spec.energy ?? energy.name]: energy };
  const energies: Readonly<Record<string, EnergyFile>> = 'energy' in spec.parameters ? (parts.energies ?? {}) : fixed;
  const named =
    energies === fixed ? Object.keys(fixed).map((name) => ({ name, path: 'energy' })) : namedEnergies(spec, file);
  return {
    file,
    spec,
    hardwares: ofName(namedHardware(spec, file), hardwares, 'hardwares', completed),
    workloads: ofName(namedWorkloads(spec, file), workloads, 'workloads', (workload) => ({
      file: workload.name,
      workload,
    })),
    drams: ofName<DramModel, DramModel>(namedDrams(spec, file), { ideal: IDEAL, ...drams }, 'drams', same),
    energies: ofName(named, energies, 'energies', (constants) => ({ constants, file: constants.name })),
    // What is there, but not in this sweep, stays comparable.
    otherNames: [parts.hardwares, workloads, drams, parts.energies].flatMap((all) => Object.keys(all ?? {})),
  };
}

/** Evaluates what is not known yet, one after the other; yields how many there are by now. */
function* evaluateAll(sweep: Sweep, model: string, needed: Evaluations): Generator<number, void> {
  let done = 0;
  for (const [part, { key, at, known }] of partsOf(sweep.costs(model))) {
    for (const number of needed[part]) {
      if (!known.has(number)) at(key.digits(number));
      yield ++done;
    }
  }
}

/**
 * Searches a design space in this thread; the result is what `systole sweep` writes to result.json. Throws an InputError
 * for whatever is wrong with the sweep or with what its names stand for, and the signal's reason once that is aborted.
 */
export async function sweep(
  spec: SweepSpec,
  parts: SweepParts,
  options: JobOptions = {},
): Promise<Versioned<SweepReport>> {
  expectInputs(INPUTS, { sweep: spec, parts, options });
  const prepared = prepareSweep(inputOf(parseSweep(spec, 'sweep'), parts));
  const driver: Driver = (run, show) => drive(run, show, options);
  const needed = await evaluationsOfAll(prepared, driver);
  const evaluate = async (needs: readonly Need[]): Promise<void> => {
    for (const { model, evaluations } of needs) {
      const all = countOf(evaluations);
      await driver(evaluateAll(prepared, model, evaluations), (done) => ({
        share: done / all,
        text: `${done} of ${all} evaluations (${model})`,
      }));
    }
  };
  return versioned(sweepReport(prepared, await search(prepared, needed, evaluate, driver)));
}
