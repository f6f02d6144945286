/** The steps of a search over a design space; how they are driven and where points are evaluated is the caller's. */
import type { Part } from '../../studies/sweep/costKeys.ts';
import { type Neighbour, neighboursOf, sensitivity } from '../../studies/sweep/sensitivity.ts';
import { type Digits, digitsOf, latticeSize, shareBefore } from '../../studies/sweep/space.ts';
import { type Reranking, rerank, survey } from '../../studies/sweep/survey.ts';
import { allDigits, countOf, type Evaluations, evaluationsFor, type Sweep } from '../../studies/sweep/sweep.ts';
import { modelName, ownModel, reranksOf } from '../../studies/sweep/sweepSpec.ts';
import type { Findings } from '../../views/report/sweepReport.ts';
import type { JobProgress } from './drive.ts';

/** Evaluations by one model. */
export interface Need {
  /** Its name in the sweep (see modelName and ownModel). */
  readonly model: string;
  readonly evaluations: Evaluations;
}

/** Evaluates what is not known yet, models one after the other. */
export type Evaluate = (needs: readonly Need[]) => Promise<void>;

/** Takes a step to its end; `show` says how far it has come. */
export type Driver = <Pause, Result>(
  run: Generator<Pause, Result>,
  show: (pause: Pause) => JobProgress,
) => Promise<Result>;

/** Drives a pass over the space of a sweep; it keeps the digits of the point where it is in `digits`. */
function drivePass<Result>(
  sweep: Sweep,
  driver: Driver,
  pass: (digits: Digits) => Generator<number, Result>,
): Promise<Result> {
  const { axes } = sweep.space;
  const digits = new Int32Array(axes.length);
  const combinations = latticeSize(axes);
  return driver(pass(digits), (points) => {
    const share = shareBefore(axes, digits);
    const seen = `${Math.floor(share * combinations)} of ${combinations} combinations seen`;
    return { share, text: `${seen}, ${points} points` };
  });
}

/** What the points of a sweep need; whatever its file or the energy file get wrong of a point is thrown here. */
export function evaluationsOfAll(sweep: Sweep, driver: Driver): Promise<Evaluations> {
  const model = ownModel(sweep.spec);
  return drivePass(sweep, driver, (digits) => evaluationsFor(sweep, model, allDigits(sweep.space, digits)));
}

/** The points around the centre of the sensitivity, of which an energy file need not say anything. */
function* neighbourhood(sweep: Sweep, centre: Digits): Generator<number, Neighbour[]> {
  const neighbours: Neighbour[] = [];
  for (const neighbour of neighboursOf(sweep.space, centre)) {
    if (sweep.energy?.problemAt(neighbour.digits) === undefined) neighbours.push(neighbour);
    yield neighbours.length;
  }
  return neighbours;
}

/** What several passes need of each model, in the order in which models first appear. */
function together(needs: readonly Need[]): Need[] {
  const byModel = new Map<string, Need>();
  for (const { model, evaluations } of needs) {
    const before = byModel.get(model)?.evaluations ?? NOTHING;
    const union = (part: Part): ReadonlySet<number> => new Set([...before[part], ...evaluations[part]]);
    const { SA, SIMD, network } = { SA: union('SA'), SIMD: union('SIMD'), network: union('network') };
    byModel.set(model, { model, evaluations: { SA, SIMD, network } });
  }
  return [...byModel.values()];
}

const NOTHING: Evaluations = { SA: new Set(), SIMD: new Set(), network: new Set() };

/**
 * Searches; `needed` is what all points need. What comes after, around the best point and by other models, is asked for
 * at once.
 */
export async function search(sweep: Sweep, needed: Evaluations, evaluate: Evaluate, driver: Driver): Promise<Findings> {
  const { spec, space } = sweep;
  const model = ownModel(spec);
  const costs = sweep.costs(model);
  const needOf = async (by: string, points: readonly Digits[]): Promise<Need> => {
    const evaluations = await driver(evaluationsFor(sweep, by, points), (seen) => ({
      share: seen / points.length,
      text: `${seen} of ${points.length} points seen`,
    }));
    return { model: by, evaluations };
  };
  await evaluate([{ model, evaluations: needed }]);
  const reranks = reranksOf(spec);
  const most = Math.max(1, ...reranks.map(({ top }) => top));
  const surveyed = await drivePass(sweep, driver, (digits) => survey(space, costs, spec.objectives, most, digits));
  const best = surveyed.best.map(({ index }) => digitsOf(space.axes, index));
  const centre = sweep.centre ?? best[0];
  const neighbours =
    centre === undefined
      ? []
      : await driver(neighbourhood(sweep, centre), (found) => ({ share: 0, text: `${found} neighbours found` }));
  const around = neighbours.map(({ digits }) => digits);
  const needs = [await needOf(model, around)];
  for (const again of reranks) needs.push(await needOf(modelName(again), best.slice(0, again.top)));
  await evaluate(together(needs));
  const rerankings = reranks.map((again): Reranking => {
    const by = modelName(again);
    return rerank(space, by, sweep.costs(by), spec.objectives[0]!, surveyed.best.slice(0, again.top));
  });
  return {
    evaluations: countOf(needed),
    survey: surveyed,
    sensitivity: centre === undefined ? [] : sensitivity(space, costs, neighbours),
    rerankings,
  };
}
