/** Which networks run on which hardware points in a validation, as lists or a sweep file say. */
import { BeyondExactness } from '../../../model/layers/exactness.ts';
import type { Hardware } from '../../../model/schemas/hardware.ts';
import { InputError, Problems } from '../../../model/schemas/inputError.ts';
import type { TileSource } from '../../../model/schemas/simditWorkload.ts';
import { type DepthwiseUnit, depthwiseUnitOf } from '../../../model/workload/depthwise.ts';
import type { Expansion } from '../../../model/workload/expansion.ts';
import type { Graph } from '../../../model/workload/graph.ts';
import type { ValidationRun } from '../../../studies/check/estimator.ts';
import { isSetting } from '../../../studies/sweep/setting.ts';
import { type Digits, digitsOf, pointsOf, type Space, settingAt } from '../../../studies/sweep/space.ts';
import type { SweepInput } from '../../../studies/sweep/sweepInput.ts';
import { sweepSpace } from '../../../studies/sweep/sweepSpace.ts';
import { prepareProgram, programOf } from '../../library/network.ts';
import { validationRun } from '../../library/validate.ts';
import { loadHardware, type Phase, refuseWithoutEffect } from '../options.ts';
import { say } from '../stderr.ts';
import { loadSweep } from '../sweep/load.ts';
import { loadGraph, prepareWorkload } from '../workloadFile.ts';

/** What the options say of the runs. */
export interface RunsOptions {
  readonly hardware?: readonly string[] | undefined;
  readonly workload?: readonly string[] | undefined;
  readonly phase?: readonly Phase[] | undefined;
  readonly batch?: number | undefined;
  readonly expansion?: Expansion | undefined;
  readonly depthwise?: DepthwiseUnit | undefined;
  readonly tiles?: TileSource | undefined;
  readonly sweep?: string | undefined;
  readonly points?: number | undefined;
}

/** Points of a sweep that are compared unless told otherwise. */
export const DEFAULT_POINTS = 100;
const DEFAULT_PHASES: readonly Phase[] = ['inference'];

/** A run before it is tiled. */
export interface Planned {
  /** What messages call what has named the network. */
  readonly option?: string;
  readonly workload: string;
  readonly hardware: Hardware;
  /** Of a sweep's point: what is different of its hardware. */
  readonly varied?: Readonly<Record<string, number | string>>;
  readonly phase: Phase;
  readonly batch?: number | undefined;
  /** Where a sweep says so; the options go before it. */
  readonly expansion?: Expansion | undefined;
  readonly depthwise?: DepthwiseUnit | undefined;
}

/** Tiles runs; networks that several have in common are read once. */
class Preparation {
  private readonly options: RunsOptions;
  private readonly graphs = new Map<string, Graph>();

  constructor(options: RunsOptions) {
    this.options = options;
  }

  /** An InputError for whatever is wrong with the network on its hardware. */
  async run({ option, workload, hardware, varied, phase, batch, ...more }: Planned): Promise<ValidationRun> {
    const { expansion = more.expansion, depthwise = more.depthwise } = this.options;
    const graph = await this.graph(workload, hardware, option);
    const setting = { phase, batch, depthwise, ...(phase === 'training' ? { expansion } : {}) };
    return validationRun(prepareProgram(programOf(graph, setting), hardware, setting), varied);
  }

  /** Refuses an array for depthwise convolutions where no network has any. */
  checkDepthwise(): void {
    const has = [...this.graphs.values()].some(({ nodes }) =>
      nodes.some((node) => depthwiseUnitOf(node) !== undefined),
    );
    if (!has) refuseWithoutEffect('--depthwise', this.options.depthwise, 'a network with depthwise convolutions');
  }

  private async graph(workload: string, hardware: Hardware, option: string | undefined): Promise<Graph> {
    const { tiles } = this.options;
    const key = tiles === 'file' ? JSON.stringify([workload, hardware.array]) : workload;
    let graph = this.graphs.get(key);
    if (graph === undefined) {
      await prepareWorkload(workload);
      graph = loadGraph(workload, tiles, hardware, option);
      this.graphs.set(key, graph);
    }
    return graph;
  }
}

function demand(given: readonly string[] | undefined, option: string, what: string): readonly string[] {
  if (given !== undefined) return given;
  throw new InputError({ file: option, path: '', expected: `${what} (it is missing)` });
}

