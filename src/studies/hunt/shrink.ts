/** The smallest case at which a formula is still wrong: each number as near to its least as it can be. */
import type { Hardware } from '../../model/schemas/hardware.ts';
import { caseOf, repaired } from './huntCase.ts';
import { type Found, tried } from './search.ts';
import { type HuntSpace, IS_TILED, type Point, TILE_SIDES } from './space.ts';
import { badness, type Trial } from './verdict.ts';

/** The same case with the generator's tile in its file; undefined where no tile can be given, or the file has one. */
function withOwnTile({ point }: Found, trial: Trial, space: HuntSpace, hardware?: Hardware): Found | undefined {
  const { tile } = space.operation;
  const drawn = tile === undefined || point[IS_TILED] === 1 ? undefined : caseOf(space, point, hardware);
  if (tile === undefined || drawn === undefined || space.spans[IS_TILED]!.most < 1) return undefined;
  const own: Readonly<Record<string, number>> = { ...drawn.layer.tile };
  const sides = Object.keys(TILE_SIDES[tile]).map((side) => [side, own[side.slice(2)]!] as const);
  return tried(trial, space, repaired(space, { ...point, ...Object.fromEntries(sides), [IS_TILED]: 1 }), hardware);
}

/** How large a point is: every step makes it smaller, so that shrinking ends. */
function sizeOf({ names, spans }: HuntSpace, point: Point): number {
  return names.reduce((sum, name) => sum + point[name]! - spans[name]!.least, 0);
}

/** Values between a number's least and itself, nearest to the least first: the least, halves of the rest, one less. */
function smaller(value: number, least: number): number[] {
  const values = new Set<number>([least]);
  for (let gap = value - least; gap > 1; gap = Math.floor(gap / 2)) values.add(value - Math.floor(gap / 2));
  values.add(value - 1);
  return [...values].filter((each) => each >= least && each < value);
}

/** The changes to try: each number by itself, then pairs of them that may hold each other. */
function* changes({ names: all, spans }: HuntSpace, point: Point): Generator<Point> {
  const names = all.filter((name) => name !== IS_TILED);
  for (const name of names) {
    for (const value of smaller(point[name]!, spans[name]!.least)) yield { ...point, [name]: value };
  }
  for (const [place, first] of names.entries()) {
    for (const second of names.slice(place + 1)) {
      const [a, b] = [point[first]!, point[second]!];
      const [leastA, leastB] = [spans[first]!.least, spans[second]!.least];
      if (a === leastA || b === leastB) continue;
      yield { ...point, [first]: Math.max(leastA, Math.ceil(a / 2)), [second]: Math.max(leastB, Math.ceil(b / 2)) };
      yield { ...point, [first]: a - 1, [second]: b - 1 };
    }
  }
}

/**
 * Makes a case smaller for as long as the formula is off on the same side by more than the tolerance, a share of the
 * machine's figure; yields after each case that it has tried. No single number, and no two together, can be made smaller in the result.
 */
export function* shrunk(
  found: Found,
  tolerance: number,
  trial: Trial,
  space: HuntSpace,
  hardware?: Hardware,
): Generator<Found, Found> {
  // What is too high stays so: the other side would be another error.
  const side = found.error > 0 ? 'over' : 'under';
  const breaks = (next: Found | undefined): next is Found =>
    next !== undefined && badness(next.error, side) > tolerance;
  // A tile that stands in the file can be made smaller by itself.
  const tiled = withOwnTile(found, trial, space, hardware);
  let smallest = breaks(tiled) ? tiled : found;
  for (let isSmaller = true; isSmaller; ) {
    isSmaller = false;
    for (const change of changes(space, smallest.point)) {
      const point = repaired(space, change);
      if (sizeOf(space, point) >= sizeOf(space, smallest.point)) continue;
      const next = tried(trial, space, point, hardware);
      yield smallest;
      if (!breaks(next)) continue;
      smallest = next;
      isSmaller = true;
      break;
    }
  }
  if (smallest.point[IS_TILED] !== 1) return smallest;
  // If the generator's tile does as well, the file need not have one.
  const generated = tried(trial, space, repaired(space, { ...smallest.point, [IS_TILED]: 0 }), hardware);
  return breaks(generated) ? generated : smallest;
}
