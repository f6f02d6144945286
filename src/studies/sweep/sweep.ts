/** A sweep with what it needs to be priced, and the evaluations that its points need. */
import type { DramModel } from '../../model/dram/model.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import { withDepthwiseOn } from '../../model/workload/depthwise.ts';
import { inferenceProgram } from '../../model/workload/forward.ts';
import { buildGraph, type Graph } from '../../model/workload/graph.ts';
import type { Program } from '../../model/workload/program.ts';
import { trainingProgram } from '../../model/workload/training.ts';
import { type Beside, NOTHING_BESIDE, type Part } from './costKeys.ts';
import { closedFormCosts, simulatedCosts, wholeCost } from './costModels.ts';
import { type SweepEnergy, sweepEnergy } from './energyData.ts';
import { namedDrams } from './named.ts';
import { type NetworkCosts, networkCosts, type Pricing, partsOf, type Watch } from './networkCosts.ts';
import { assumptionsIn } from './parameterValues.ts';
import { isOfMemory } from './setting.ts';
import { type Digits, pointsOf, type Setting, type Space } from './space.ts';
import type { SweepInput, WorkloadSource } from './sweepInput.ts';
import { memoryOf } from './sweepMemories.ts';
import { centreOf, sweepSpace } from './sweepSpace.ts';
import { modelName, ownModel, reranksOf, type SweepSpec, variesMemory } from './sweepSpec.ts';

export type { SweepInput } from './sweepInput.ts';

/** A sweep ready to run. */
export interface Sweep {
  readonly file: string;
  readonly spec: SweepSpec;
  readonly space: Space;
  /** The costs by a model (see modelName and ownModel). */
  readonly costs: (model: string) => NetworkCosts;
  /** Where the sensitivity is asked for, if not around the best point. */
  readonly centre: Digits | undefined;
  /** The energy data, where there are some. */
  readonly energy: SweepEnergy | undefined;
}

/** The networks of a sweep, built when first asked for. */
function graphsOf(workloads: Readonly<Record<string, WorkloadSource>>): (name: string) => Graph {
  const graphs = new Map<string, Graph>();
  return (name) => {
    const { file, list, workload } = workloads[name]!;
    const graph = graphs.get(name) ?? buildGraph(workload, file, list);
    graphs.set(name, graph);
    return graph;
  };
}

/** What of a setting runs. */
function programOf(graphs: (name: string) => Graph): (setting: Setting) => Program {
  return ({ workload, phase, batch, expansion = 'exact', depthwise }) => {
    const given = graphs(workload);
    const graph = depthwise === undefined ? given : withDepthwiseOn(given, () => depthwise);
    return phase === 'inference' ? inferenceProgram(graph, batch) : trainingProgram(graph, batch, expansion);
  };
}

/** Parameters of this kind on which costs depend, with what else they depend on. */
function besideOf(space: Space, energy: SweepEnergy | undefined, isMeant: (parameter: string) => boolean): Beside {
  const varying = [...space.axes, ...(space.derived ?? [])].map(({ parameter }) => parameter).filter(isMeant);
  const { SA, SIMD } = energy?.beside ?? NOTHING_BESIDE;
  return { SA: [...SA, ...varying], SIMD: [...SIMD, ...varying] };
}

/** Whether layers overlap or are fused at some point. */
function runsWhole(spec: SweepSpec, space: Space, file: string): boolean {
  const values = (parameter: 'assume' | 'fuse'): readonly (number | string)[] => {
    const derived = space.derived?.some((each) => each.parameter === parameter);
    const axis = space.axes.find((each) => each.parameter === parameter);
    // What an expression comes to is looked at nowhere before it is evaluated.
    return derived ? [parameter === 'fuse' ? 'chains' : 'prefetch'] : (axis?.values ?? [spec[parameter]]);
  };
  const overlaps = values('assume').some((value) => assumptionsIn(String(value), file).prefetch);
  return overlaps || values('fuse').some((value) => value !== 'none');
}