/** Every network on every hardware point, in every phase. */
function plannedByLists({ hardware, workload, phase = DEFAULT_PHASES, batch }: RunsOptions): Planned[] {
  const points = demand(hardware, '--hardware', 'hardware points to compare on');
  const networks = demand(workload, '--workload', 'networks to compare with');
  return phase.flatMap((each) =>
    points.flatMap((point) => {
      const loaded = loadHardware(point, each);
      return networks.map((network): Planned => ({ workload: network, hardware: loaded, phase: each, batch }));
    }),
  );
}

const ofTheMachine = (option: string): string =>
  `nothing: a validation has one machine for all points; run it once for each value of ${option}`;

/** Parameters of a sweep that are no hardware and no network, and what to do without them. */
const REFUSED: Readonly<Record<string, string>> = {
  assume: ofTheMachine('--assume'),
  fuse: ofTheMachine('--fuse'),
  dram: ofTheMachine('--dram and the options beside it'),
  closedForm: 'nothing: a validation compares the formulas that are named',
  energy: 'nothing: a validation compares no energy',
};

/** Throws an InputError that names every parameter that a validation cannot vary. */
function refuseMachines({ file, spec: { parameters } }: SweepInput): void {
  const problems = new Problems();
  for (const [parameter, value] of Object.entries(parameters)) {
    const group = parameter.split('.')[0]!;
    const expected = Object.hasOwn(REFUSED, group) ? REFUSED[group] : undefined;
    if (expected !== undefined) problems.add({ file, path: `parameters.${parameter}`, value, expected });
  }
  problems.throwIfAny();
}

/** What is different of a point's hardware, by the parameters that vary. */
function variedOf({ axes }: Space, digits: Digits): Record<string, number | string> {
  const own = axes.flatMap(({ parameter, values }, place) =>
    isSetting(parameter) ? [] : [[parameter, values[digits[place]!]!] as const],
  );
  return Object.fromEntries(own);
}

/** So many of a sweep's points, spread evenly over the lattice. */
async function plannedBySweep(options: RunsOptions & { readonly sweep: string }): Promise<Planned[]> {
  const { sweep, points: most = DEFAULT_POINTS, workload, hardware } = options;
  refuseWithoutEffect('--hardware', hardware?.join(','), 'no --sweep, which says what the hardware is');
  refuseWithoutEffect('--phase', options.phase?.join(','), 'no --sweep, which says what runs');
  refuseWithoutEffect('--batch', options.batch, 'no --sweep, which says what runs');
  const { input } = await loadSweep(sweep, { option: '--sweep' });
  refuseMachines(input);
  const space = sweepSpace(input);
  const digits: Digits = new Int32Array(space.axes.length);
  const indices: number[] = [];
  for (const index of pointsOf(space, digits)) if (index !== undefined) indices.push(index);
  if (indices.length === 0) {
    throw new InputError({ file: input.file, path: '', expected: 'points that meet its constraints' });
  }
  const count = Math.min(most, indices.length);
  if (count < indices.length) say(`systole: ${count} of ${indices.length} points of ${sweep} (--points has more)\n`);
  return Array.from({ length: count }).flatMap((_, place): Planned[] => {
    const at = digitsOf(space.axes, indices[Math.floor((place * indices.length) / count)]!);
    const setting = settingAt(space, at);
    const varied = variedOf(space, at);
    return (workload ?? [setting.workload]).map((network) => ({ ...setting, workload: network, varied }));
  });
}

/** Tiles the runs; of a sweep's points those are left out on which a layer fits no buffer. */
export async function prepared(planned: readonly Planned[], options: RunsOptions): Promise<ValidationRun[]> {
  const preparation = new Preparation(options);
  const runs: ValidationRun[] = [];
  let misfits = 0;
  for (const each of planned) {
    try {
      runs.push(await preparation.run(each));
    } catch (error) {
      if (each.varied === undefined || !(error instanceof InputError) || error instanceof BeyondExactness) throw error;
      if (++misfits === planned.length) throw error;
    }
  }
  preparation.checkDepthwise();
  if (misfits > 0) say(`systole: ${misfits} of ${planned.length} runs left out, a layer of which fits no buffer\n`);
  return runs;
}

/** The runs that lists or a sweep file ask for. Throws an InputError for whatever is wrong with them. */
export async function runsOf(options: RunsOptions): Promise<ValidationRun[]> {
  const { sweep } = options;
  if (sweep === undefined) refuseWithoutEffect('--points', options.points, '--sweep');
  return prepared(sweep === undefined ? plannedByLists(options) : await plannedBySweep({ ...options, sweep }), options);
}
