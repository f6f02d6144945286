/** The paper's SIMD latencies, for inputs that carry none of their own (MODEL.md §1). */
import type { Hardware } from './hardware.ts';

const shared = { add: 1, sub: 1, mul: 1, max: 1, exp: 3, condMove: 1, min: 1, mac: 1 };

/** Cycles per operation: fixed point in inference, floating point in training. */
export const ALU_CYCLES: Readonly<Record<'inference' | 'training', Hardware['aluCycles']>> = {
  inference: { ...shared, div: 9, invSqrt: 13 },
  training: { ...shared, div: 5, invSqrt: 11 },
};

/** The clock periods that the paper's tables imply, in picoseconds (MODEL.md §5). */
export const CLOCK_PICOSECONDS = { inference: 965, training: 1220 } as const;
