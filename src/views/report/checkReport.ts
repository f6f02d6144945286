/** A walk of the ladder as data: the JSON of `check`. */

import { dramInWords } from '../../model/dram/model.ts';
import { addInto } from '../../model/layers/result.ts';
import { emptySimulatedResult, type SimulatedResult } from '../../model/machine/statistics.ts';
import { type Bottleneck, bottleneckOf } from '../../model/network/bottleneck.ts';
import { type LayerWork, simulatedWork, type Work, workInAll } from '../../model/network/work.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import type { Comparison } from '../../studies/check/against.ts';
import type { CheckedGroup } from '../../studies/check/groupForms.ts';
import {
  differencesOf,
  HARDWARE_STEP,
  type LadderStep,
  type LayerLadder,
  sumLadder,
} from '../../studies/check/ladder.ts';
import { stepInWords } from '../../studies/check/ladderWords.ts';
import type { RunSettings } from './runSettings.ts';

type PerStep = Readonly<Record<string, number>>;

/** Cycles of a layer or a group on every step, and what each step adds. */
export interface Waterfall {
  readonly cycles: PerStep;
  /** Each step less the one before it; they add up to the last step less the first. */
  readonly differences: PerStep;
}

/** Why the layer took its cycles on the step `hardware`, and what of its work there is useful. */
export interface WhyItWaited extends Bottleneck, Work {
  readonly busyCycles: number;
  readonly fillCycles: number;
  readonly waiting: SimulatedResult['waiting'];
}

export interface CheckedLayer extends Waterfall {
  readonly name: string;
  readonly op: string;
  readonly unit: 'SA' | 'SIMD';
  /** The formula's prediction of the step `paper`. */
  readonly corner: number;
  /** One sentence per step that changes something. */
  readonly words: readonly string[];
  readonly why: WhyItWaited;
}

/** All of it. `totals` has the network's cycles per step, and the same for each unit. */
export interface CheckReport {
  readonly hardware: string;
  readonly workload: string;
  readonly phase: 'inference' | 'training';
  readonly batch: number;
  readonly expansion?: string;
  readonly dram: string;
  readonly steps: readonly string[];
  readonly meanings: Readonly<Record<string, string>>;
  /** The step that each `why` is about. */
  readonly explainedStep: string;
  readonly layers: readonly CheckedLayer[];
  readonly byOperation: Readonly<Record<string, Waterfall & { readonly layers: number }>>;
  readonly totals: PerStep & Readonly<Record<'SA' | 'SIMD' | 'all', Waterfall & { readonly why: WhyItWaited }>>;
  readonly against?: Comparison;
  /** With `fuse`: each group by its closed form, under the paper's assumptions that it describes, and on the step `fused`. */
  readonly groups?: readonly CheckedGroup[];
  /** Of a network with depthwise layers: what those take on the explained step, and what they would on the other array. */
  readonly depthwise?: {
    readonly layers: number;
    readonly cycles: number;
    readonly otherUnit: 'SA' | 'SIMD';
    readonly cyclesThere: number;
  };
}

/** The step whose simulation explains the waiting: the machine without anything that was asked for beside it. */
const EXPLAINED_STEP = HARDWARE_STEP;

function perStep(steps: readonly LadderStep[], values: readonly number[]): PerStep {
  return Object.fromEntries(steps.map((step, place) => [step.name, values[place]!]));
}

function waterfall(steps: readonly LadderStep[], cycles: readonly number[]): Waterfall {
  return { cycles: perStep(steps, cycles), differences: perStep(steps, differencesOf(cycles)) };
}

function why(unit: 'SA' | 'SIMD', result: SimulatedResult, work: Work, hardware: Hardware): WhyItWaited {
  const { computeCycles, fillCycles, waiting } = result;
  const busyCycles = computeCycles - fillCycles;
  return { busyCycles, fillCycles, waiting, ...bottleneckOf(unit, result, hardware), ...work };
}

type Explained = LayerWork & { readonly result: SimulatedResult };

/** A layer on the explained step. Layers that are alike but for their names share their results, and this. */
function explaining(hardware: Hardware): (ladder: LayerLadder) => Explained {
  const known = new Map<LayerLadder['simulated'], Explained>();
  return ({ layer, simulated }) => {
    const result = simulated.get(EXPLAINED_STEP.name)!;
    const explained = known.get(simulated) ?? {
      layer,
      result,
      work: simulatedWork(layer, hardware, EXPLAINED_STEP.assumptions, result),
    };
    known.set(simulated, explained);
    return explained;
  };
}

