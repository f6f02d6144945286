/**
 * What a formula lacks where it is wrong: the one thing that the machine does, and that comes nearest to making up the
 * difference. Candidates are the rungs of the ladder (what the formula says may be what an earlier step says), the causes
 * for which the unit waited, all of them together, and the filling of its pipeline.
 */
import type { SimulatedResult } from '../../model/machine/statistics.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { differencesOf, type LadderStep, type LayerLadder } from './ladder.ts';
import { stepInWords } from './ladderWords.ts';

/** What makes up, or comes nearest to making up, the difference between the machine and a formula. */
export interface Lack {
  /**
   * `step`: the formula says about what an earlier step of the ladder says; `waiting`: it leaves out a cause of waiting;
   * `waits`: all of them; `fill`: the pipeline's filling; `none`: nothing of that makes up half of the difference.
   */
  readonly kind: 'step' | 'waiting' | 'waits' | 'fill' | 'none';
  /** The step that adds most, or the cause. */
  readonly name: string;
  /** Cycles that it adds to the machine's; negative where it takes some away. */
  readonly cycles: number;
  /** The part of the difference that it makes up. */
  readonly share: number;
  readonly words: string;
}

const cyclesInWords = (cycles: number): string => `${Math.round(cycles).toLocaleString('en-US')} cycles`;

function waitingCandidates({ waiting, stallCycles, fillCycles }: SimulatedResult): Omit<Lack, 'share'>[] {
  const causes = Object.entries(waiting).filter(([, cycles]) => cycles > 0);
  return [
    ...causes.map(([name, cycles]) => ({
      kind: 'waiting' as const,
      name,
      cycles,
      words: `the machine waits ${cyclesInWords(cycles)} for ${name}`,
    })),
    ...(causes.length > 1
      ? [
          {
            kind: 'waits' as const,
            name: 'all waits',
            cycles: stallCycles,
            words: `the machine waits ${cyclesInWords(stallCycles)} in all`,
          },
        ]
      : []),
    ...(fillCycles > 0
      ? [
          {
            kind: 'fill' as const,
            name: 'fill',
            cycles: fillCycles,
            words: `${cyclesInWords(fillCycles)} fill the pipeline`,
          },
        ]
      : []),
  ];
}

/** What all steps behind one add, told by the one that adds most. */
function stepCandidates(ladder: LayerLadder, steps: readonly LadderStep[], hardware: Hardware): Omit<Lack, 'share'>[] {
  const { cycles } = ladder;
  const differences = differencesOf(cycles);
  const last = cycles.at(-1)!;
  return steps.slice(0, -1).flatMap(({ name: from }, place) => {
    const rest = last - cycles[place]!;
    if (rest === 0) return [];
    let most = place + 1;
    for (let step = most; step < steps.length; step++) {
      if (Math.abs(differences[step]!) > Math.abs(differences[most]!)) most = step;
    }
    const { name } = steps[most]!;
    const words = `as the step ${from} has it; ${stepInWords(name, ladder, differences[most]!, hardware)}`;
    return [{ kind: 'step' as const, name, cycles: rest, words }];
  });
}

/** What the machine does with its time, for a reader who compares it with what the formula counts. */
function whatItDoes({ computeCycles, fillCycles, stallCycles, waiting, interfaceBusyCycles }: SimulatedResult): string {
  const longestOf = (cycles: Readonly<Record<string, number>>): [string, number] =>
    Object.entries(cycles).reduce((longest, each) => (each[1] > longest[1] ? each : longest));
  const [cause, waited] = longestOf(waiting);
  const [name, busy] = longestOf(interfaceBusyCycles);
  return [
    `the machine computes ${cyclesInWords(computeCycles)} (${cyclesInWords(fillCycles)} to fill)`,
    `waits ${cyclesInWords(stallCycles)}${waited > 0 ? ` (${cyclesInWords(waited)} for ${cause})` : ''}`,
    `and its busiest interface, ${name}, moves data for ${cyclesInWords(busy)}`,
  ].join(', ');
}

const LEAST_SHARE = 0.5;

/**
 * What a formula lacks that predicts so many cycles for a layer. `ladder` ends with the machine that it is compared with,
 * of which `simulated` is the result; without one only waits and filling are looked at.
 */
export function lackOf(
  predicted: number,
  simulated: SimulatedResult,
  ladder: { readonly of: LayerLadder; readonly steps: readonly LadderStep[]; readonly hardware: Hardware } | undefined,
): Lack {
  const difference = simulated.totalCycles - predicted;
  const steps = ladder === undefined ? [] : stepCandidates(ladder.of, ladder.steps, ladder.hardware);
  const candidates = [...steps, ...waitingCandidates(simulated)];
  const gapOf = ({ cycles }: Omit<Lack, 'share'>): number => Math.abs(difference - cycles);
  const nearest = candidates.reduce<Omit<Lack, 'share'> | undefined>(
    (best, each) => (best === undefined || gapOf(each) < gapOf(best) ? each : best),
    undefined,
  );
  const share = nearest === undefined ? 0 : 1 - gapOf(nearest) / Math.abs(difference);
  if (nearest !== undefined && share >= LEAST_SHARE) return { ...nearest, share };
  return { kind: 'none', name: 'none alone', cycles: 0, share: 0, words: whatItDoes(simulated) };
}
