/** Why a layer takes what it takes, and what would change it: every lever is tried, none is guessed. */
import { closedForm } from '../../model/analytical/closedForm.ts';
import type { Variant } from '../../model/analytical/multipliers.ts';
import { convSegments, type Segment } from '../../model/analytical/segmentKinds.ts';
import type { EnergyConstants } from '../../model/energy/constants.ts';
import { type Energy, energyOf } from '../../model/energy/energy.ts';
import type { ByModel } from '../../model/energy/networkEnergy.ts';
import type { Layer } from '../../model/layers/layer.ts';
import type { Cycles } from '../../model/layers/result.ts';
import type { SimulatedResult } from '../../model/machine/statistics.ts';
import { bottleneckOf, type Bottleneck as Roofs } from '../../model/network/bottleneck.ts';
import { closedFormWork, simulatedWork, type Work } from '../../model/network/work.ts';
import type { Assumptions } from '../../model/schedule/assumptions.ts';
import { type BandwidthLever, bandwidthLevers, neverHides } from './bandwidthLevers.ts';
import { type DimensionLever, dimensionLevers } from './dimensionLevers.ts';
import { type Bottleneck, type Relief, Relieving } from './reliefs.ts';
import { type SlotUse, slotUse } from './slotUse.ts';
import { type Retile, type TileLever, tileLevers, tryRetile } from './tileLevers.ts';
import { type Point, type StagePart, type TrialOptions, Trials, type Trying } from './trials.ts';

/** A lever on the tile, with the cycles of the layer that it makes. */
export type Priced<Lever extends { readonly more: { readonly layer: Layer } | undefined }> = Lever & {
  readonly cyclesThen: number | undefined;
};

/** The tile where the workload file gives it, beside the one that the generator would have chosen. */
export interface GivenTile {
  /** Undefined where not even the smallest tile fits. */
  readonly generated: Layer['tile'] | undefined;
  readonly generatedCycles: number | undefined;
}

/** All that is known about a layer. */
export interface Explanation {
  readonly layer: Layer;
  readonly closedForm: Cycles & { readonly totalCycles: number } & Work;
  /** Where layers overlap, among the others: its `totalCycles` are those that it adds to the run. */
  readonly simulated: SimulatedResult & Work;
  /** Only where layers overlap, and what the layer takes on the drained machine, with nothing beside it. */
  readonly network?: InNetwork;
  readonly aloneCycles?: number;
  /** With energy data only. */
  readonly energy: ByModel<Energy> | undefined;
  /** Tiles per loop. */
  readonly trips: Readonly<Record<string, number>>;
  readonly slots: readonly SlotUse[];
  /** Undefined where the generator chose the tile. */
  readonly givenTile: GivenTile | undefined;
  /** A depthwise conv on the other array, and what it takes there. */
  readonly elsewhere: { readonly unit: Layer['unit']; readonly totalCycles: number } | undefined;
  /** The closed form's segments; none for SIMD layers, where nothing overlaps. */
  readonly segments: readonly Segment[];
  readonly roofs: Roofs;
  /** None where the workload file gives the tile. */
  readonly dimensionLevers: readonly Priced<DimensionLever>[];
  readonly tileLevers: readonly Priced<TileLever>[];
  readonly bandwidthLevers: readonly BandwidthLever[];
  /** Transfers and compute take turns: no bandwidth hides the transfers. */
  readonly neverHides: boolean;
  /** What twice as much of anything is worth, the largest worth first. */
  readonly reliefs: readonly Relief[];
  /** The first of them; undefined where none is worth a percent. */
  readonly bottleneck: Bottleneck | undefined;
}

/** What any explanation is made for. */
export interface Explaining extends Point, TrialOptions {
  readonly assumptions: Assumptions;
  readonly fastForward: boolean;
}

/** Where layers overlap: the run of the network, whose cycles all levers and reliefs say in place of the layer's. */
export interface InNetwork {
  readonly totalCycles: number;
}

/** What a layer's explanation is made for. */
export interface Setting extends Explaining {
  readonly variant: Variant;
  /** As the command line would tile the layer: with the workload file's tile, if it gives one. */
  readonly retile: Retile;
  /** The generator's tile where the workload file gives another. */
  readonly generate: Retile | undefined;
  readonly energy: EnergyConstants | undefined;
  /** The layer on the other array, where it can run on both. */
  readonly elsewhere?: Layer | undefined;
}

/** How far an explanation has come. */
export interface Pause {
  readonly stage: number;
  /** What is being tried. */
  readonly what: string;
  /** Trial runs so far. */
  readonly runs: number;
  /** About how much of the whole explanation is done. */
  readonly share: number;
}

/** What is tried, in order. */
export const STAGES = ['the layer itself', 'sizes of SRAMs', 'bandwidths', 'twice of everything'] as const;

