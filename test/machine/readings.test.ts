/** SEMANTICS.md, Readings: what two readers of the rules have taken differently, each as the smallest case that tells. */
import { describe, expect, it } from 'vitest';
import { closedForm } from '../../src/model/analytical/closedForm.ts';
import { type ConvDim, NO_WINDOW, type SaLayer, type SimdLayer } from '../../src/model/layers/layer.ts';
import { Machine } from '../../src/model/machine/machine.ts';
import { HARDWARE, PAPER } from '../../src/model/schedule/assumptions.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
import { InputError } from '../../src/model/schemas/inputError.ts';
import { TINY_HARDWARE, tinyConv } from '../support/tinyMachine.ts';

const order = (text: string): SaLayer['loopOrder'] => text.split(', ') as ConvDim[];

describe('on the systolic array', () => {
  it('a psum load that waits for its hazard holds up the slot of the next one', () => {
    // Two sums of four additions, one output column after the other. Slot 2 is free from the start, but the psum load
    // of step 1 waits for store 0 (3–4), so that step 2 gets it at 4 and not at 0; so again at 8 and at 12.
    const hardware: Hardware = {
      ...TINY_HARDWARE,
      bits: { weight: 8, ifmap: 8, psum: 8, bias: 8 },
      slots: { ...TINY_HARDWARE.slots, obuf: 3 },
      bitsPerCycle: { weight: 8, ifmap: 4, psum: 8, vmem: 8 },
    };
    const layer: SaLayer = {
      ...tinyConv({ ic: 2, kw: 2, ow: 2 }, {}),
      bits: hardware.bits,
      loopOrder: order('kw, oh, ow, n, ic, kh, oc'),
    };
    expect(new Machine(hardware).run(layer, HARDWARE).totalCycles).toBe(19);
  });

  it.each([
    // One oc tile: its bias stays, whatever advances outside.
    { oc: 1, images: 3, loads: 1 },
    // Two: the bias of the other one has taken its place each time.
    { oc: 2, images: 3, loads: 6 },
  ])('a bias is loaded when the oc tile changes: $loads times for $oc oc tiles in $images images', (row) => {
    const layer: SaLayer = {
      ...tinyConv({ n: row.images, oc: row.oc, ow: 2 }, {}),
      loopOrder: order('n, oc, ic, kh, kw, oh, ow'),
    };
    expect(new Machine(TINY_HARDWARE).run(layer, PAPER).dramBits.bias).toBe(row.loads);
    for (const variant of ['published', 'ceiling'] as const) {
      expect(closedForm(layer, TINY_HARDWARE, variant).dramBits.bias).toBe(row.loads);
    }
  });

  it('wider weights of a layer do not widen what the array can take: J · b_w of the hardware', () => {
    // min(8, 1 · 1) = 1 bit per cycle: a weight of 4 bits takes 4 cycles, its bias 1; the tile computes 1 and leaves in 1.
    const hardware = { ...TINY_HARDWARE, bitsPerCycle: { weight: 8, ifmap: 8, psum: 1, vmem: 1 } };
    const layer = { ...tinyConv({}, {}), bits: { ...TINY_HARDWARE.bits, weight: 4 } };
    expect(new Machine(hardware).run(layer, PAPER).totalCycles).toBe(4 + 1 + 1 + 1);
    expect(closedForm(layer, hardware, 'ceiling').totalCycles).toBe(4 + 1 + 1 + 1);
  });

  it.each(['wbuf', 'ibuf', 'obuf', 'bbuf'])('lockstep is refused where %s has a single slot', (buffer) => {
    const hardware = { ...TINY_HARDWARE, slots: { ...TINY_HARDWARE.slots, [buffer]: 1 } };
    const run = (): unknown => new Machine(hardware).run(tinyConv({}, {}), PAPER);
    expect(run).toThrow(InputError);
    expect(run).toThrow(`tiny: slots.${buffer}: got 1, expected at least 2 under the assumption lockstep`);
    expect(() => new Machine(hardware).run(tinyConv({}, {}), HARDWARE)).not.toThrow();
  });

  it('in lockstep a step that waits for its own psum computes after the segment of that psum', () => {
    // Loads of step 0: weight and bias 0–2. Compute 0 ∥ weight and ifmap 1: 2–3. Store 0: 3–4. Psum 1: 4–5.
    // Compute 1: 5–6. Store 1: 6–7.
    const lockstep = { ...HARDWARE, lockstep: true };
    const { totalCycles, waiting } = new Machine(TINY_HARDWARE).run(tinyConv({ ic: 2 }, {}), lockstep);
    expect(totalCycles).toBe(7);
    expect(waiting).toMatchObject({ weight: 1, bias: 1, hazard: 1, psumLoad: 1, drain: 1 });
  });
});

describe('on the SIMD array', () => {
  const layer = (op: SimdLayer['op'], sizes: SimdLayer['sizes'], tile: SimdLayer['tile']): SimdLayer => ({
    unit: 'SIMD',
    name: op,
    op,
    sizes,
    tile,
    window: NO_WINDOW,
    bits: { input: 1, output: 1, psum: 1, weight: 1, bias: 1 },
  });

  it('with two slots of VMem c-tiles with vectors of their own run strictly one after the other', () => {
    // Per c-tile: four vectors 0–4, tiles 4–5 and 5–6; computing 1 + 3 + 3 + 3 cycles and 5 of fill each, 5–20 and
    // 20–35; the second store 35–36. Two c-tiles: 72.
    const hardware = { ...TINY_HARDWARE, slots: { ...TINY_HARDWARE.slots, vmem: 2 } };
    const normalise = layer('bn-normalise', { c: 2, n: 2, h: 1, w: 1 }, { c: 1, n: 1, h: 1, w: 1 });
    expect(new Machine(hardware).run(normalise, HARDWARE).totalCycles).toBe(72);
  });

  it('three channels on two lanes take two cycles per pixel', () => {
    // Two tiles of 3 channels × 4 pixels: 2 · (2 · 4 + 5 + 1) cycles.
    const hardware = { ...TINY_HARDWARE, array: { rows: 1, columns: 2 } };
    const relu = layer('relu', { c: 6, n: 1, h: 2, w: 2 }, { c: 3, n: 1, h: 2, w: 2 });
    expect(new Machine(hardware).run(relu, HARDWARE).computeCycles).toBe(28);
    expect(closedForm(relu, hardware, 'published').computeCycles).toBe(28);
  });
});
