/** Many random cases of each kind, each with a seed of its own, and the count of what failed. */
import seedrandom from 'seedrandom';
import { CORRUPTIONS, type CorruptionName } from './corruptions.ts';
import { runCase } from './drawnCase.ts';
import { drawFunctionalCase } from './functionalCase.ts';
import { drawFusedCase } from './fusedCase.ts';
import { peArrayCase } from './peArrayCase.ts';
import { simdPipelineCase } from './simdPipelineCase.ts';

/** The PE array cycle by cycle, the SIMD pipeline cycle by cycle, and real data through the whole machine: layers, groups. */
export const KINDS = ['pe-array', 'simd-pipeline', 'functional', 'fused'] as const;
export type Kind = (typeof KINDS)[number];

/** Failures whose words are kept, of each kind. */
const MOST_FAILURES_IN_WORDS = 20;

export interface VerificationPlan {
  /** Any text. */
  readonly seed: string;
  /** Of each kind. */
  readonly cases: number;
  readonly kinds: readonly Kind[];
  /** Run only the case of this index, counted from 0. */
  readonly only?: number | undefined;
  /** Break the cases with real data on purpose. */
  readonly corruption?: CorruptionName | undefined;
}

export interface Tally {
  cases: number;
  failures: number;
}

export interface Failure {
  readonly kind: Kind;
  /** Identifies the case, with the seed and the kind. */
  readonly index: number;
  readonly operation: string;
  readonly message: string;
}

export interface Verification {
  readonly plan: VerificationPlan;
  readonly tallies: ReadonlyMap<Kind, ReadonlyMap<string, Tally>>;
  /** The first failures of each kind. */
  readonly failures: readonly Failure[];
}

/** How far a verification has come. */
export interface VerificationProgress {
  readonly done: number;
  readonly cases: number;
  readonly kind: Kind;
}

interface CaseOutcome {
  readonly operation: string;
  readonly failure: string | undefined;
}

/** Cases that are not counted by operation. */
const ANY_TILE = 'random tile';

function runOne(kind: Kind, random: seedrandom.PRNG, corruption: CorruptionName | undefined): CaseOutcome {
  switch (kind) {
    case 'pe-array':
      return { operation: ANY_TILE, failure: peArrayCase(random) };
    case 'simd-pipeline':
      return { operation: ANY_TILE, failure: simdPipelineCase(random) };
    case 'functional':
    case 'fused': {
      const drawn = kind === 'fused' ? drawFusedCase(random) : drawFunctionalCase(random);
      return { operation: drawn.operation, failure: runCase(drawn, corruption && CORRUPTIONS[corruption]) };
    }
  }
}

/** The generator of one case: the same seed, kind and index give the same case. */
export function caseRandom(seed: string, kind: Kind, index: number): seedrandom.PRNG {
  return seedrandom.alea(`${seed} ${kind} ${index}`);
}

/** Runs all cases of a plan; yields progress and returns the counts. */
export function* verify(plan: VerificationPlan): Generator<VerificationProgress, Verification> {
  const { seed, cases, kinds, only, corruption } = plan;
  const first = only ?? 0;
  const casesOfKind = only === undefined ? cases : 1;
  const tallies = new Map<Kind, Map<string, Tally>>();
  const failures: Failure[] = [];
  for (const [place, kind] of kinds.entries()) {
    const tally = new Map<string, Tally>();
    tallies.set(kind, tally);
    let failed = 0;
    for (let index = first; index < first + casesOfKind; index++) {
      yield { done: place * casesOfKind + index - first, cases: kinds.length * casesOfKind, kind };
      const { operation, failure } = runOne(kind, caseRandom(seed, kind, index), corruption);
      const counts = tally.get(operation) ?? { cases: 0, failures: 0 };
      tally.set(operation, counts);
      counts.cases++;
      if (failure === undefined) continue;
      counts.failures++;
      if (++failed <= MOST_FAILURES_IN_WORDS) failures.push({ kind, index, operation, message: failure });
    }
  }
  return { plan, tallies, failures };
}
