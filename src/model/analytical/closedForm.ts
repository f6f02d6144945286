/** The paper's closed form for any layer, and figure 5's two naive estimates. */
import { expectExactResult } from '../layers/exactness.ts';
import type { Layer } from '../layers/layer.ts';
import type { Cycles, Result } from '../layers/result.ts';
import { type Hardware, usableWeightBitsPerCycle } from '../schemas/hardware.ts';
import { convClosedForm, convCycles } from './conv.ts';
import type { Variant } from './multipliers.ts';
import { simdClosedForm, simdCycles } from './simd.ts';

/**
 * All columns of a layer, by the closed form in the variant asked for. Throws a BeyondExactness for a figure beyond 2⁵³.
 */
export function closedForm(layer: Layer, hardware: Hardware, variant: Variant): Result {
  const result =
    layer.unit === 'SA' ? convClosedForm(layer, hardware, variant) : simdClosedForm(layer, hardware, variant);
  expectExactResult(layer.name, result);
  return result;
}

/** A layer's cycles alone, by the same equations: all that a search for the fastest hardware needs. */
export function closedFormCycles(layer: Layer, hardware: Hardware, variant: Variant): Cycles {
  return layer.unit === 'SA' ? convCycles(layer, hardware, variant) : simdCycles(layer, hardware, variant);
}

/** Figure 5's estimates of total cycles. */
export interface NaiveEstimates {
  /** Compute cycles alone: double buffering hides everything. */
  readonly noStallCycles: number;
  /** The largest of compute, weight + bias, ifmap and psum + ofmap time, each summed over the layer. */
  readonly simplifiedCycles: number;
}

/** The naive estimates that go with a closed-form result of a layer. SIMD data all pass the VMem interface. */
export function naiveEstimates(layer: Layer, hardware: Hardware, result: Result): NaiveEstimates {
  const { dramBits, computeCycles } = result;
  const { bitsPerCycle } = hardware;
  const transfers =
    layer.unit === 'SA'
      ? [
          (dramBits.weight + dramBits.bias) / usableWeightBitsPerCycle(hardware),
          dramBits.ifmap / bitsPerCycle.ifmap,
          (dramBits.psum + dramBits.ofmap) / bitsPerCycle.psum,
        ]
      : [(dramBits.ifmap + dramBits.ofmap) / bitsPerCycle.vmem];
  return { noStallCycles: computeCycles, simplifiedCycles: Math.max(computeCycles, ...transfers.map(Math.ceil)) };
}
