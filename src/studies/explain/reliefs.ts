/** What holds a layer up: what it would gain from twice as much of each thing that it depends on, tried one by one. */
import { takenWeightBitsPerCycle } from '../../model/schemas/hardware.ts';
import {
  amountOf,
  isInterface,
  type ResourceName,
  refusalOf,
  resourcesOf,
  withAmount,
  withTimes,
} from './resources.ts';
import { smallestHolding } from './search.ts';
import { type Retile, tryRetile } from './tileLevers.ts';
import type { Point, StagePart, Trials, Tried, Trying } from './trials.ts';

/** One resource, or two together. */
export type Resources = readonly ResourceName[];

/** What twice as much of something is worth. */
export interface Relief {
  readonly resources: Resources;
  /** How much there is of each. */
  readonly amounts: readonly number[];
  /** With twice as much, the tile chosen anew where the array grows; undefined where that cannot be. */
  readonly doubledCycles: number | undefined;
  /** Why it cannot. */
  readonly refusal: string | undefined;
  /** Cycles that it saves; 0 where it cannot be. */
  readonly worthCycles: number;
}

/** The layer with more of something. */
export interface Turn {
  readonly amounts: readonly number[];
  readonly cycles: number;
}

/** What is worth most, and how long it stays so. */
export interface Bottleneck {
  readonly relief: Relief;
  /** From here on something else is worth more, and a percent: to the bit per cycle, all but bandwidth in powers of two. */
  readonly movesAt: (Turn & { readonly to: Resources; readonly toWorthCycles: number }) | undefined;
  /** Where it is no bandwidth: twice as much, four times, … as far as tried or possible. */
  readonly larger: readonly Turn[];
  /** Why `larger` ends, if not because all was tried. */
  readonly refusal: string | undefined;
}

/** A layer's reliefs, and which of them is the bottleneck. */
export interface Reliefs {
  /**
   * Largest worth first; last the weight interface with the rows, where those take no more than it brings. Where nothing
   * alone pays but two things together do, these come first.
   */
  readonly reliefs: readonly Relief[];
  /** Undefined where twice of nothing, nor of any two together, pays. */
  readonly bottleneck: Bottleneck | undefined;
}

/** Less than a percent of a layer's cycles is not worth a lever. */
const SMALLEST_SHARE = 0.01;
/** How much more of something is tried at most. */
export const MOST_TIMES = 1024;

const WEIGHT_AND_ROWS: Resources = ['weight', 'rows'];

/** What is done one after the other, as parts of the stage. */
const PARTS = {
  alone: { from: 0, to: 0.3, runs: 1 },
  capped: { from: 0.3, to: 0.35, runs: 1 },
  pairs: { from: 0.35, to: 0.6, runs: 1 },
  follow: { from: 0.6, to: 1, runs: 20 },
} as const satisfies Record<string, StagePart>;

/** Whether a change from one number of cycles to another pays. */
export function pays(from: number, to: number): boolean {
  return from - to >= SMALLEST_SHARE * from;
}

/** Tries reliefs of one layer or fused group. */
export class Relieving {
  private readonly tried: Tried;
  private readonly base: Point;
  private readonly trials: Trials;
  private readonly retile: Retile<Tried>;

  constructor(tried: Tried, base: Point, trials: Trials, retile: Retile<Tried>) {
    this.tried = tried;
    this.base = base;
    this.trials = trials;
    this.retile = retile;
  }

  /** Ranks all reliefs and follows the best until another is better. */
  *all(): Trying<Reliefs> {
    const { base } = this;
    const names = resourcesOf(this.tried, base, this.trials);
    const alone = yield* this.ranking(
      names.map((name) => [name]),
      PARTS.alone,
    );
    const cycles = (yield* this.cyclesAt(base))!;
    const isWorthIt = ({ worthCycles }: Relief): boolean => pays(cycles, cycles - worthCycles);
    // Where rows limit what the weight interface is good for, only both together tell what weights cost.
    const isCapped = names.includes('weight') && takenWeightBitsPerCycle(base.hardware) < 2 * amountOf(base, 'weight');
    const capped = isCapped ? yield* this.ranking([WEIGHT_AND_ROWS], PARTS.capped) : [];
    if (isWorthIt(alone[0]!)) {
      return { reliefs: [...alone, ...capped], bottleneck: yield* this.follow(alone[0]!) };
    }
    const pairs = names.flatMap((first, place) => names.slice(place + 1).map((second): Resources => [first, second]));
    const [best] = yield* this.ranking(pairs, PARTS.pairs);
    if (best === undefined || !isWorthIt(best)) return { reliefs: [...alone, ...capped], bottleneck: undefined };
    return { reliefs: [best, ...alone], bottleneck: yield* this.follow(best) };
  }

  private *ranking(candidates: readonly Resources[], part: StagePart): Trying<Relief[]> {
    const reliefs = yield* this.trials.each(candidates, part, (resources) => this.relief(resources));
    return reliefs.sort((a, b) => b.worthCycles - a.worthCycles);
  }

