/** What the off-chip interfaces are seen to do: how long each is busy, and in which order it serves. */
import { expect, it } from 'vitest';
import { NO_WINDOW, type SimdLayer } from '../../src/model/layers/layer.ts';
import { Machine } from '../../src/model/machine/machine.ts';
import type { MachineObserver } from '../../src/model/machine/observer.ts';
import { HARDWARE } from '../../src/model/schedule/assumptions.ts';
import { TINY_HARDWARE, tinyConv } from '../support/tinyMachine.ts';

it('each interface counts the cycles of its own transfers', () => {
  // Three accumulation steps: 3 weights of 2 cycles and a bias of 7, 3 ifmaps of 3, and of psum 3 stores and 2 loads of 5.
  const bits = { weight: 2, ifmap: 3, psum: 5, bias: 7 };
  const { interfaceBusyCycles } = new Machine({
    ...TINY_HARDWARE,
    bits,
    bitsPerCycle: { ...TINY_HARDWARE.bitsPerCycle, weight: 1 },
  }).run({ ...tinyConv({ ic: 3 }, {}), bits }, HARDWARE);
  expect(interfaceBusyCycles).toEqual({ weight: 3 * 2 + 7, ifmap: 3 * 3, psum: 5 * 5, vmem: 0 });
});

it('weights come at J elements a cycle at most', () => {
  // Four weights of 2 bits and four biases of 2 over 1000 bits a cycle: one row takes 2 bits a cycle, three take 6.
  const bits = { weight: 2, ifmap: 1, psum: 1, bias: 2 };
  const busy = (rows: number): number => {
    const { bitsPerCycle } = TINY_HARDWARE;
    const hardware = {
      ...TINY_HARDWARE,
      array: { rows, columns: 1 },
      bits,
      bitsPerCycle: { ...bitsPerCycle, weight: 1000 },
    };
    const layer = { ...tinyConv({ oc: 4, ic: rows }, { oc: 4, ic: rows }), bits };
    return new Machine(hardware).run(layer, HARDWARE).interfaceBusyCycles.weight;
  };
  expect(busy(1)).toBe(4 + 4);
  expect(busy(3)).toBe(4 + 2); // 24 bits of weights, ⌈8 / 6⌉ of bias
});

it('the fill of an oblong array is its rows and columns less one each, a step', () => {
  // Two steps of four positions on 2 rows and 4 columns.
  const layer = tinyConv({ oc: 4, ic: 2, ow: 8 }, { oc: 4, ic: 2, ow: 4 });
  const result = new Machine({ ...TINY_HARDWARE, array: { rows: 2, columns: 4 } }).run(layer, HARDWARE);
  expect([result.computeCycles, result.fillCycles]).toEqual([2 * (4 + 1 + 3), 2 * (1 + 3)]);
});

it('a long queue is served in the order of its requests, however many were served before', () => {
  // A batch norm with twelve slots of VMem: four vectors of a bit come first, 0–4. Then six rows of two and one elements
  // of 32 bits are asked for at once, in twelve loads that take 64, 32, 64, 32, … cycles; each is computed as it comes
  // (10 cycles an element and 5 of fill), and its ofmap goes behind all loads, which end at 4 + 6 · 96 = 580. The last
  // element is computed 580–595; eleven stores, 6 of two bits and 5 of one, take 580–597, the twelfth 597–598.
  const layer: SimdLayer = {
    unit: 'SIMD',
    name: 'twelve tiles',
    op: 'bn-normalise',
    sizes: { c: 1, n: 1, h: 6, w: 3 },
    tile: { c: 1, n: 1, h: 1, w: 2 },
    window: NO_WINDOW,
    bits: { input: 32, output: 1, psum: 1, weight: 1, bias: 1 },
  };
  const machine = new Machine({ ...TINY_HARDWARE, slots: { ...TINY_HARDWARE.slots, vmem: 12 } });
  const starts: number[] = [];
  const watch: Partial<MachineObserver> = {
    computeStarted: (_step, cycle) => {
      starts.push(cycle);
    },
  };
  const unwatched = [
    'layerStarted',
    'transferRequested',
    'transferStarted',
    'transferEnded',
    'computeEnded',
    'layerEnded',
  ];
  machine.observe({ ...Object.fromEntries(unwatched.map((name) => [name, () => {}])), ...watch } as MachineObserver);
  const { totalCycles } = machine.run(layer, HARDWARE);
  const rows = [0, 1, 2, 3, 4, 5].flatMap((row) => [4 + 96 * row + 64, 4 + 96 * row + 96]);
  expect(starts).toEqual([4, ...rows]); // the step of the vectors computes nothing
  expect(totalCycles).toBe(598);
});
