/** Searches for the number at which something changes. What they return was tried, and so was its neighbour. */
import type { Trying } from './trials.ts';

/**
 * The first of 1, 2, 3, … for which `holds` fails: steps double until one does, then the gap is halved. So it holds for
 * the number before it; undefined if it holds up to `most`.
 */
export function firstFailing(holds: (value: number) => boolean, most: number): number | undefined {
  if (most < 1) return undefined;
  let good = 0;
  let bad = 1;
  while (holds(bad)) {
    good = bad;
    if (bad >= most) return undefined;
    bad = Math.min(2 * bad, most);
  }
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (holds(middle)) good = middle;
    else bad = middle;
  }
  return bad;
}

/**
 * The smallest whole number above `without` for which `holds`, if it then holds for all that are larger: the number
 * doubles until it does, then the gap is halved. It holds for the result and not for the number before; undefined if it
 * does not up to `most`.
 */
export function* smallestHolding(
  holds: (value: number) => Trying<boolean>,
  without: number,
  most: number,
): Trying<number | undefined> {
  let bad = Math.floor(without);
  for (let good = 2 * Math.max(bad, 1); good <= most; good *= 2) {
    if (yield* holds(good)) return yield* halve(holds, bad, good);
    bad = good;
  }
  return undefined;
}

/** The smallest whole number for which something holds, between one for which it does not and one for which it does. */
export function* halve(holds: (value: number) => Trying<boolean>, bad: number, good: number): Trying<number> {
  while (good - bad > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (yield* holds(middle)) good = middle;
    else bad = middle;
  }
  return good;
}
