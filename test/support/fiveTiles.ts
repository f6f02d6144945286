/** Layers of a few tiles that can be counted by hand, on a 1×1 array whose pipeline fill is 0. */
import {
  type Layer,
  NO_WINDOW,
  type SaLayer,
  type SimdLayer,
  UNIT_SLIDING,
  WEIGHT_STATIONARY,
} from '../../src/model/layers/layer.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';

/** Bits per cycle: weight 8, ifmap 20, psum 64, vmem 20; weights and ifmaps of 8 bits, psums and biases of 32. */
export const hardware: Hardware = {
  name: 'by hand',
  array: { rows: 1, columns: 1 },
  bits: { weight: 8, ifmap: 8, psum: 32, bias: 32 },
  sramKiB: { wbuf: 1, ibuf: 1, obuf: 1, bbuf: 1, vmem: 1, imem: 1 },
  slots: { wbuf: 2, ibuf: 2, obuf: 2, bbuf: 2, vmem: 1 },
  bitsPerCycle: { weight: 8, ifmap: 20, psum: 64, vmem: 20 },
  aluCycles: { add: 1, sub: 1, mul: 1, div: 1, max: 1, exp: 1, invSqrt: 1, condMove: 1, min: 1, mac: 1 },
  clockPicoseconds: 1000,
};

/**
 * Tiles of 10 positions under one weight tile: compute 10 cycles, ifmap 80 bits in 4, ofmap 320 bits in 5. The weight
 * (1 cycle) and its bias (4) travel once.
 */
export function conv(name: string, tiles: number, producers: Layer['producers'] = {}): SaLayer {
  const one = { oc: 1, ic: 1, kh: 1, kw: 1, n: 1, oh: 1, ow: 1 };
  return {
    unit: 'SA',
    name,
    op: 'conv',
    groups: 1,
    sizes: { ...one, ow: 10 * tiles },
    tile: { ...one, ow: 10 },
    ...UNIT_SLIDING,
    loopOrder: WEIGHT_STATIONARY,
    bits: hardware.bits,
    producers,
  };
}

/** Five tiles of 10 positions: load 80 bits in 4 cycles, compute 10 and 5 of fill, store in 4. */
export const relu: SimdLayer = {
  unit: 'SIMD',
  name: 'relu',
  op: 'relu',
  sizes: { c: 1, n: 1, h: 1, w: 50 },
  tile: { c: 1, n: 1, h: 1, w: 10 },
  window: NO_WINDOW,
  bits: { input: 8, output: 8, psum: 32, weight: 1, bias: 1 },
};
