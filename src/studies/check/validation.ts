/**
 * Formulas on trial: what they say of every layer of some networks on some hardware points, beside what the machine
 * takes for it.
 */
import type { DramModel } from '../../model/dram/model.ts';
import { byColumn, type Estimate, type Formula } from '../../model/formulas/formula.ts';
import type { Fusion } from '../../model/fusion/groups.ts';
import { nameOfGroup } from '../../model/fusion/groups.ts';
import type { Layer } from '../../model/layers/layer.ts';
import { columnsOf } from '../../model/layers/result.ts';
import type { SimulatedResult } from '../../model/machine/statistics.ts';
import { type NetworkRun, type Progress, runNetwork } from '../../model/network/network.ts';
import type { Assumptions } from '../../model/schedule/assumptions.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { kendall, spearman } from '../../model/statistics/rankCorrelation.ts';
import {
  type ErrorStatistics,
  errorStatistics,
  type Predicted,
  relativeError,
  statisticsBy,
  unlessNone,
} from './errorStatistics.ts';
import { type Lack, lackOf } from './lack.ts';
import { type LadderStep, type LayerLadder, walkLadder } from './ladder.ts';
import { stepsTo } from './stepsTo.ts';

/** A network that is tiled for a hardware point. */
export interface ValidationRun {
  readonly network: string;
  /** What results call the hardware point: of a search's points its values too. */
  readonly hardwareName: string;
  /** Of a search's point: its values by their parameters. */
  readonly varied: Readonly<Record<string, number | string>>;
  readonly hardware: Hardware;
  readonly phase: 'inference' | 'training';
  readonly batch: number;
  readonly layers: readonly Layer[];
}

/** What says something of the layers of a run: a formula, or numbers of the user's that belong to this run. */
export interface Estimator {
  readonly name: string;
  readonly description?: string | undefined;
  readonly source?: string | undefined;
  readonly columns: readonly string[];
  readonly of: (run: ValidationRun) => (layer: Layer) => Estimate | undefined;
}

/** A formula as an estimator. */
export function estimatorOf(formula: Formula): Estimator {
  const { name, description, source, columns } = formula;
  return {
    name,
    description,
    source,
    columns,
    of: ({ hardware }) => formula.on(hardware).evaluate,
  };
}

/** The machine that formulas are compared with. */
export interface ValidationMachine {
  readonly assumptions: Assumptions;
  readonly dram: DramModel;
  readonly fusion: Fusion;
  readonly fastForward: boolean;
}

/** A layer, or a fused group, by a formula and by the machine, in cycles. */
export interface ValidationCase extends Predicted {
  readonly run: ValidationRun;
  readonly name: string;
  readonly op: string;
  readonly layer: Layer;
  readonly result: SimulatedResult;
}

/** A case that is among the worst. */
export interface WorstCase {
  readonly case: ValidationCase;
  readonly error: number;
  /** Layers of the same run that are alike, this one included. */
  readonly times: number;
  readonly lack: Lack;
}

/** How a formula orders hardware points for a network, beside the order of the machine. */
export interface DesignRanking {
  readonly network: string;
  readonly phase: 'inference' | 'training';
  readonly batch: number;
  readonly points: number;
  /** Kendall's τ-b and Spearman's ρ of the networks' cycles; left out where one side does not vary. */
  readonly kendall?: number;
  readonly spearman?: number;
  /** The fastest point by the machine, and the one that the formula would choose. */
  readonly best: string;
  readonly chosen: string;
  /** What the choice costs on the machine: its cycles over the best's, less 1. */
  readonly regret: number;
}

/** What validation says of a formula. */
export interface FormulaValidation {
  readonly estimator: Estimator;
  readonly cases: readonly ValidationCase[];
  /** Layers, and groups, of which it says nothing. */
  readonly notCovered: number;
  /** Of cycles; undefined where it says nothing of any layer. */
  readonly all: ErrorStatistics | undefined;
  readonly byOperation: Readonly<Record<string, ErrorStatistics>>;
  /** Where both phases run, by network and phase. */
  readonly byNetwork: Readonly<Record<string, ErrorStatistics>>;
  readonly byHardware: Readonly<Record<string, ErrorStatistics>>;
  /** Of all columns that it gives, `cycles` among them. */
  readonly byColumn: Readonly<Record<string, ErrorStatistics>>;
  readonly designs: readonly DesignRanking[];
  readonly worst: readonly WorstCase[];
}

/** A run on the machine, in cycles. */
export interface RunTotal {
  readonly run: ValidationRun;
  readonly cycles: number;
}

/** All formulas, and what the networks took. */
export interface Validation {
  readonly runs: readonly RunTotal[];
  readonly formulas: readonly FormulaValidation[];
}

