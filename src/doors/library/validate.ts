/** Formulas on trial: what they say of every layer of some networks on some hardware points, beside the machine. */
import { IDEAL } from '../../model/dram/model.ts';
import type { Estimate, Formula } from '../../model/formulas/formula.ts';
import type { Assumptions } from '../../model/schedule/assumptions.ts';
import { BOUNDS } from '../../model/schemas/bounds.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { shownName } from '../../model/schemas/printable.ts';
import type { Workload } from '../../model/schemas/workload.ts';
import {
  type Estimator,
  estimatorOf,
  type ValidationMachine,
  type ValidationRun,
} from '../../studies/check/estimator.ts';
import { type ValidationProgress, validateFormulas } from '../../studies/check/validation.ts';
import { type ValidationReport, validationReport } from '../../views/report/validationReport.ts';
import { ASSUME, type Assume, assumptionsMeant } from './assume.ts';
import { drive, JOB_OPTIONS, type JobOptions, type JobProgress } from './drive.ts';
import { FORMULA } from './formula.ts';
import { HARDWARE, WORKLOAD } from './inputKinds.ts';
import { expectInputs, type Kind, type KindsOf, list, options as named, whole } from './kinds.ts';
import {
  MACHINE_OPTIONS,
  type MachineOptions,
  NETWORK_OPTIONS,
  type NetworkOptions,
  type PreparedNetwork,
  prepareNetwork,
} from './network.ts';
import { type LayerHead, layerHead, type NetworkHead, networkHead } from './results.ts';
import { type Versioned, versioned } from './version.ts';

/** Worst layers of each formula that are looked into. */
export const DEFAULT_TOP = 5;

/** How formulas are put on trial. */
export interface ValidateOptions extends NetworkOptions, MachineOptions, JobOptions {
  /** The assumptions of the machine: `hardware` unless given. */
  readonly assume?: Assume | undefined;
  /** How many of the worst layers of each formula are explained; 5 unless given. */
  readonly top?: number | undefined;
}

const OPTIONS: KindsOf<ValidateOptions> = {
  ...NETWORK_OPTIONS,
  ...MACHINE_OPTIONS,
  ...JOB_OPTIONS,
  assume: ASSUME,
  top: whole(0, BOUNDS.shownLayers.most),
};

/** One of a kind, or a list of at least one. */
const oneOrMore =
  (of: Kind): Kind =>
  (value, path, complain) => {
    (Array.isArray(value) ? list('at least one', of, 1) : of)(value, path, complain);
  };

const INPUTS = {
  formulas: oneOrMore(FORMULA),
  workloads: oneOrMore(WORKLOAD),
  hardware: oneOrMore(HARDWARE),
  options: named(OPTIONS),
};

/** The machine of some options. */
export function validationMachine(
  assumptions: Assumptions,
  { dram = IDEAL, fuse = 'none', fastForward = true }: MachineOptions,
): ValidationMachine {
  return { assumptions, dram, fusion: fuse, fastForward };
}

/** A network that is ready to run as one of a validation; `varied`: what tells the hardware from others of its name. */
export function validationRun(
  { layers, settings }: PreparedNetwork,
  varied: Readonly<Record<string, number | string>> = {},
): ValidationRun {
  const { hardware, workload: network, phase, batch } = settings;
  const values = Object.values(varied).join('/');
  const hardwareName = values === '' ? hardware.name : `${hardware.name} ${values}`;
  return { network, hardwareName, hardware, varied, phase, batch, layers };
}

/** How far a validation has come. */
export function validationProgress({ runsDone, runs, what, share }: ValidationProgress): JobProgress {
  const run = runsDone < runs ? `run ${runsDone + 1} of ${runs}, ` : '';
  return { share: (runsDone + share) / runs, text: `${run}${shownName(what)}` };
}

const listOf = <Item>(given: Item | readonly Item[]): readonly Item[] =>
  Array.isArray(given) ? (given as readonly Item[]) : [given as Item];

/**
 * Puts formulas on trial: what `systole validate --format json` prints. Each network runs on each hardware point, and
 * each formula (what `loadFormula`, `parseFormula` or `formulaOf` give) is asked for every layer: how wrong it is by
 * operation, network and hardware, whether it ranks the hardware points as the machine does, and what it lacks where it
 * is most wrong. Throws an InputError for whatever is wrong with the inputs or the options, and the signal's reason once
 * that is aborted.
 */
export async function validate(
  formulas: Formula | readonly Formula[],
  workloads: Workload | readonly Workload[],
  hardware: Hardware | readonly Hardware[],
  options: ValidateOptions = {},
): Promise<Versioned<ValidationReport>> {
  expectInputs(INPUTS, { formulas, workloads, hardware, options });
  const { assume = 'hardware', top = DEFAULT_TOP } = options;
  const [asked, networks, points] = [listOf(formulas), listOf(workloads), listOf(hardware)];
  const machine = validationMachine(assumptionsMeant(assume), options);
  const runs = points.flatMap((point) =>
    networks.map((network) => validationRun(prepareNetwork(network, point, options))),
  );
  const estimators: Estimator[] = asked.map(estimatorOf);
  const validation = await drive(validateFormulas(estimators, runs, machine, top), validationProgress, options);
  return versioned(validationReport(validation, machine));
}

const EVALUATED = { formula: FORMULA, workload: WORKLOAD, hardware: HARDWARE, options: named(NETWORK_OPTIONS) };

/** What a formula says of a layer. */
export interface EvaluatedLayer extends LayerHead {
  /** Null where it says nothing of such a layer. */
  readonly estimate: Estimate | null;
}

/** What a formula says of a network. */
export interface EvaluatedNetwork extends NetworkHead {
  readonly formula: string;
  /** In program order. */
  readonly layers: readonly EvaluatedLayer[];
  /** The sum over the layers of which it says something. */
  readonly cycles: number;
}

/**
 * What a formula says of every layer of a network, without the machine beside it, in some microseconds a layer. Throws an
 * InputError for whatever is wrong with the workload on this hardware or with the options, and where the formula's value
 * is no finite number.
 */
export function evaluateFormula(
  formula: Formula,
  workload: Workload,
  hardware: Hardware,
  options: NetworkOptions = {},
): Versioned<EvaluatedNetwork> {
  expectInputs(EVALUATED, { formula, workload, hardware, options });
  const { layers, settings } = prepareNetwork(workload, hardware, options);
  const { evaluate } = formula.on(settings.hardware);
  const evaluated = layers.map((layer): EvaluatedLayer => {
    return { ...layerHead(layer, undefined), estimate: evaluate(layer) ?? null };
  });
  return versioned({
    ...networkHead({ ...settings, hardware: settings.hardware.name }),
    formula: formula.name,
    layers: evaluated,
    cycles: evaluated.reduce((sum, { estimate }) => sum + (estimate?.cycles ?? 0), 0),
  });
}
