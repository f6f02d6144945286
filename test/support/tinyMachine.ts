/** A 1×1 array with one-bit elements and one bit per cycle, for cases that are counted by hand. */
import { type ConvSizes, type SaLayer, UNIT_SLIDING, WEIGHT_STATIONARY } from '../../src/model/layers/layer.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';

export const TINY_HARDWARE: Hardware = {
  name: 'tiny',
  array: { rows: 1, columns: 1 },
  bits: { weight: 1, ifmap: 1, psum: 1, bias: 1 },
  sramKiB: { wbuf: 1, ibuf: 1, obuf: 1, bbuf: 1, vmem: 1, imem: 1 },
  slots: { wbuf: 2, ibuf: 2, obuf: 2, bbuf: 2, vmem: 1 },
  bitsPerCycle: { weight: 1, ifmap: 1, psum: 1, vmem: 1 },
  aluCycles: { add: 1, sub: 1, mul: 1, div: 5, max: 1, exp: 3, invSqrt: 11, condMove: 1, min: 1, mac: 1 },
  clockPicoseconds: 1000,
};

/** A conv in the paper's loop order; dimensions that are left out are 1. */
export function tinyConv(sizes: Partial<ConvSizes>, tile: Partial<ConvSizes>): SaLayer {
  const ones = { oc: 1, ic: 1, kh: 1, kw: 1, n: 1, oh: 1, ow: 1 };
  return {
    unit: 'SA',
    name: 'tiny',
    op: 'conv',
    sizes: { ...ones, ...sizes },
    tile: { ...ones, ...tile },
    groups: 1,
    ...UNIT_SLIDING,
    loopOrder: WEIGHT_STATIONARY,
    bits: TINY_HARDWARE.bits,
  };
}