/** How far a validation has come. */
export interface ValidationProgress {
  readonly runsDone: number;
  readonly runs: number;
  readonly what: string;
  readonly share: number;
}

/** A layer or a group of a run on the machine, with the layers of which an estimate is the sum. */
interface Unit {
  readonly name: string;
  readonly op: string;
  readonly layers: readonly Layer[];
  readonly cycles: number;
  readonly result: SimulatedResult;
}

/** The operation of a group. */
const FUSED_GROUP = 'fused group';

/** Of a group there are cycles, but no ladder and no waits of a single unit. */
const IN_GROUP: Lack = {
  kind: 'none',
  name: FUSED_GROUP,
  cycles: 0,
  share: 0,
  words: 'its layers compute on the same tiles at the same time, and hand them over on chip; the formula adds them up',
};

/** What of a run is compared: each layer by itself; of a fused group, whose layers have no cycles of their own, all of it. */
function unitsOf({ layers, groups = [] }: NetworkRun): Unit[] {
  const inGroup = new Map(groups.map((each) => [each.group.first, each]));
  const units: Unit[] = [];
  for (let place = 0; place < layers.length; place++) {
    const group = inGroup.get(place);
    if (group === undefined) {
      const { layer, simulated } = layers[place]!;
      units.push({ name: layer.name, op: layer.op, layers: [layer], cycles: simulated.totalCycles, result: simulated });
      continue;
    }
    const { first, last } = group.group;
    const members = layers.slice(first, last + 1);
    units.push({
      name: nameOfGroup(group.group),
      op: FUSED_GROUP,
      layers: members.map(({ layer }) => layer),
      cycles: group.totalCycles,
      result: members[0]!.simulated,
    });
    place = last;
  }
  return units;
}

/** A formula's cases as they are collected. */
interface Collected {
  readonly estimator: Estimator;
  readonly cases: ValidationCase[];
  readonly columns: Map<string, Predicted[]>;
  notCovered: number;
}

function collect(into: Collected, run: ValidationRun, units: readonly Unit[]): void {
  const estimate = into.estimator.of(run);
  for (const { name, op, layers, cycles, result } of units) {
    const estimates = layers.map(estimate);
    if (estimates.some((each) => each === undefined)) {
      into.notCovered++;
      continue;
    }
    const predicted = estimates.reduce((sum, each) => sum + each!.cycles, 0);
    into.cases.push({ run, name, op, layer: layers[0]!, result, predicted, simulated: cycles });
    if (layers.length > 1) continue; // What a member moves on chip is no column of a formula.
    const figures = columnsOf({ ...result });
    for (const [column, value] of byColumn<number>({ ...estimates[0] })) {
      if (column === 'cycles') continue;
      const list = into.columns.get(column) ?? [];
      into.columns.set(column, list);
      list.push({ predicted: value, simulated: figures.get(column)! });
    }
  }
}

const settingOf = ({ network, phase, batch }: ValidationRun): string => JSON.stringify([network, phase, batch]);

/** How the formula ranks the hardware points of each network that runs on several. */
function rankings(cases: readonly ValidationCase[]): DesignRanking[] {
  const settings = new Map<string, Map<ValidationRun, { predicted: number; simulated: number }>>();
  for (const { run, predicted, simulated } of cases) {
    const setting = settings.get(settingOf(run)) ?? new Map<ValidationRun, { predicted: number; simulated: number }>();
    settings.set(settingOf(run), setting);
    const sums = setting.get(run) ?? { predicted: 0, simulated: 0 };
    setting.set(run, sums);
    sums.predicted += predicted;
    sums.simulated += simulated;
  }
  return [...settings.values()].flatMap((setting) => {
    if (setting.size < 2) return [];
    const [runs, sums] = [[...setting.keys()], [...setting.values()]];
    const [predicted, simulated] = [sums.map((each) => each.predicted), sums.map((each) => each.simulated)];
    const [chosen, best] = [predicted.indexOf(Math.min(...predicted)), simulated.indexOf(Math.min(...simulated))];
    const { network, phase, batch } = runs[0]!;
    return [
      {
        ...{ network, phase, batch, points: runs.length },
        ...unlessNone('kendall', kendall(predicted, simulated)),
        ...unlessNone('spearman', spearman(predicted, simulated)),
        best: runs[best]!.hardwareName,
        chosen: runs[chosen]!.hardwareName,
        regret: relativeError({ predicted: simulated[chosen]!, simulated: simulated[best]! }) ?? 0,
      },
    ];
  });
}

