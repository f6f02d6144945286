/** The least value that is met at every two values of two parameters, all others as they please: what heat maps show. */
import type { Axis, Digits } from './space.ts';

/** No plot shows more cells. */
const MOST_CELLS = 10_000;
/** Pairs of more axes would take longer than what is searched. */
const MOST_AXES = 32;

interface Pair {
  readonly a: number;
  readonly b: number;
  readonly width: number;
  readonly least: Float64Array;
}

/** A cell of a pair: the digits of its two values. */
export interface Cell {
  readonly a: number;
  readonly b: number;
  readonly least: number;
}

export interface PairMinima {
  readonly offer: (digits: Digits, value: number) => void;
  /** The cells of two axes at which there is a point; undefined where there are too many to show. */
  readonly cellsOf: (a: number, b: number) => Cell[] | undefined;
}

/** The minima of all pairs of axes; none has been offered yet. */
export function pairMinima(axes: readonly Axis[]): PairMinima {
  const varying = axes.flatMap(({ values }, place) => (values.length > 1 ? [place] : [])).slice(0, MOST_AXES);
  const pairs = varying.flatMap((a) =>
    varying.flatMap((b): Pair[] => {
      const [height, width] = [axes[a]!.values.length, axes[b]!.values.length];
      if (b <= a || height * width > MOST_CELLS) return [];
      return [{ a, b, width, least: new Float64Array(height * width).fill(Number.POSITIVE_INFINITY) }];
    }),
  );
  return {
    offer: (digits, value) => {
      for (let i = 0; i < pairs.length; i++) {
        const { a, b, width, least } = pairs[i]!;
        const cell = digits[a]! * width + digits[b]!;
        if (value < least[cell]!) least[cell] = value;
      }
    },
    cellsOf: (a, b) => {
      const pair = pairs.find((each) => each.a === a && each.b === b);
      if (pair === undefined) return undefined;
      const cells = Array.from(pair.least, (least, cell) => ({
        a: Math.floor(cell / pair.width),
        b: cell % pair.width,
        least,
      }));
      return cells.filter(({ least }) => least < Number.POSITIVE_INFINITY);
    },
  };
}

/** Keeps at most so many items, evenly among all that are offered: every item at first, then every second, fourth, … */
export function evenSample<Item>(most: number): {
  readonly items: () => readonly Item[];
  readonly offer: (item: Item) => void;
} {
  let items: Item[] = [];
  let step = 1;
  let seen = 0;
  return {
    items: () => items,
    offer: (item) => {
      if (seen++ % step !== 0) return;
      items.push(item);
      if (items.length <= most) return;
      items = items.filter((_, place) => place % 2 === 0);
      step *= 2;
    },
  };
}
