/**
 * The functional verification: a random small layer of any operation runs on the machine with real data, and what is
 * in DRAM at the end must be what a direct computation gives. So no tile is missed, doubled, stale or read too early.
 */
import type seedrandom from 'seedrandom';
import { choose } from '../../model/engine/random.ts';
import { SIMD_OPERATIONS, type SimdOp } from '../../model/operations/simdTable.ts';
import { type DrawnCase, runCase } from './drawnCase.ts';
import { drawSaCase, SA_OPERATIONS, type SaOperationName } from './saCase.ts';
import { drawSimdCase } from './simdCase.ts';

const SIMD_OPS = Object.keys(SIMD_OPERATIONS) as SimdOp[];

/** What cases are counted by. */
export const FUNCTIONAL_OPERATIONS: readonly string[] = [...SA_OPERATIONS, ...SIMD_OPS];

const isSaOperation = (name: SaOperationName | SimdOp): name is SaOperationName =>
  (SA_OPERATIONS as readonly string[]).includes(name);

/** A random case; half of them run on the systolic array, where loop orders and psums give more to go wrong. */
export function drawFunctionalCase(random: seedrandom.PRNG): DrawnCase {
  const operation = choose<SaOperationName | SimdOp>(random, random() < 0.5 ? SA_OPERATIONS : SIMD_OPS);
  return isSaOperation(operation) ? drawSaCase(random, operation) : drawSimdCase(random, operation);
}

/** Runs one random case; returns undefined or what is wrong, with the case's parameters. */
export function functionalCase(random: seedrandom.PRNG): string | undefined {
  return runCase(drawFunctionalCase(random));
}
