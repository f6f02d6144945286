/** The hunt for the case at which a formula is most wrong, and the smallest at which it still is. */
import type { Formula } from '../../model/formulas/formula.ts';
import type { Progress } from '../../model/network/network.ts';
import { type Assumptions, demandSlots, singleSlotBuffer } from '../../model/schedule/assumptions.ts';
import { BOUNDS } from '../../model/schemas/bounds.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import type { HuntBounds } from '../../model/schemas/huntBounds.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import { didYouMean } from '../../model/schemas/nearest.ts';
import { LADDER, walkLadder } from '../../studies/check/ladder.ts';
import { expectOperations, parseHuntBounds } from '../../studies/hunt/bounds.ts';
import { Hunt, type HuntFindings, type HuntSpec } from '../../studies/hunt/hunt.ts';
import { layerOf } from '../../studies/hunt/huntCase.ts';
import type { SearchResult } from '../../studies/hunt/search.ts';
import { SIDES, type Side } from '../../studies/hunt/verdict.ts';
import { type HuntReport, type HuntStep, huntReport } from '../../views/report/huntReport.ts';
import { ASSUME, type Assume, assumptionsMeant } from './assume.ts';
import { drive, JOB_OPTIONS, type JobOptions } from './drive.ts';
import { FORMULA } from './formula.ts';
import { completed, HARDWARE } from './inputKinds.ts';
import { amount, anything, expectInputs, type KindsOf, list, options as named, text, whole, word } from './kinds.ts';
import { type Versioned, versioned } from './version.ts';

/** Cases of a hunt unless somebody says otherwise. */
export const DEFAULT_CASES = 20_000;
/** Percent of the machine's figure by which a formula may be off unless somebody says otherwise. */
export const DEFAULT_TOLERANCE_PERCENT = 10;

/** How a formula is hunted. */
export interface HuntOptions extends JobOptions {
  /** What of the formula is held against the machine: `cycles` unless given, `dramBits.ifmap`, …. */
  readonly column?: string | undefined;
  /** The machine that the formula is held against; `hardware` unless given. */
  readonly assume?: Assume | undefined;
  /** How far the formula may be off, in percent of the machine's figure; 10 unless given. */
  readonly tolerancePercent?: number | undefined;
  /** Whether it is sought where the formula says too much (`over`), too little (`under`), or `either`, unless given. */
  readonly side?: Side | undefined;
  /** The same seed gives the same result; `1` unless given. */
  readonly seed?: string | undefined;
  /** Cases that the machine runs, those of shrinking left out; 20,000 unless given. */
  readonly cases?: number | undefined;
  /** Operations by name; all unless given. */
  readonly operations?: readonly string[] | undefined;
  /** The data of a bounds file. */
  readonly bounds?: unknown;
  /** A hardware that stays as it is. */
  readonly hardware?: Hardware | undefined;
}

const OPTIONS: KindsOf<HuntOptions> = {
  ...JOB_OPTIONS,
  column: text,
  assume: ASSUME,
  tolerancePercent: amount,
  side: word(SIDES),
  seed: text,
  cases: whole(1, BOUNDS.cases.most),
  operations: list('a list of operations', text),
  bounds: anything, // parseHuntBounds says
  hardware: HARDWARE,
};
const INPUTS = { formula: FORMULA, options: named(OPTIONS) };

/** What a hunt is asked for, as the command line and the library know it. */
export interface HuntRequest {
  readonly column: string;
  readonly assumptions: Assumptions;
  readonly tolerancePercent: number;
  readonly side: Side;
  readonly seed: string;
  readonly cases: number;
  readonly operations?: readonly string[] | undefined;
  readonly bounds?: HuntBounds | undefined;
  readonly hardware?: Hardware | undefined;
}

const NO_BOUNDS: HuntBounds = { name: 'as usual', numbers: {}, where: {} };