/** How points are priced by a model; `isOwn`: by the sweep's own, whose memory may vary. */
function pricingOf(
  input: SweepInput,
  space: Space,
  energy: SweepEnergy | undefined,
  { model, dram }: Pick<SweepSpec, 'model' | 'dram'>,
  isOwn: boolean,
): Pricing {
  const { spec, file, drams, workloads } = input;
  const program = programOf(graphsOf(workloads));
  const energyAt =
    energy && ((setting: Setting) => (hardware: Setting['hardware']) => energy.modelOf(hardware, setting));
  if (model === 'closed-form') {
    return {
      program,
      model: (hardware, setting) =>
        closedFormCosts(setting.closedForm ?? spec.closedForm, energyAt?.(setting))(hardware),
      beside: besideOf(space, energy, (parameter) => parameter === 'closedForm'),
    };
  }
  const variesIts = isOwn && variesMemory(spec);
  const varying = memoryOf(drams, file);
  const memoryAt = (setting: Setting): DramModel => (variesIts ? varying(setting) : drams[dram]!);
  const assumptionsAt = ({ assume = spec.assume }: Setting) => assumptionsIn(assume, file);
  // Real DRAM has a clock of its own, so that the accelerator's matters.
  const hasClock = variesIts || drams[dram]?.kind !== 'ideal';
  const beside = besideOf(
    space,
    energy,
    (parameter) =>
      parameter === 'assume' ||
      parameter === 'fuse' ||
      (hasClock && parameter === 'clockPicoseconds') ||
      (variesIts && isOfMemory(parameter)),
  );
  const settingsAt = (setting: Setting) => ({
    hardware: setting.hardware,
    assumptions: assumptionsAt(setting),
    fusion: setting.fuse ?? 'none',
    dram: memoryAt(setting),
    energy: energyAt?.(setting)(setting.hardware),
  });
  return {
    program,
    model: (hardware, setting) =>
      simulatedCosts(assumptionsAt(setting), energyAt?.(setting), memoryAt(setting))(hardware),
    beside,
    whole: runsWhole(spec, space, file)
      ? (own, setting, watch) => wholeCost(own, settingsAt(setting), watch)
      : undefined,
  };
}

/**
 * Prepares a sweep; throws an InputError for the first thing wrong in its file. Nothing is evaluated yet. `watch` is told
 * how far an evaluation has come.
 */
export function prepareSweep(input: SweepInput, watch?: Watch): Sweep {
  const { file, spec, energies } = input;
  namedDrams(spec, file); // for what it refuses
  const space = sweepSpace(input);
  const needsEnergy = spec.objectives.find((objective) => objective.startsWith('joule'));
  if (needsEnergy !== undefined && Object.keys(energies).length === 0) {
    throw new InputError({
      file,
      path: 'energy',
      expected: `an energy file or "fit", because ${needsEnergy} is an objective`,
    });
  }
  const energy = Object.keys(energies).length === 0 ? undefined : sweepEnergy(energies, space);
  const costs = new Map(
    [spec, ...reranksOf(spec)].map((each) => {
      const isOwn = each === spec;
      const name = isOwn ? ownModel(spec) : modelName(each);
      return [name, networkCosts(space, pricingOf(input, space, energy, each, isOwn), watch)] as const;
    }),
  );
  return { file, spec, space, centre: centreOf(spec, space, file), costs: (model) => costs.get(model)!, energy };
}

/** Evaluations by part and key. */
export type Evaluations = Readonly<Record<Part, ReadonlySet<number>>>;

/** How many they are. */
export function countOf({ SA, SIMD, network }: Evaluations): number {
  return SA.size + SIMD.size + network.size;
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
  const parts = partsOf(costs(model));
  const needed = { SA: new Set<number>(), SIMD: new Set<number>(), network: new Set<number>() };
  let seen = 0;
  for (const digits of points) {
    if (digits === undefined) {
      yield seen;
      continue;
    }
    const problem = energy?.problemAt(digits);
    if (problem !== undefined) throw problem;
    for (const [part, { key }] of parts) needed[part].add(key.of(digits));
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
