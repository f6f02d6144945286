import { expect, it } from 'vitest';
import { closedForm } from '../../src/model/analytical/closedForm.ts';
import { NO_WINDOW, type SimdLayer } from '../../src/model/layers/layer.ts';
import { Machine } from '../../src/model/machine/machine.ts';
import { HARDWARE } from '../../src/model/schedule/assumptions.ts';
import { TINY_HARDWARE } from '../support/tinyMachine.ts';

it("a user's tile whose channels are no multiple of K takes a vector more for the rest", () => {
  // K = 4 and tiles of 6 channels: 2 vectors a pixel. Two tiles of 5 pixels: 2 · (5 · 2 + 5 + 3 of fill) cycles.
  const layer: SimdLayer = {
    unit: 'SIMD',
    name: 'relu',
    op: 'relu',
    sizes: { c: 12, n: 1, h: 1, w: 5 },
    tile: { c: 6, n: 1, h: 1, w: 5 },
    window: NO_WINDOW,
    bits: { input: 1, output: 1, psum: 1, weight: 1, bias: 1 },
  };
  const hardware = { ...TINY_HARDWARE, array: { rows: 1, columns: 4 } };
  expect(new Machine(hardware).run(layer, HARDWARE).computeCycles).toBe(36);
  expect(closedForm(layer, hardware, 'published').computeCycles).toBe(36);
});
