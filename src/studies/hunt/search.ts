/** One search from a random start: the points that are most wrong so far have descendants, the others die out. */

import seedrandom from 'seedrandom';
import { choose } from '../../model/engine/random.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { drawPoint, mutated } from './draw.ts';
import { caseOf } from './huntCase.ts';
import type { HuntSpace, Point } from './space.ts';
import { badness, type Trial, type Verdict, verdictOn } from './verdict.ts';

/** A point and how wrong the formula is there. */
export interface Found extends Verdict {
  readonly point: Point;
}

/** What a search has come to. */
export interface SearchResult {
  /** Cases that the machine has run. */
  readonly cases: number;
  /** Where the formula was most wrong; undefined where it says nothing of the operation. */
  readonly worst: Found | undefined;
}

/** So many live at a time. */
const POPULATION = 6;
/** A share of the points is drawn anew, so that a search does not stay where it began. */
const DRAWN_ANEW = 0.15;
/** Points in a row that cannot run, or of which the formula says nothing, after which there is nothing to find. */
const MOST_IN_VAIN = 200;

/** How wrong a formula is at a point; undefined where the case cannot run or the formula says nothing of it. */
export function tried(trial: Trial, space: HuntSpace, point: Point, hardware?: Hardware): Found | undefined {
  const drawn = caseOf(space, point, hardware);
  const verdict = drawn && verdictOn(trial, drawn);
  return verdict && { ...verdict, point };
}

/** Searches with `cases` cases. The same seed gives the same result. */
export function searchFrom(
  seed: string,
  cases: number,
  trial: Trial,
  space: HuntSpace,
  hardware?: Hardware,
): SearchResult {
  const random = seedrandom(seed);
  /** Whether the first is more wrong than the second. */
  const isWorse = (a: Found, b: Found): boolean => badness(a.error, trial.side) > badness(b.error, trial.side);
  const living: Found[] = [];
  let [run, inVain] = [0, 0];
  while (run < cases && inVain < MOST_IN_VAIN) {
    const isDrawn = living.length < POPULATION || random() < DRAWN_ANEW;
    const point = isDrawn ? drawPoint(random, space) : mutated(random, space, choose(random, living).point);
    const found = tried(trial, space, point, hardware);
    if (found === undefined) {
      inVain++;
      continue;
    }
    inVain = 0;
    run++;
    living.push(found);
    if (living.length <= POPULATION) continue;
    let mildest = 0;
    for (let place = 1; place < living.length; place++) if (isWorse(living[mildest]!, living[place]!)) mildest = place;
    living.splice(mildest, 1);
  }
  const worst = living.reduce<Found | undefined>(
    (most, each) => (most && !isWorse(each, most) ? most : each),
    undefined,
  );
  return { cases: run, worst };
}