/** The hunt that is asked for, in plain data; throws an InputError for a column that the formula does not give. */
export function huntSpecOf(formula: Formula, request: HuntRequest): HuntSpec {
  const { column, assumptions, tolerancePercent, side, seed, cases, bounds = NO_BOUNDS, hardware } = request;
  if (!formula.columns.includes(column)) {
    const expected = `a column that ${formula.name} gives: ${formula.columns.join(', ')}${didYouMean(column, formula.columns)}`;
    throw new InputError({ file: 'column', path: '', value: column, expected });
  }
  if (hardware !== undefined) demandSlots(hardware, assumptions);
  return {
    ...{ column, assumptions, tolerance: tolerancePercent / 100, side, seed, cases, bounds },
    operations: request.operations ?? bounds.operations,
    hardware,
  };
}

/** The steps from the published closed form to the machine, as far as the hardware lets them run. */
function* ladderOf(findings: HuntFindings): Generator<Progress, Parameters<typeof huntReport>[3]> {
  const { prey } = findings;
  if (prey === undefined) return undefined;
  const { hardware } = prey.input;
  const layer = layerOf(prey.input)!;
  const isSingle = layer.unit === 'SA' && singleSlotBuffer(hardware) !== undefined;
  const steps = LADDER.filter((step) => 'formula' in step || !(isSingle && step.assumptions.lockstep));
  const [ladder] = yield* walkLadder([layer], hardware, steps);
  const named: HuntStep[] = steps.map(({ name }, place) => ({ name, cycles: ladder!.cycles[place]! }));
  return { layer, ladder: named };
}

/** Shrinks what the searches have found and reports it; yields how many cases shrinking has tried. */
export function* reportOf(
  hunt: Hunt,
  formula: Formula,
  spec: HuntSpec,
  results: readonly SearchResult[],
): Generator<number, HuntReport> {
  let tried = 0;
  const shrinking = hunt.findings(results);
  let step = shrinking.next();
  for (; step.done !== true; step = shrinking.next()) yield ++tried;
  const ladder = ladderOf(step.value);
  let rung = ladder.next();
  for (; rung.done !== true; rung = ladder.next()) yield tried;
  return huntReport(formula.name, spec, step.value, rung.value);
}

/** All searches one after the other, then the report; yields how far it has come. */
function* huntHere(formula: Formula, spec: HuntSpec): Generator<{ share: number; text: string }, HuntReport> {
  const hunt = new Hunt(formula, spec);
  const results: SearchResult[] = [];
  for (let place = 0; place < hunt.searches; place++) {
    yield { share: place / hunt.searches, text: searchesInWords(place, hunt.searches) };
    results.push(hunt.search(place));
  }
  const report = reportOf(hunt, formula, spec, results);
  for (let step = report.next(); ; step = report.next()) {
    if (step.done === true) return step.value;
    yield { share: 1, text: shrinkingInWords(step.value) };
  }
}

/** How far the searches have come. */
export const searchesInWords = (done: number, all: number): string => `${done} of ${all} searches done`;
/** How far shrinking has come. */
export const shrinkingInWords = (tried: number): string => `making the case smaller, ${tried} cases tried`;

/** Why a hunt's layers do not overlap. */
export const ALONE = 'no prefetch: each case is one layer, beside which no other runs';

/**
 * Searches layers, tiles, loop orders and hardware for the case at which a formula is most wrong against the machine,
 * and makes it as small as it gets: what `systole hunt --format json` prints. Throws an InputError for whatever is wrong
 * with the formula or the options, and the signal's reason once that is aborted.
 */
export async function hunt(formula: Formula, options: HuntOptions = {}): Promise<Versioned<HuntReport>> {
  expectInputs(INPUTS, { formula, options });
  const { column = 'cycles', assume = 'hardware', seed = '1', operations, bounds, hardware } = options;
  const { tolerancePercent = DEFAULT_TOLERANCE_PERCENT, cases = DEFAULT_CASES, side = 'either' } = options;
  const assumptions = assumptionsMeant(assume);
  if (assumptions.prefetch) throw new InputError({ file: 'options', path: 'assume', value: assume, expected: ALONE });
  if (operations !== undefined) expectOperations(operations, 'options', 'operations');
  const spec = huntSpecOf(formula, {
    ...{ column, assumptions, tolerancePercent, side, seed, cases, operations },
    hardware: hardware && completed(hardware),
    bounds: bounds === undefined ? undefined : parseHuntBounds(bounds, 'bounds'),
  });
  return versioned(await drive(huntHere(formula, spec), (progress) => progress, options));
}
