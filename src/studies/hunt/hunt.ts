/**
 * A hunt: many searches from random starts, shared out among the operations, then the worst of what they found made as
 * small as it gets. What comes out depends on the seed alone, not on who runs which search, nor in which order.
 */
import type { Formula } from '../../model/formulas/formula.ts';
import type { Assumptions } from '../../model/schedule/assumptions.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import type { HuntBounds } from '../../model/schemas/huntBounds.ts';
import { spansOf } from './bounds.ts';
import { domainOf } from './domain.ts';
import { type CaseInput, inputOf } from './huntCase.ts';
import { type HuntedOperation, huntedOperations } from './operations.ts';
import { type Found, type SearchResult, searchFrom } from './search.ts';
import { shrunk } from './shrink.ts';
import { type HuntSpace, spaceOf } from './space.ts';
import { badness, type Side, type Trial } from './verdict.ts';

/** What is hunted, in plain data. */
export interface HuntSpec {
  readonly column: string;
  readonly assumptions: Assumptions;
  /** How far a formula may be off, as a share of the machine's figure. */
  readonly tolerance: number;
  readonly side: Side;
  readonly seed: string;
  /** How many cases the machine runs, shrinking left out. */
  readonly cases: number;
  /** The operations by their names; all unless given. */
  readonly operations?: readonly string[] | undefined;
  readonly bounds: Pick<HuntBounds, 'numbers' | 'where'>;
  /** A hardware of the user's, which then does not vary. */
  readonly hardware?: Hardware | undefined;
}

/** What a search of a hunt is about. */
interface Start {
  readonly space: HuntSpace;
  readonly seed: string;
  readonly cases: number;
}

/** Searches with one operation: convs and gemms have more numbers, and formulas more to say of them. */
const SEARCHES = { conv: 32, gemm: 12 } as const satisfies Partial<Record<HuntedOperation['op'], number>>;

/** Of one operation, how wrong the formula was at most. */
export interface WorstOfOperation {
  readonly operation: HuntedOperation;
  readonly cases: number;
  readonly worst: Found | undefined;
}

/** What a hunt has found. */
export interface HuntFindings {
  readonly operations: readonly WorstOfOperation[];
  /** The worst case of all, if the formula is off there by more than the tolerance, and what is left of it. */
  readonly prey: Prey | undefined;
}

/** A case that breaks a formula. */
export interface Prey {
  readonly operation: HuntedOperation;
  readonly first: Found;
  readonly smallest: Found;
  readonly input: CaseInput;
}

/** A hunt that is ready. */
export class Hunt {
  private readonly trial: Trial;
  private readonly spec: HuntSpec;
  private readonly starts: readonly Start[];
  private readonly spaces: readonly HuntSpace[];

  constructor(formula: Formula, spec: HuntSpec) {
    const { column, assumptions, side, operations, bounds } = spec;
    this.trial = { formula, column, assumptions, side, domain: domainOf(bounds.where, 'bounds') };
    const spans = spansOf(bounds, assumptions);
    this.spec = spec;
    const asked = huntedOperations().filter(({ op }) => operations === undefined || operations.includes(op));
    this.spaces = asked.map((operation) => spaceOf(operation, spans, spec.hardware !== undefined));
    this.starts = this.startsOf();
  }

  private startsOf(): Start[] {
    const counts = this.spaces.map(({ operation: { op } }) => (op in SEARCHES ? SEARCHES[op as 'conv' | 'gemm'] : 2));
    const all = counts.reduce((sum, count) => sum + count, 0);
    const cases = Math.max(1, Math.ceil(this.spec.cases / all));
    return this.spaces.flatMap((space, place) =>
      Array.from({ length: counts[place]! }, (_, start) => ({
        space,
        seed: `${this.spec.seed}/${space.operation.op}/${start}`,
        cases,
      })),
    );
  }

  /** How many searches there are. */
  get searches(): number {
    return this.starts.length;
  }

  /** Runs one of them. */
  search(place: number): SearchResult {
    const { space, seed, cases } = this.starts[place]!;
    return searchFrom(seed, cases, this.trial, space, this.spec.hardware);
  }

  /** The worst of each operation, of the results of all searches in their order. */
  worstOf(results: readonly SearchResult[]): WorstOfOperation[] {
    return this.spaces.map((space) => {
      const own = results.filter((_, place) => this.starts[place]!.space === space);
      const worst = own.reduce<Found | undefined>((most, { worst: each }) => this.worseOf(most, each), undefined);
      return { operation: space.operation, cases: own.reduce((sum, { cases }) => sum + cases, 0), worst };
    });
  }

  /** Makes the worst case of all as small as it gets; yields it after each case tried. */
  *findings(results: readonly SearchResult[]): Generator<Found, HuntFindings> {
    const operations = this.worstOf(results);
    const { tolerance, hardware } = this.spec;
    const first = operations.reduce<Found | undefined>((most, { worst }) => this.worseOf(most, worst), undefined);
    if (first === undefined || badness(first.error, this.spec.side) <= tolerance)
      return { operations, prey: undefined };
    const space = this.spaces[operations.findIndex(({ worst }) => worst === first)]!;
    const smallest = yield* shrunk(first, tolerance, this.trial, space, hardware);
    const input = inputOf(space, smallest.point, hardware);
    return { operations, prey: { operation: space.operation, first, smallest, input } };
  }

  /** The one at which the formula is more wrong; the first of two alike. */
  private worseOf(a: Found | undefined, b: Found | undefined): Found | undefined {
    if (a === undefined || b === undefined) return a ?? b;
    const { side } = this.spec;
    return badness(b.error, side) > badness(a.error, side) ? b : a;
  }
}