type CheckedFigures = Omit<CheckedLayer, 'name' | 'op' | 'unit'>;

function checkedFigures(
  ladder: LayerLadder,
  { result, work }: Explained,
  steps: readonly LadderStep[],
  hardware: Hardware,
): CheckedFigures {
  const { layer, cycles, corner } = ladder;
  const words = differencesOf(cycles).map((difference, place) =>
    stepInWords(steps[place]!.name, ladder, difference, hardware),
  );
  return {
    ...waterfall(steps, cycles),
    corner,
    words: words.filter((sentence) => sentence !== ''),
    why: why(layer.unit, result, work, hardware),
  };
}

function checkedLayers(
  ladders: readonly LayerLadder[],
  explained: (ladder: LayerLadder) => Explained,
  steps: readonly LadderStep[],
  hardware: Hardware,
): CheckedLayer[] {
  const known = new Map<LayerLadder['simulated'], CheckedFigures>();
  return ladders.map((ladder) => {
    const { name, op, unit } = ladder.layer;
    const figures = known.get(ladder.simulated) ?? checkedFigures(ladder, explained(ladder), steps, hardware);
    known.set(ladder.simulated, figures);
    return { name, op, unit, ...figures };
  });
}

/** Puts the ladders of a network together. */
export function checkReport(
  settings: Omit<RunSettings, 'assumptions' | 'closedFormVariant'>,
  steps: readonly LadderStep[],
  ladders: readonly LayerLadder[],
  elsewhere: readonly LayerLadder[],
  against: Comparison | undefined,
  groups?: readonly CheckedGroup[],
): CheckReport {
  const { hardware, workload, phase, batch, expansion, dram } = settings;
  const explained = explaining(hardware);
  const total = (unit: 'SA' | 'SIMD' | 'all'): Waterfall & { why: WhyItWaited } => {
    const group = unit === 'all' ? ladders : ladders.filter(({ layer }) => layer.unit === unit);
    const result = emptySimulatedResult();
    const parts = group.map(explained);
    for (const part of parts) addInto(result, part.result);
    return {
      ...waterfall(steps, sumLadder(group, steps)),
      why: why(unit === 'SIMD' ? 'SIMD' : 'SA', result, workInAll(parts, hardware), hardware),
    };
  };
  const operations = [...new Set(ladders.map(({ layer }) => layer.op))].map((op) => {
    const group = ladders.filter(({ layer }) => layer.op === op);
    return [op, { layers: group.length, ...waterfall(steps, sumLadder(group, steps)) }] as const;
  });
  const totals = { SA: total('SA'), SIMD: total('SIMD'), all: total('all') };
  return {
    hardware: hardware.name,
    workload,
    phase,
    batch,
    ...(expansion === undefined ? {} : { expansion }),
    dram: dramInWords(dram),
    steps: steps.map((step) => step.name),
    meanings: Object.fromEntries(steps.map((step) => [step.name, step.meaning])),
    explainedStep: EXPLAINED_STEP.name,
    layers: checkedLayers(ladders, explained, steps, hardware),
    byOperation: Object.fromEntries(operations),
    totals: { ...perStep(steps, sumLadder(ladders, steps)), ...totals } as CheckReport['totals'],
    ...(against === undefined ? {} : { against }),
    ...(groups === undefined ? {} : { groups }),
    ...(elsewhere.length === 0 ? {} : { depthwise: depthwiseOf(ladders, elsewhere) }),
  };
}

/** Depthwise layers where they run, and on the other array. */
function depthwiseOf(
  ladders: readonly LayerLadder[],
  elsewhere: readonly LayerLadder[],
): NonNullable<CheckReport['depthwise']> {
  const names = new Set(elsewhere.map(({ layer }) => layer.name));
  const cyclesOf = (group: readonly LayerLadder[]): number =>
    group.reduce((sum, { simulated }) => sum + simulated.get(EXPLAINED_STEP.name)!.totalCycles, 0);
  return {
    layers: elsewhere.length,
    cycles: cyclesOf(ladders.filter(({ layer }) => names.has(layer.name))),
    otherUnit: elsewhere[0]!.layer.unit,
    cyclesThere: cyclesOf(elsewhere),
  };
}
