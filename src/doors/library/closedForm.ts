/** Networks by the paper's closed form alone. */
import { type NaiveEstimates, naiveEstimates } from '../../model/analytical/closedForm.ts';
import { VARIANTS, type Variant } from '../../model/analytical/multipliers.ts';
import { programClosedForm } from '../../model/analytical/programClosedForm.ts';
import type { EnergyModel } from '../../model/energy/constants.ts';
import { averageWatts, type Energy, energyOf, sumOfEnergies } from '../../model/energy/energy.ts';
import { expectExactResult } from '../../model/layers/exactness.ts';
import type { Layer } from '../../model/layers/layer.ts';
import { addInto, emptyResult, type Result } from '../../model/layers/result.ts';
import { closedFormWork, type Work, workInAll } from '../../model/network/work.ts';
import type { EnergyFile } from '../../model/schemas/energy.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import type { Workload } from '../../model/schemas/workload.ts';
import type { WithWork } from '../../views/report/workTotals.ts';
import { ENERGY, HARDWARE, WORKLOAD } from './inputKinds.ts';
import { expectInputs, type KindsOf, options as named, word } from './kinds.ts';
import { NETWORK_OPTIONS, type NetworkOptions, prepareNetwork, withEnergy } from './network.ts';
import { type LayerHead, layerHead, type ModelEnergy, type NetworkHead, networkHead } from './results.ts';
import { type Versioned, versioned } from './version.ts';

/** How the closed form is evaluated. */
export interface ClosedFormOptions extends NetworkOptions {
  /** `published` (unless given) leaves multipliers fractional as the paper does, `ceiling` counts whole tiles. */
  readonly variant?: Variant | undefined;
  /** Energy data: with them the result has energies too, and the clock is theirs. */
  readonly energy?: EnergyFile | undefined;
}

const OPTIONS: KindsOf<ClosedFormOptions> = { ...NETWORK_OPTIONS, variant: word(VARIANTS), energy: ENERGY };
const INPUTS = { workload: WORKLOAD, hardware: HARDWARE, options: named(OPTIONS) };

/** One layer by the closed form: its tile, its figures, what of its work is useful, and figure 5's two estimates. */
export type ClosedFormLayer = LayerHead & WithWork<Result> & NaiveEstimates;

/** A network by the closed form. */
export interface ClosedFormNetwork extends NetworkHead {
  readonly variant: Variant;
  /** In program order. */
  readonly layers: readonly ClosedFormLayer[];
  /** The sums over the layers of the systolic array, of the SIMD array, and of both. */
  readonly totals: Readonly<Record<'SA' | 'SIMD' | 'all', WithWork<Result>>>;
  readonly seconds: number;
  readonly imagesPerSecond: number;
  /** Where energy data were given. */
  readonly energy?: ModelEnergy;
}

const PICOSECONDS_PER_SECOND = 1e12;

interface Evaluated {
  readonly layer: Layer;
  readonly result: Result;
  readonly work: Work;
  readonly energy: Energy | undefined;
}

function evaluated(layer: Layer, result: Result, hardware: Hardware, energy: EnergyModel | undefined): Evaluated {
  const work = closedFormWork(layer, hardware, result);
  return { layer, result, work, energy: energy && energyOf(layer.unit, result, energy.constants) };
}

function totalOf(parts: readonly Evaluated[], hardware: Hardware): WithWork<Result> {
  const sum = emptyResult();
  for (const { result } of parts) addInto(sum, result);
  expectExactResult(undefined, sum);
  return { ...sum, ...workInAll(parts, hardware) };
}

function energyInAll(parts: readonly Evaluated[], model: EnergyModel, totalCycles: number): ModelEnergy {
  const sum = (of: readonly Evaluated[]): Energy => sumOfEnergies(of.map(({ energy }) => energy!));
  const all = sum(parts);
  return {
    name: model.name,
    description: model.description,
    totals: {
      SA: sum(parts.filter(({ layer }) => layer.unit === 'SA')),
      SIMD: sum(parts.filter(({ layer }) => layer.unit === 'SIMD')),
      all,
    },
    averageWatts: averageWatts(all, totalCycles, model.constants),
  };
}

/**
 * A network by the closed form, in some microseconds to milliseconds. The hardware and the workload are what
 * `loadHardware` and `loadWorkload`, or `parseHardware` and `parseWorkload`, give; neither is changed. Throws an
 * InputError for whatever is wrong with the workload on this hardware or with the options.
 */
export function closedForm(
  workload: Workload,
  hardware: Hardware,
  options: ClosedFormOptions = {},
): Versioned<ClosedFormNetwork> {
  expectInputs(INPUTS, { workload, hardware, options });
  const { variant = 'published', energy } = options;
  const prepared = prepareNetwork(workload, hardware, options);
  const { program, layers, settings } = energy === undefined ? prepared : withEnergy(prepared, energy);
  const results = programClosedForm(program, settings.hardware, variant);
  const parts = layers.map((layer, place) => evaluated(layer, results[place]!, settings.hardware, settings.energy));
  const totals = {
    SA: totalOf(
      parts.filter(({ layer }) => layer.unit === 'SA'),
      settings.hardware,
    ),
    SIMD: totalOf(
      parts.filter(({ layer }) => layer.unit === 'SIMD'),
      settings.hardware,
    ),
    all: totalOf(parts, settings.hardware),
  };
  const seconds = (totals.all.totalCycles * settings.hardware.clockPicoseconds) / PICOSECONDS_PER_SECOND;
  return versioned({
    ...networkHead({ ...settings, hardware: settings.hardware.name }),
    variant,
    layers: parts.map(({ layer, result, work, energy: joules }) => ({
      ...layerHead(layer, joules),
      ...result,
      ...work,
      ...naiveEstimates(layer, settings.hardware, result),
    })),
    totals,
    seconds,
    imagesPerSecond: seconds === 0 ? 0 : settings.batch / seconds,
    ...(settings.energy && { energy: energyInAll(parts, settings.energy, totals.all.totalCycles) }),
  });
}
