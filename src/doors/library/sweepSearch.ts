/** The steps of a search over a design space; how they are driven and where points are evaluated is the caller's. */
import { type Neighbour, neighboursOf, sensitivity } from '../../studies/sweep/sensitivity.ts';
import { type Digits, digitsOf, latticeSize, shareBefore } from '../../studies/sweep/space.ts';
import { type Reranking, rerank, survey } from '../../studies/sweep/survey.ts';
import { allDigits, countOf, type Evaluations, evaluationsFor, type Sweep } from '../../studies/sweep/sweep.ts';
import { modelName, ownModel, reranksOf } from '../../studies/sweep/sweepSpec.ts';
import type { Findings } from '../../views/report/sweepReport.ts';
import type { JobProgress } from './drive.ts';

/** Evaluates what is not known yet. */
export type Evaluate = (model: string, needed: Evaluations) => Promise<void>;

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

/** Searches; `needed` is what all points need. */
export async function search(sweep: Sweep, needed: Evaluations, evaluate: Evaluate, driver: Driver): Promise<Findings> {
  const { spec, space } = sweep;
  const model = ownModel(spec);
  const costs = sweep.costs(model);
  const price = async (by: string, points: readonly Digits[]): Promise<void> => {
    const own = await driver(evaluationsFor(sweep, by, points), (seen) => ({
      share: seen / points.length,
      text: `${seen} of ${points.length} points seen`,
    }));
    await evaluate(by, own);
  };
  await evaluate(model, needed);
  const most = Math.max(1, ...reranksOf(spec).map(({ top }) => top));
  const surveyed = await drivePass(sweep, driver, (digits) => survey(space, costs, spec.objectives, most, digits));
  const best = surveyed.best.map(({ index }) => digitsOf(space.axes, index));
  const centre = sweep.centre ?? best[0];
  const neighbours =
    centre === undefined
      ? []
      : await driver(neighbourhood(sweep, centre), (found) => ({ share: 0, text: `${found} neighbours found` }));
  await price(
    model,
    neighbours.map(({ digits }) => digits),
  );
  const rerankings: Reranking[] = [];
  for (const again of reranksOf(spec)) {
    const by = modelName(again);
    await price(by, best.slice(0, again.top));
    rerankings.push(rerank(space, by, sweep.costs(by), spec.objectives[0]!, surveyed.best.slice(0, again.top)));
  }
  return {
    evaluations: countOf(needed),
    survey: surveyed,
    sensitivity: centre === undefined ? [] : sensitivity(space, costs, neighbours),
    rerankings,
  };
}
