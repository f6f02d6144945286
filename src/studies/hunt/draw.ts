/** Points of a hunt's space: drawn, and changed where formulas tend to go wrong, at the edges of tiles. */
import type seedrandom from 'seedrandom';
import { choose, integer } from '../../model/engine/random.ts';
import { repaired } from './huntCase.ts';
import { type HuntSpace, IS_TILED, ORDER, type Point, type Span, TILE_SIDES } from './space.ts';

type Random = seedrandom.PRNG;

/** A whole number from a span, small ones as likely as large ones. */
function drawn(random: Random, { least, most }: Span): number {
  if (least >= most) return least;
  const [from, to] = [Math.log(least + 1), Math.log(most + 2)];
  return Math.min(most, Math.floor(Math.exp(from + random() * (to - from))) - 1);
}

/** Of which size each side of a tile is a part. */
function sizesOfSides({ operation: { tile } }: HuntSpace): Readonly<Record<string, string>> {
  return tile === undefined ? {} : TILE_SIDES[tile];
}

/** A side of a tile: the whole size, a part of it that leaves a rest or none, or one more array full. */
function drawnSide(random: Random, size: number): number {
  const parts = integer(random, 1, 4);
  return Math.max(
    1,
    choose(random, [size, Math.ceil(size / parts), Math.floor(size / parts), integer(random, 1, size)]),
  );
}

/** A random point. */
export function drawPoint(random: Random, space: HuntSpace): Point {
  const sides = sizesOfSides(space);
  const point: Record<string, number> = {};
  for (const name of space.names) {
    const size = sides[name];
    if (size !== undefined) point[name] = drawnSide(random, point[size] ?? 1);
    // Half of the time the order is the paper's.
    else if (name === ORDER && random() < 0.5) point[name] = space.spans[name]!.least;
    else point[name] = drawn(random, space.spans[name]!);
  }
  return repaired(space, point);
}

/** The number of a point changed: a little, by a factor, to where another number makes it the edge of a tile. */
function changed(random: Random, space: HuntSpace, point: Record<string, number>, name: string): number {
  const value = point[name]!;
  const span = space.spans[name]!;
  const sides = sizesOfSides(space);
  if (name === IS_TILED) return 1 - value;
  if (name === ORDER) return random() < 0.3 ? span.least : drawn(random, span);
  if (sides[name] !== undefined)
    return random() < 0.5 ? drawnSide(random, point[sides[name]] ?? 1) : value + choose(random, [-1, 1]);
  const side = Object.keys(sides).find((each) => sides[each] === name);
  const edge =
    side !== undefined && point[IS_TILED] === 1
      ? point[side]! * integer(random, 1, 4) + integer(random, -1, 1)
      : value + 1;
  return choose(random, [
    ...[value + 1, value - 1, 2 * value, Math.ceil(value / 2)],
    ...[edge, edge, span.least, Math.min(span.most, 4 * value), drawn(random, span), drawn(random, span)],
  ]);
}

/** A point near another: one to three of its numbers are changed. */
export function mutated(random: Random, space: HuntSpace, from: Point): Point {
  const point: Record<string, number> = { ...from };
  for (let changes = choose(random, [1, 1, 1, 2, 2, 3]); changes > 0; changes--) {
    const name = choose(random, space.names);
    point[name] = changed(random, space, point, name);
  }
  return repaired(space, point);
}
