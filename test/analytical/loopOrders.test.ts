/** The closed form in loop orders of all kinds, on a 1×1 array with one bit per element and cycle: counted by hand. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { closedForm } from '../../src/model/analytical/closedForm.ts';
import { cornerStallCycles, miscounts } from '../../src/model/analytical/corner.ts';
import { VARIANTS } from '../../src/model/analytical/multipliers.ts';
import { convSegments } from '../../src/model/analytical/segmentKinds.ts';
import { type ConvDim, type Layer, NO_WINDOW, type SaLayer, type SimdLayer } from '../../src/model/layers/layer.ts';
import { Machine } from '../../src/model/machine/machine.ts';
import { HARDWARE, PAPER } from '../../src/model/schedule/assumptions.ts';
import { parseHardware } from '../../src/model/schemas/hardware.ts';
import { parseWorkload } from '../../src/model/schemas/workload.ts';
import { tileProgram } from '../../src/model/tiling/tileProgram.ts';
import { inferenceProgram } from '../../src/model/workload/forward.ts';
import { buildGraph } from '../../src/model/workload/graph.ts';
import { TINY_HARDWARE, tinyConv } from '../support/tinyMachine.ts';

const inOrder = (order: string, layer: SaLayer): SaLayer => ({ ...layer, loopOrder: order.split(', ') as ConvDim[] });

function caseFile(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../cases/${name}.json`, import.meta.url), 'utf8'));
}

describe('the closed form follows the loop order:', () => {
  it('weights come again for each of 32 tiles of rows', () => {
    const hardware = parseHardware(caseFile('hw16w32'), 'hw16w32.json');
    const graph = buildGraph(parseWorkload(caseFile('tl153_320'), 'tl153_320.json'), 'tl153_320.json');
    const [layer] = tileProgram(inferenceProgram(graph, 1), hardware) as [Layer];
    // 768 · 1408 weights of 8 bits, 512 / 16 times.
    expect(closedForm(layer, hardware, 'published').dramBits.weight).toBe(276_824_064);
    expect(new Machine(hardware).run(layer, HARDWARE).dramBits.weight).toBe(276_824_064);
    const { totalCycles } = new Machine(hardware).run(layer, PAPER);
    expect(closedForm(layer, hardware, 'ceiling').totalCycles).toBe(totalCycles);
  });

  it('output stationary, a sum stays where it is', () => {
    // Two images, three input channels each: weight and ifmap for every step, the bias once, no psum comes back.
    const layer = inOrder('n, oh, ow, oc, ic, kh, kw', tinyConv({ n: 2, ic: 3 }, {}));
    for (const variant of VARIANTS) {
      const { dramBits, computeCycles } = closedForm(layer, TINY_HARDWARE, variant);
      expect(dramBits).toEqual({ weight: 6, ifmap: 6, psum: 0, ofmap: 2, bias: 1 });
      expect(computeCycles).toBe(6);
    }
    // First weight and bias, 2 cycles. The rest takes no longer than a tile's one cycle, but for the last store.
    expect(closedForm(layer, TINY_HARDWARE, 'ceiling').stallCycles).toBe(2 + 1);
    expect(new Machine(TINY_HARDWARE).run(layer, PAPER).totalCycles).toBe(6 + 2 + 1);
  });

  it('input channels outermost, every psum goes out and comes back', () => {
    // ic = 2 outside of ow = 3: psums leave twice and come back once, 3 · 2 bits beside the ofmap's 3. Weights twice.
    const layer = inOrder('ic, oc, kh, kw, n, oh, ow', tinyConv({ ic: 2, ow: 3 }, {}));
    const { dramBits, stallCycles } = closedForm(layer, TINY_HARDWARE, 'ceiling');
    expect(dramBits).toEqual({ weight: 2, ifmap: 6, psum: 6, ofmap: 3, bias: 1 });
    // First 2, the last store 1, and one cycle in each of the three segments in which a psum goes out and another
    // comes: compute 2 ∥ psums 1 and 3, compute 3 ∥ 2 and 4, compute 4 ∥ 3 and 5.
    expect(stallCycles).toBe(2 + 3 + 1);
    expect(new Machine(TINY_HARDWARE).run(layer, PAPER).totalCycles).toBe(6 + 6);
  });

  it('image by image, the published tool’s other order, weights come N/T_n times as often', () => {
    const layer = inOrder('oc, n, ic, kh, kw, oh, ow', tinyConv({ oc: 2, n: 3, ic: 2, ow: 4 }, {}));
    for (const variant of VARIANTS) {
      expect(closedForm(layer, TINY_HARDWARE, variant).dramBits).toMatchObject({ weight: 2 * 3 * 2, bias: 2 });
      const kinds = Object.fromEntries(
        convSegments(layer, TINY_HARDWARE, variant).map(({ kind, count }) => [kind, count]),
      );
      // New weights for a sum that starts: with a bias once (the other oc tile), without for 2 · 2 images.
      expect(kinds).toEqual({
        first: 1,
        second: 1,
        case1: 2 * 3 * 3 - 1,
        case2: 2 * 3 * 3,
        case3: 2 * 2,
        case4: 2 * 3,
        case5: 1,
        secondLast: 1,
        last: 1,
      });
    }
  });
});

describe('multipliers that are no whole numbers', () => {
  it('are rounded up once, in the exact product', () => {
    // 3 · 9 = 27 cycles a tile, 25/3 · 3 tiles: 675. In floating point 27 · 25/3 is a little more than 225.
    const layer = tinyConv({ ic: 25, ow: 27 }, { ic: 3, ow: 9 });
    expect(27 * (25 / 3)).toBeGreaterThan(225);
    expect(closedForm(layer, TINY_HARDWARE, 'published').computeCycles).toBe(675);
  });

  it('leave a gemm of one row with its two ends while m_oc, unrounded, is below 2', () => {
    // Weight 2 · 3 and bias 2 cycles, ifmap 3, ofmap 2: first 8, last 2. Rounded up it is two tiles: in between weights
    // and bias take 8 − 6 = 2 cycles longer than the tile computes.
    const layer: SaLayer = {
      ...inOrder('n, oh, ow, oc, ic, kh, kw', tinyConv({ oc: 3, ic: 3 }, { oc: 2, ic: 3 })),
      op: 'gemm',
    };
    expect(closedForm(layer, TINY_HARDWARE, 'published').stallCycles).toBe(8 + 2);
    expect(closedForm(layer, TINY_HARDWARE, 'ceiling').stallCycles).toBe(8 + 2 + 2);
  });

  it('count a single tile of one row as its two ends in both variants', () => {
    const layer: SaLayer = {
      ...inOrder('n, oh, ow, oc, ic, kh, kw', tinyConv({ oc: 2, ic: 3 }, { oc: 2, ic: 3 })),
      op: 'gemm',
    };
    for (const variant of VARIANTS) expect(closedForm(layer, TINY_HARDWARE, variant).stallCycles).toBe(8 + 2);
    expect(new Machine(TINY_HARDWARE).run(layer, PAPER).stallCycles).toBe(8 + 2);
  });
});

describe('the words of the corner', () => {
  it('name the segments that the formula counts wrong, and what they are worth', () => {
    // ic = 2 and one position: A = 2, W = 1. The formula has case 1 −1 times and the second tile once; really one
    // segment brings ifmap, weight and psum. Only transfers longer than the tile's one cycle cost anything: psums of 3.
    const layer = { ...tinyConv({ ic: 2 }, {}), bits: { weight: 1, ifmap: 1, psum: 3, bias: 1 } };
    const found = miscounts(layer, TINY_HARDWARE);
    expect(found).toEqual([
      { moves: ['ifmap', 'weight', 'psumLoad'], counted: 0, occurring: 1, stallCycles: 2 },
      { moves: ['ifmap', 'psumStore'], counted: -1, occurring: 0, stallCycles: 2 },
      { moves: ['ifmap', 'weight', 'psumLoad', 'psumStore'], counted: 1, occurring: 0, stallCycles: -5 },
    ]);
    const difference =
      cornerStallCycles(layer, TINY_HARDWARE) - closedForm(layer, TINY_HARDWARE, 'ceiling').stallCycles;
    expect(found.reduce((sum, { stallCycles }) => sum + stallCycles, 0)).toBe(difference);
  });
});

describe('relu-grad', () => {
  it('takes one cycle per vector, however long a conditional move takes', () => {
    const layer: SimdLayer = {
      unit: 'SIMD',
      name: 'relu-grad',
      op: 'relu-grad',
      sizes: { c: 1, n: 1, h: 2, w: 2 },
      tile: { c: 1, n: 1, h: 2, w: 2 },
      window: NO_WINDOW,
      bits: { input: 1, output: 1, psum: 1, weight: 1, bias: 1 },
    };
    const hardware = { ...TINY_HARDWARE, aluCycles: { ...TINY_HARDWARE.aluCycles, condMove: 7 } };
    // Four vectors and 5 cycles of fill; four operations.
    for (const result of [closedForm(layer, hardware, 'published'), new Machine(hardware).run(layer, HARDWARE)]) {
      expect([result.computeCycles, result.ops, result.opCounts.condMove]).toEqual([9, 4, 4]);
    }
  });
});
