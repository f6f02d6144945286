/**
 * Formulas on trial: what they say of every layer of some networks on some hardware points, beside what the machine
 * takes for it.
 */
import { type Progress, runNetwork } from '../../model/network/network.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { type DesignRanking, rankings } from './designRanking.ts';
import { type ErrorStatistics, errorStatistics, relativeError, statisticsBy } from './errorStatistics.ts';
import type { Estimator, ValidationMachine, ValidationRun } from './estimator.ts';
import { type Lack, lackOf } from './lack.ts';
import { type LadderStep, type LayerLadder, walkLadder } from './ladder.ts';
import { stepsTo } from './stepsTo.ts';
import { type Collected, collect, FUSED_GROUP, unitsOf, type ValidationCase } from './validationCase.ts';

/** A case that is among the worst. */
export interface WorstCase {
  readonly case: ValidationCase;
  readonly error: number;
  /** Layers of the same run that are alike, this one included. */
  readonly times: number;
  readonly lack: Lack;
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

/** Of a group there are cycles, but no ladder and no waits of a single unit. */
const IN_GROUP: Lack = {
  kind: 'none',
  name: FUSED_GROUP,
  cycles: 0,
  share: 0,
  words: 'its layers compute on the same tiles at the same time, and hand them over on chip; the formula adds them up',
};

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