  private *relief(resources: Resources): Trying<Relief> {
    const doubled = withTimes(this.base, resources, 2);
    const doubledCycles = yield* this.cyclesAt(doubled);
    const refusal = doubledCycles === undefined ? (refusalOf(doubled) ?? 'no tile fits the buffers') : undefined;
    const amounts = resources.map((name) => amountOf(this.base, name));
    const worthCycles = yield* this.worth(this.base, resources);
    return { resources, amounts, doubledCycles, refusal, worthCycles };
  }

  /** The layer's cycles at a point, tiled for its array; undefined where there is no such point or no tile fits. */
  *cyclesAt(point: Point): Trying<number | undefined> {
    const { rows, columns } = point.hardware.array;
    const { array } = this.base.hardware;
    const isSameArray = rows === array.rows && columns === array.columns;
    const isBuilt = isSameArray && point.dram === this.base.dram;
    if (!isBuilt && refusalOf(point) !== undefined) return undefined;
    const tried = isSameArray ? this.tried : tryRetile(this.retile, point.hardware);
    return tried && (yield* this.trials.cycles(tried, point));
  }

  /** What twice as much of something saves at a point; 0 where there cannot be twice as much. */
  private *worth(point: Point, resources: Resources): Trying<number> {
    const doubled = yield* this.cyclesAt(withTimes(point, resources, 2));
    const cycles = yield* this.cyclesAt(point);
    return doubled === undefined || cycles === undefined ? 0 : cycles - doubled;
  }

  private *follow(relief: Relief): Trying<Bottleneck> {
    this.trials.begin(PARTS.follow);
    const [name, ...more] = relief.resources;
    return more.length === 0 && isInterface(name!)
      ? yield* this.followBandwidth(relief, name)
      : yield* this.followSizes(relief);
  }

  /** What could be relieved instead. */
  private others(point: Point, { resources }: Relief): Resources[] {
    return resourcesOf(this.tried, point, this.trials)
      .filter((name) => !resources.includes(name))
      .map((name) => [name]);
  }

  /** Something else that is worth more at a point, and worth a lever; what was so last time is asked first. */
  private *better(point: Point, relief: Relief, last: Resources | undefined): Trying<Resources | undefined> {
    const own = yield* this.worth(point, relief.resources);
    const cycles = (yield* this.cyclesAt(point))!;
    const isLast = (other: Resources): number => Number(other.join() === last?.join());
    for (const other of this.others(point, relief).sort((a, b) => isLast(b) - isLast(a))) {
      const worth = yield* this.worth(point, other);
      if (worth > own && pays(cycles, cycles - worth)) return other;
    }
    return undefined;
  }

  private *turn(point: Point, { resources }: Relief): Trying<Turn> {
    return {
      amounts: resources.map((name) => amountOf(point, name)),
      cycles: (yield* this.cyclesAt(point))!,
    };
  }

  /** The point where the bottleneck moves, with what is worth most there. */
  private *move(point: Point, relief: Relief): Trying<NonNullable<Bottleneck['movesAt']>> {
    let most: { to: Resources; toWorthCycles: number } | undefined;
    for (const to of this.others(point, relief)) {
      const toWorthCycles = yield* this.worth(point, to);
      if (most === undefined || toWorthCycles > most.toWorthCycles) most = { to, toWorthCycles };
    }
    return { ...(yield* this.turn(point, relief)), ...most! };
  }

  private *followBandwidth(relief: Relief, name: ResourceName): Trying<Bottleneck> {
    const { base } = this;
    const now = amountOf(base, name);
    let last: Resources | undefined;
    const better = this.better.bind(this);
    const hasMoved = function* (amount: number): Trying<boolean> {
      const found = yield* better(withAmount(base, name, amount), relief, last);
      last = found ?? last;
      return found !== undefined;
    };
    const amount = yield* smallestHolding(hasMoved, now, MOST_TIMES * now);
    const movesAt = amount === undefined ? undefined : yield* this.move(withAmount(base, name, amount), relief);
    return { relief, movesAt, larger: [], refusal: undefined };
  }

  private *followSizes(relief: Relief): Trying<Bottleneck> {
    const larger: Turn[] = [];
    let movesAt: Bottleneck['movesAt'];
    for (let times = 2; times <= MOST_TIMES; times *= 2) {
      const point = withTimes(this.base, relief.resources, times);
      if ((yield* this.cyclesAt(point)) === undefined) return { relief, movesAt, larger, refusal: refusalOf(point) };
      larger.push(yield* this.turn(point, relief));
      if (movesAt === undefined && (yield* this.better(point, relief, undefined)) !== undefined) {
        movesAt = yield* this.move(point, relief);
      }
    }
    return { relief, movesAt, larger, refusal: undefined };
  }
}
