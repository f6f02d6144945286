/** How wrong a formula is about a case: what it says beside what the machine does. */
import type { Formula } from '../../model/formulas/formula.ts';
import { columnsOf } from '../../model/layers/result.ts';
import { Machine } from '../../model/machine/machine.ts';
import type { SimulatedResult } from '../../model/machine/statistics.ts';
import type { Assumptions } from '../../model/schedule/assumptions.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import type { Domain } from './domain.ts';
import { type HuntCase, tilesOf } from './huntCase.ts';

/** A formula's figure and the machine's. */
export interface Verdict {
  /** NaN where the formula gives no finite number. */
  readonly said: number;
  readonly simulated: number;
  /** (said − simulated) / simulated; infinite where the machine has none of it, or the formula no number. */
  readonly error: number;
}

/** On which side of the machine's figure a formula is sought: above it, below it, or on either. */
export const SIDES = ['either', 'over', 'under'] as const;
export type Side = (typeof SIDES)[number];

/** How wrong an error is that is sought on a side; below 0 where it lies on the other. */
export function badness(error: number, side: Side): number {
  return side === 'over' ? error : side === 'under' ? -error : Math.abs(error);
}

/** Against which machine a column of a formula is held. */
export interface Trial {
  readonly formula: Formula;
  readonly column: string;
  readonly assumptions: Assumptions;
  readonly side: Side;
  /** The layers that are looked at. */
  readonly domain: Domain;
}

/** Of so few tiles, stepping them is faster than looking for stretches that repeat. */
const FEW_TILES = 64;

/** Figures this near to each other differ by the rounding of doubles alone. */
const ROUNDING = 1e-9;

/** A column of a run, by the name that formulas have for it. */
export function simulatedColumn(result: SimulatedResult, column: string): number {
  return column === 'cycles' ? result.totalCycles : columnsOf(result).get(column)!;
}

/** By how much of the machine's figure the formula's is off. */
export function errorOf(said: number, simulated: number): number {
  if (said === simulated) return 0;
  const error = (said - simulated) / simulated;
  if (Number.isNaN(error)) return Number.POSITIVE_INFINITY;
  return Math.abs(error) < ROUNDING ? 0 : error;
}

/** What the formula says of a layer; undefined where it says nothing, NaN where what it says is no number. */
function saidOf({ formula, column }: Trial, { hardware, layer }: HuntCase): number | undefined {
  try {
    return formula.on(hardware).column(layer, column);
  } catch (error) {
    if (error instanceof InputError) return Number.NaN;
    throw error;
  }
}

/** The verdict on a case; undefined where the formula says nothing of it, or it cannot run under the assumptions. */
export function verdictOn(trial: Trial, tried: HuntCase): Verdict | undefined {
  if (!trial.domain(tried.layer, tried.hardware)) return undefined;
  const said = saidOf(trial, tried);
  if (said === undefined) return undefined;
  try {
    const fastForward = tilesOf(tried.layer) > FEW_TILES;
    const result = new Machine(tried.hardware, { fastForward }).run(tried.layer, trial.assumptions);
    const simulated = simulatedColumn(result, trial.column);
    return { said, simulated, error: errorOf(said, simulated) };
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
