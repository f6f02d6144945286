import { describe, expect, it } from 'vitest';
import { closedForm } from '../../src/model/analytical/closedForm.ts';
import { cornerCycles } from '../../src/model/analytical/corner.ts';
import { NO_WINDOW, type SimdLayer } from '../../src/model/layers/layer.ts';
import { Machine } from '../../src/model/machine/machine.ts';
import { PAPER } from '../../src/model/schedule/assumptions.ts';
import { hardwarePreset } from '../support/presets.ts';

/** A bias gradient of 16 channels over a batch of 8, in tiles of `n` images, on HT1 (K = 16, 128 bits per cycle). */
const biasGradient = (n: number): SimdLayer => ({
  unit: 'SIMD',
  name: 'bias-grad',
  op: 'reduce-sum',
  sizes: { c: 16, n: 8, h: 1, w: 1 },
  tile: { c: 16, n, h: 1, w: 1 },
  window: NO_WINDOW,
  bits: { input: 32, output: 32, psum: 32, weight: 1, bias: 1 },
});

describe('reduce-sum', () => {
  const hardware = hardwarePreset('HT1');

  it('equals the closed form while the batch is one tile', () => {
    // Load 8·16·32 bits at 128 a cycle: 32 cycles. 8 additions and 5 + 15 of fill: 28. Store 16·32 bits: 4.
    const simulated = new Machine(hardware).run(biasGradient(8), PAPER);
    expect([simulated.stallCycles, simulated.computeCycles]).toEqual([36, 28]);
    expect(closedForm(biasGradient(8), hardware, 'ceiling')).toMatchObject({ stallCycles: 36, computeCycles: 28 });
  });

  it('loads every tile of the batch, where the closed form loads one', () => {
    // Two tiles of 4 images: 2 · 16 cycles of loads, 2 · (4 + 20) of compute, 4 of store.
    const simulated = new Machine(hardware).run(biasGradient(4), PAPER);
    expect([simulated.stallCycles, simulated.computeCycles]).toEqual([36, 48]);
    expect(simulated.dramBits.ifmap).toBe(8 * 16 * 32);
    // The closed form counts tiles over the output: one load of 16 cycles, all 8 additions after one fill. It books the
    // whole batch all the same.
    const expected = closedForm(biasGradient(4), hardware, 'ceiling');
    expect(expected).toMatchObject({ stallCycles: 20, computeCycles: 28 });
    expect(expected.dramBits).toEqual(simulated.dramBits);
    expect(cornerCycles(biasGradient(4), hardware)).toBe(simulated.totalCycles);
  });
});