/** The worst cases, of which those that are alike in a run count as one. */
function worstOf(cases: readonly ValidationCase[], most: number): Omit<WorstCase, 'lack'>[] {
  const alike = new Map<string, { case: ValidationCase; error: number; times: number }>();
  const runs = new Map<ValidationRun, number>();
  for (const each of cases) {
    const error = relativeError(each) ?? 1;
    if (error === 0) continue;
    const { run, op, predicted, simulated } = each;
    if (!runs.has(run)) runs.set(run, runs.size);
    const key = `${runs.get(run)} ${op} ${predicted} ${simulated}`;
    const known = alike.get(key);
    if (known === undefined) alike.set(key, { case: each, error, times: 1 });
    else known.times++;
  }
  return [...alike.values()].sort((a, b) => Math.abs(b.error) - Math.abs(a.error)).slice(0, most);
}

/** The ladder of a layer to the machine that formulas are compared with; none where layers run together. */
class Ladders {
  private readonly machine: ValidationMachine;
  private readonly known = new Map<ValidationCase['layer'], LayerLadder>();

  constructor(machine: ValidationMachine) {
    this.machine = machine;
  }

  *of({
    layer,
    run: { hardware },
  }: ValidationCase): Generator<
    Progress,
    { of: LayerLadder; steps: readonly LadderStep[]; hardware: Hardware } | undefined
  > {
    const { assumptions, dram, fusion, fastForward } = this.machine;
    if (assumptions.prefetch || fusion !== 'none') return undefined;
    const steps = stepsTo(assumptions, dram, hardware);
    let ladder = this.known.get(layer);
    if (ladder === undefined) {
      [ladder] = yield* walkLadder([layer], hardware, steps, fastForward);
      this.known.set(layer, ladder!);
    }
    return { of: ladder!, steps, hardware };
  }
}

/** Puts formulas on trial; `most` is how many of the worst cases of each are looked into. Yields progress now and then. */
export function* validateFormulas(
  estimators: readonly Estimator[],
  runs: readonly ValidationRun[],
  machine: ValidationMachine,
  most: number,
): Generator<ValidationProgress, Validation> {
  const collected = estimators.map((estimator): Collected => {
    return { estimator, cases: [], columns: new Map(), notCovered: 0 };
  });
  const totals: RunTotal[] = [];
  const { assumptions, ...options } = machine;
  for (const [place, run] of runs.entries()) {
    const at = { runsDone: place, runs: runs.length, what: `${run.network} on ${run.hardwareName}` };
    const simulation = runNetwork(run.layers, run.hardware, assumptions, 'published', options);
    let step = simulation.next();
    for (; step.done !== true; step = simulation.next()) {
      yield { ...at, share: (step.value.layersDone + step.value.layerShare) / step.value.layers };
    }
    const units = unitsOf(step.value);
    totals.push({ run, cycles: units.reduce((sum, { cycles }) => sum + cycles, 0) });
    for (const each of collected) {
      collect(each, run, units);
      yield { ...at, share: 1 };
    }
  }
  const ladders = new Ladders(machine);
  const hasPhases = runs.some(({ phase }) => phase !== runs[0]!.phase);
  const nameOf = ({ network, phase }: ValidationRun): string => (hasPhases ? `${network} ${phase}` : network);
  const formulas: FormulaValidation[] = [];
  for (const { estimator, cases, columns, notCovered } of collected) {
    const worst: WorstCase[] = [];
    for (const each of worstOf(cases, most)) {
      if (each.case.op === FUSED_GROUP) {
        worst.push({ ...each, lack: IN_GROUP });
        continue;
      }
      const walk = ladders.of(each.case);
      let step = walk.next();
      const what = `why ${estimator.name} is wrong`;
      for (; step.done !== true; step = walk.next()) yield { runsDone: runs.length, runs: runs.length, what, share: 0 };
      const { predicted, simulated, result } = each.case;
      worst.push({ ...each, lack: lackOf(predicted, { ...result, totalCycles: simulated }, step.value) });
    }
    const hasCases = cases.length > 0;
    formulas.push({
      estimator,
      cases,
      notCovered,
      all: hasCases ? errorStatistics(cases) : undefined,
      byOperation: statisticsBy(cases, ({ op }) => op),
      byNetwork: statisticsBy(cases, ({ run }) => nameOf(run)),
      byHardware: statisticsBy(cases, ({ run }) => run.hardwareName),
      byColumn: Object.fromEntries([
        ...(hasCases ? [['cycles', errorStatistics(cases)] as const] : []),
        ...[...columns].map(([column, list]) => [column, errorStatistics(list)] as const),
      ]),
      designs: rankings(cases),
      worst,
    });
  }
  return { runs: totals, formulas };
}
