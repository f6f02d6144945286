/** A sweep in plain data, what it needs to be priced, and the steps of the search itself. */
import type { DramModel } from '../../model/dram/model.ts';
import { HARDWARE, PAPER } from '../../model/schedule/assumptions.ts';
import type { EnergyFile } from '../../model/schemas/energy.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import { inferenceProgram } from '../../model/workload/forward.ts';
import type { Graph } from '../../model/workload/graph.ts';
import type { Program } from '../../model/workload/program.ts';
import { trainingProgram } from '../../model/workload/training.ts';
import { type Beside, NOTHING_BESIDE, UNITS, type Unit } from './costKeys.ts';
import { closedFormCosts, simulatedCosts } from './costModels.ts';
import { type EnergyData, type EnergySource, energyData } from './energyData.ts';
import { type NetworkCosts, networkCosts, type Pricing, type Watch } from './networkCosts.ts';
import { type Digits, pointsOf, type Setting, type Space } from './space.ts';
import { centreOf, sweepSpace } from './sweepSpace.ts';
import { modelName, namedDrams, reranksOf, type SweepSpec } from './sweepSpec.ts';

/** All that decides a sweep's results, as data that can be sent to a worker. */
export interface SweepInput {
  /** The sweep file, for messages. */
  readonly file: string;
  readonly spec: SweepSpec;
  readonly hardware: Hardware;
  /** Networks by the names that the spec uses. */
  readonly graphs: Readonly<Record<string, Graph>>;
  readonly energy?: EnergySource;
  /** Memories by the names that the spec uses. */
  readonly drams: Readonly<Record<string, DramModel>>;
}

/** A sweep ready to run. */
export interface Sweep {
  readonly file: string;
  readonly spec: SweepSpec;
  readonly space: Space;
  /** The costs by a model (see modelName). */
  readonly costs: (model: string) => NetworkCosts;
  /** Where the sensitivity is asked for, if not around the best point. */
  readonly centre: Digits | undefined;
  /** The energy file, where there is one. */
  readonly energy: (EnergyData & Pick<EnergyFile, 'name' | 'description'>) | undefined;
}

/**
 * Prepares a sweep; throws an InputError for the first thing wrong in its file. Nothing is evaluated yet. `watch` is told
 * how far an evaluation has come.
 */
export function prepareSweep(
  { file, spec, hardware, graphs, energy: source, drams }: SweepInput,
  watch?: Watch,
): Sweep {
  namedDrams(spec, file); // for what it refuses
  const space = sweepSpace(spec, hardware, file);
  const needsEnergy = spec.objectives.find((objective) => objective.startsWith('joule'));
  if (needsEnergy !== undefined && source === undefined) {
    throw new InputError({
      file,
      path: 'energy',
      expected: `an energy file or "fit", because ${needsEnergy} is an objective`,
    });
  }
  const energy = source && { ...nameOf(source), ...energyData(source, space) };
  const program = ({ workload, phase, batch }: Setting): Program =>
    phase === 'inference'
      ? inferenceProgram(graphs[workload]!, batch)
      : trainingProgram(graphs[workload]!, batch, spec.expansion);
  const pricing = ({ model, dram }: Pick<SweepSpec, 'model' | 'dram'>): Pricing => {
    const beside = energy?.beside ?? NOTHING_BESIDE;
    if (model === 'closed-form') {
      return { program, model: closedFormCosts(spec.closedForm, energy?.modelOf), beside };
    }
    const assumptions = spec.assume === 'paper' ? PAPER : HARDWARE;
    return {
      program,
      model: simulatedCosts(assumptions, energy?.modelOf, drams[dram]!),
      beside: dram === 'ideal' ? beside : withClock(beside),
    };
  };
  const models = [spec, ...reranksOf(spec)];
  const costs = new Map(models.map((each) => [modelName(each), networkCosts(space, pricing(each), watch)] as const));
  return { file, spec, space, centre: centreOf(spec, space, file), costs: (model) => costs.get(model)!, energy };
}

function nameOf({ constants: { name, description } }: EnergySource): Pick<EnergyFile, 'name' | 'description'> {
  return { name, description };
}

/** Real DRAM has a clock of its own, so that the accelerator's matters. */
function withClock({ SA, SIMD }: Beside): Beside {
  return { SA: [...SA, 'clockPicoseconds'], SIMD: [...SIMD, 'clockPicoseconds'] };
}

/** Evaluations of one unit's layers, by key. */
export type Evaluations = Readonly<Record<Unit, ReadonlySet<number>>>;

/** How many they are. */
export function countOf({ SA, SIMD }: Evaluations): number {
  return SA.size + SIMD.size;
}

const POINTS_PER_PAUSE = 1 << 12;
/** What the memory of a process holds with ease. */
const MOST_EVALUATIONS = 5_000_000;

/**
 * The evaluations that points need, whether known or not; yields the number of points seen now and then. Throws an
 * InputError where the energy file says nothing of a point, or where they are too many.
 */
export function* evaluationsFor(
  { file, costs, energy }: Sweep,
  model: string,
  points: Iterable<Digits | undefined>,
  most = MOST_EVALUATIONS,
): Generator<number, Evaluations> {
  const { units } = costs(model);
  const needed = { SA: new Set<number>(), SIMD: new Set<number>() };
  let seen = 0;
  for (const digits of points) {
    if (digits === undefined) {
      yield seen;
      continue;
    }
    const problem = energy?.problemAt(digits);
    if (problem !== undefined) throw problem;
    for (const unit of UNITS) needed[unit].add(units[unit].key.of(digits));
    if (countOf(needed) > most) {
      const expected = `points that need at most ${most} evaluations of one array's layers; fewer values or closer constraints`;
      throw new InputError({ file, path: 'parameters', expected });
    }
    if (++seen % POINTS_PER_PAUSE === 0) yield seen;
  }
  return needed;
}

/** The digits of every point of a space, in one array that is overwritten; undefined as in pointsOf. */
export function* allDigits(space: Space, digits: Digits): Generator<Digits | undefined, void> {
  for (const index of pointsOf(space, digits)) yield index === undefined ? undefined : digits;
}