/** Both kinds of levers on the tile, as parts of their stage: a run for each. */
export const DIMENSION_LEVERS: StagePart = { from: 0, to: 0.5, runs: 1 };
export const TILE_LEVERS: StagePart = { from: 0.5, to: 1, runs: 1 };

/** What a layer's unit spends on it, computing or waiting: where layers do not overlap, what the layer takes. */
export function unitCyclesOf({
  computeCycles,
  stallCycles,
}: Pick<SimulatedResult, 'computeCycles' | 'stallCycles'>): number {
  return computeCycles + stallCycles;
}

/** Tiles per loop. */
export function tripsOf({ sizes, tile }: Layer): Record<string, number> {
  const sides = tile as Readonly<Record<string, number>>;
  return Object.fromEntries(Object.entries(sizes).map(([dim, size]) => [dim, Math.ceil(size / sides[dim]!)]));
}

/** Passes the pauses of what is tried on, with how far it is: the number of its stage. */
export function stagesOf(trials: Trials): <Result>(number: number, trying: Trying<Result>) => Generator<Pause, Result> {
  let last = -1;
  return function* (number, trying) {
    if (number !== last) trials.begin({ from: 0, to: 1, runs: 1 });
    last = number;
    for (let step = trying.next(); ; step = trying.next()) {
      if (step.done === true) return step.value;
      const share = (number + trials.stageShare) / STAGES.length;
      yield { stage: number, what: STAGES[number]!, runs: trials.runs, share };
    }
  };
}

/** Explains one layer; pauses often, so that the caller can show progress or stop. */
export function* explainLayer(layer: Layer, setting: Setting): Generator<Pause, Explanation> {
  const { hardware, assumptions, variant, retile, generate, energy, elsewhere } = setting;
  const trials = new Trials(assumptions, setting);
  const stage = stagesOf(trials);
  const simulated = yield* stage(0, trials.run(layer, setting));
  const inNetwork = trials.isOverlapped
    ? {
        network: { totalCycles: yield* stage(0, trials.cycles(layer, setting)) },
        aloneCycles: (yield* stage(0, trials.runAlone(layer, setting))).totalCycles,
      }
    : {};
  const result = closedForm(layer, hardware, variant);
  const { computeCycles, stallCycles, totalCycles } = result;
  return {
    layer,
    closedForm: { computeCycles, stallCycles, totalCycles, ...closedFormWork(layer, hardware, result) },
    simulated: { ...simulated, ...simulatedWork(layer, hardware, assumptions, simulated) },
    ...inNetwork,
    energy: energy && {
      closedForm: energyOf(layer.unit, result, energy),
      simulated: energyOf(layer.unit, simulated, energy),
    },
    trips: tripsOf(layer),
    slots: slotUse(layer, hardware),
    givenTile: generate && (yield* stage(0, givenTile(generate, setting, trials))),
    elsewhere: elsewhere && {
      unit: elsewhere.unit,
      totalCycles: yield* stage(0, trials.cycles(elsewhere, setting)),
    },
    segments: layer.unit === 'SA' ? convSegments(layer, hardware, variant) : [],
    roofs: bottleneckOf(layer.unit, { ...simulated, totalCycles: unitCyclesOf(simulated) }, hardware),
    dimensionLevers: generate === undefined ? yield* stage(1, pricedDimensions(layer, setting, trials)) : [],
    tileLevers: yield* stage(1, priced(tileLevers(layer, hardware, retile), setting, trials, TILE_LEVERS)),
    bandwidthLevers: yield* stage(2, bandwidthLevers(layer, setting, trials)),
    neverHides: neverHides(layer, hardware, trials),
    ...(yield* stage(3, new Relieving(layer, setting, trials, retile).all())),
  };
}

function* givenTile(generate: Retile, point: Point, trials: Trials): Trying<GivenTile> {
  const layer = tryRetile(generate, point.hardware);
  return { generated: layer?.tile, generatedCycles: layer && (yield* trials.cycles(layer, point)) };
}

function* pricedDimensions(layer: Layer, setting: Setting, trials: Trials): Trying<Priced<DimensionLever>[]> {
  const levers = yield* dimensionLevers(layer, setting.hardware, setting.retile);
  return yield* priced(levers, setting, trials, DIMENSION_LEVERS);
}

/** Adds what each lever's tile takes. */
function* priced<Lever extends DimensionLever | TileLever>(
  levers: readonly Lever[],
  point: Point,
  trials: Trials,
  part: StagePart,
): Trying<Priced<Lever>[]> {
  return yield* trials.each(levers, part, function* (lever) {
    return { ...lever, cyclesThen: lever.more && (yield* trials.cycles(lever.more.layer, point)) };
  });
}
