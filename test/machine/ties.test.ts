/** Where two things become ready in the same cycle the wait is booked on the first of: output slot, psum, ifmap, weight, bias. */
import { expect, it } from 'vitest';
import type { SaLayer } from '../../src/model/layers/layer.ts';
import { Machine } from '../../src/model/machine/machine.ts';
import { type Assumptions, HARDWARE } from '../../src/model/schedule/assumptions.ts';
import { causes } from '../support/causes.ts';
import { TINY_HARDWARE, tinyConv } from '../support/tinyMachine.ts';

/** One slot everywhere, so that all that a step needs is asked for when the step before it ends. */
const ONE_SLOT = { ...TINY_HARDWARE, slots: { wbuf: 1, ibuf: 1, obuf: 1, bbuf: 1, vmem: 1 } };

function run(layer: SaLayer, bits: SaLayer['bits'], assumptions: Assumptions) {
  const { waiting, totalCycles } = new Machine({ ...ONE_SLOT, bits }).run({ ...layer, bits }, assumptions);
  return { waiting: causes(waiting), totalCycles };
}

it('an output slot before an ifmap', () => {
  // Weight 0–1, bias 1–2, compute 2–3. Store 0 and ifmap 1 both take 3–4. Compute 4–5, store 5–6.
  const outcome = run(tinyConv({ ow: 2 }, {}), { weight: 1, ifmap: 1, psum: 1, bias: 1 }, HARDWARE);
  expect(outcome).toEqual({ totalCycles: 6, waiting: { weight: 1, bias: 1, outputSlot: 1, drain: 1 } });
});

it('a psum before an ifmap', () => {
  // Weight 0–1, bias 1–2 and ifmap 0–4; compute 4–5. Then store 5–7 and psum 1 7–9, while ifmap 1 takes 5–9 and weight
  // 1 5–6. Compute 9–10, store 10–12. The array waits until 7 for
  // the slot, which is the psum's, and until 9 for the psum.
  const outcome = run(tinyConv({ ic: 2 }, {}), { weight: 1, ifmap: 4, psum: 2, bias: 1 }, HARDWARE);
  expect(outcome).toEqual({ totalCycles: 12, waiting: { ifmap: 4, psumLoad: 4, drain: 2 } });
});

it('an ifmap before a weight', () => {
  // Weight and ifmap 0–6, bias 6–7, compute 7–8; then both again, 8–14, while the psum stays. Compute 14–15, store 15–16.
  const keepResident = { ...HARDWARE, reloadOperands: false };
  const outcome = run(tinyConv({ ic: 2 }, {}), { weight: 6, ifmap: 6, psum: 1, bias: 1 }, keepResident);
  expect(outcome).toEqual({ totalCycles: 16, waiting: { weight: 6, bias: 1, ifmap: 6, drain: 1 } });
});
