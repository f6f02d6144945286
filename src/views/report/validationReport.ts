/** Formulas on trial as data: the JSON of `validate`. */
import { type DramModel, dramInWords } from '../../model/dram/model.ts';
import { type Assumptions, assumptionNames } from '../../model/schedule/assumptions.ts';
import type { DesignRanking } from '../../studies/check/designRanking.ts';
import type { ErrorStatistics } from '../../studies/check/errorStatistics.ts';
import type { Lack } from '../../studies/check/lack.ts';
import type { FormulaValidation, Validation } from '../../studies/check/validation.ts';
import type { ValidationCase } from '../../studies/check/validationCase.ts';

/** A network on a hardware point. */
export interface ValidatedRun {
  readonly network: string;
  readonly hardware: string;
  /** Of a point of a search: its values, which also stand in its name, by their parameters. */
  readonly varied?: Readonly<Record<string, number | string>>;
  readonly phase: 'inference' | 'training';
  readonly batch: number;
  readonly layers: number;
  /** On the machine. */
  readonly cycles: number;
}

/** A layer of which a formula is among the most wrong. */
export interface WorstLayer {
  readonly layer: string;
  readonly op: string;
  readonly network: string;
  readonly hardware: string;
  readonly phase: 'inference' | 'training';
  readonly predicted: number;
  readonly simulated: number;
  /** (predicted − simulated) / simulated. */
  readonly error: number;
  /** Layers of the network that are alike. */
  readonly times: number;
  /** What of the machine the formula lacks there. */
  readonly lacks: Lack;
}

/** A formula beside the machine. Errors are shares: 0.05 is 5 %. */
export interface ValidatedFormula {
  readonly name: string;
  readonly description?: string;
  readonly source?: string;
  readonly columns: readonly string[];
  /** Layers of which it says nothing. */
  readonly notCovered: number;
  /** Left out where it says nothing of any layer. */
  readonly all?: ErrorStatistics;
  readonly byOperation: Readonly<Record<string, ErrorStatistics>>;
  /** Where both phases run, by network and phase. */
  readonly byNetwork: Readonly<Record<string, ErrorStatistics>>;
  readonly byHardware: Readonly<Record<string, ErrorStatistics>>;
  readonly byColumn: Readonly<Record<string, ErrorStatistics>>;
  readonly designs: readonly DesignRanking[];
  readonly worst: readonly WorstLayer[];
}

/** All formulas on all networks and hardware points. */
export interface ValidationReport {
  /** Names of the assumptions of the machine. */
  readonly assumptions: readonly string[];
  readonly dram: string;
  readonly fusion: string;
  readonly runs: readonly ValidatedRun[];
  readonly formulas: readonly ValidatedFormula[];
}

/** What the formulas were compared with. */
export interface ValidationSettings {
  readonly assumptions: Assumptions;
  readonly dram: DramModel;
  readonly fusion: string;
}

/** Where a case is. */
export function placeOf({
  name,
  op,
  run,
}: ValidationCase): Pick<WorstLayer, 'layer' | 'op' | 'network' | 'hardware' | 'phase'> {
  return { layer: name, op, network: run.network, hardware: run.hardwareName, phase: run.phase };
}

function validatedFormula(validation: FormulaValidation): ValidatedFormula {
  const { estimator, notCovered, all, byOperation, byNetwork, byHardware, byColumn, designs, worst } = validation;
  const { name, description, source, columns } = estimator;
  return {
    name,
    ...(description === undefined ? {} : { description }),
    ...(source === undefined ? {} : { source }),
    columns,
    notCovered,
    ...(all && { all }),
    ...{ byOperation, byNetwork, byHardware, byColumn, designs },
    worst: worst.map(({ case: each, error, times, lack }) => ({
      ...placeOf(each),
      predicted: each.predicted,
      simulated: each.simulated,
      error,
      times,
      lacks: lack,
    })),
  };
}

/** Puts a validation together. */
export function validationReport({ runs, formulas }: Validation, settings: ValidationSettings): ValidationReport {
  const { assumptions, dram, fusion } = settings;
  return {
    assumptions: assumptionNames(assumptions),
    dram: dramInWords(dram),
    fusion,
    runs: runs.map(({ run: { network, hardwareName, varied, phase, batch, layers }, cycles }) => ({
      network,
      hardware: hardwareName,
      ...(Object.keys(varied).length > 0 && { varied }),
      phase,
      batch,
      layers: layers.length,
      cycles,
    })),
    formulas: formulas.map(validatedFormula),
  };
}
