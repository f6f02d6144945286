import { expect, it } from 'vitest';
import { closedForm, naiveEstimates } from '../../src/model/analytical/closedForm.ts';
import { TINY_HARDWARE, tinyConv } from '../support/tinyMachine.ts';

it.each([
  // Two positions of one tile each: 2 cycles of compute, and at a bit per cycle
  ['weight and bias', { weight: 2, ifmap: 1, psum: 1, bias: 7 }, 2 + 7],
  ['ifmap', { weight: 1, ifmap: 9, psum: 1, bias: 1 }, 2 * 9],
  ['psum and ofmap', { weight: 1, ifmap: 1, psum: 8, bias: 1 }, 2 * 8],
  ['compute', { weight: 1, ifmap: 1, psum: 1, bias: 1 }, 2],
] as const)("figure 5's estimates are compute alone, and the longest of all: %s", (_, bits, simplifiedCycles) => {
  const layer = { ...tinyConv({ ow: 2 }, {}), bits };
  const hardware = { ...TINY_HARDWARE, bits, bitsPerCycle: { weight: 1, ifmap: 1, psum: 1, vmem: 1 } };
  const estimates = naiveEstimates(layer, hardware, closedForm(layer, hardware, 'published'));
  expect(estimates).toEqual({ noStallCycles: 2, simplifiedCycles });
});
