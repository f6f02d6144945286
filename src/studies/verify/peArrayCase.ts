/** A random tile on the cycle-stepped PE array, against plain arithmetic, eqs (15) and (16), and the machine. */
import type seedrandom from 'seedrandom';
import { integer } from '../../model/engine/random.ts';
import {
  type ConvSizes,
  ifmapPlane,
  type PerDirection,
  type SaLayer,
  type Sliding,
  UNIT_SLIDING,
  WEIGHT_STATIONARY,
} from '../../model/layers/layer.ts';
import { Machine } from '../../model/machine/machine.ts';
import { innerTiles, saFillCycles } from '../../model/operations/saCosts.ts';
import { HARDWARE } from '../../model/schedule/assumptions.ts';
import { disagreement, exactNumbers, smallHardware, wrongResult } from './smallCase.ts';
import { type ArrayTile, type IfmapFeed, runTile, skewedFeed } from './steppedPeArray.ts';

/** A tile of exact random numbers. */
function randomTile(random: seedrandom.PRNG, sizes: ConvSizes, sliding: Sliding): ArrayTile {
  const { oc, ic, kh, kw, n } = sizes;
  const { h: ih, w: iw } = ifmapPlane(sizes, sliding);
  const weights = exactNumbers(random, oc * ic * kh * kw);
  const ifmap = exactNumbers(random, ic * n * ih * iw);
  const bias = exactNumbers(random, oc);
  return {
    sizes,
    ...sliding,
    weight: (o, i, y, x) => weights[((o * ic + i) * kh + y) * kw + x]!,
    ifmap: (i, batch, y, x) => ifmap[((i * n + batch) * ih + y) * iw + x]!,
    bias: (o) => bias[o]!,
  };
}

/** The convolution by its definition, in the order n, oh, ow, oc. */
function plainConvolution({ sizes, stride, dilation, weight, ifmap, bias }: ArrayTile): number[] {
  const ofmap: number[] = [];
  for (let n = 0; n < sizes.n; n++)
    for (let oh = 0; oh < sizes.oh; oh++)
      for (let ow = 0; ow < sizes.ow; ow++)
        for (let oc = 0; oc < sizes.oc; oc++) {
          let sum = bias(oc);
          for (let ic = 0; ic < sizes.ic; ic++)
            for (let kh = 0; kh < sizes.kh; kh++)
              for (let kw = 0; kw < sizes.kw; kw++)
                sum +=
                  weight(oc, ic, kh, kw) *
                  ifmap(ic, n, oh * stride.h + kh * dilation.h, ow * stride.w + kw * dilation.w);
          ofmap.push(sum);
        }
  return ofmap;
}

/**
 * Draws an array and a tile and computes the tile register by register. Undefined if the results are those of plain
 * arithmetic, the cycles those of eqs (15) and (16), and cycles and accesses those of the machine on a layer of this
 * one tile; else a paragraph that says what is not. `feed` is there for tests.
 */
export function peArrayCase(random: seedrandom.PRNG, feed: IfmapFeed = skewedFeed): string | undefined {
  const hardware = smallHardware(random);
  const { rows, columns } = hardware.array;
  const draw = (to: number): number => integer(random, 1, to);
  const isGemm = integer(random, 0, 3) === 0;
  const side = (to: number): number => (isGemm ? 1 : draw(to));
  const sizes: ConvSizes = {
    oc: columns * draw(2),
    ic: rows * draw(3),
    kh: side(3),
    kw: side(3),
    n: draw(isGemm ? 6 : 2),
    oh: side(4),
    ow: side(4),
  };
  const pair = (): PerDirection => ({ h: draw(2), w: draw(2) });
  const tile = randomTile(random, sizes, isGemm ? UNIT_SLIDING : { stride: pair(), dilation: pair() });
  const layer: SaLayer = {
    unit: 'SA',
    name: 'one tile',
    op: isGemm ? 'gemm' : 'conv',
    sizes,
    tile: sizes,
    groups: 1,
    stride: tile.stride,
    dilation: tile.dilation,
    loopOrder: WEIGHT_STATIONARY,
    bits: hardware.bits,
  };
  const simulated = new Machine(hardware).run(layer, HARDWARE);
  const run = runTile(rows, columns, tile, feed);
  const what = `${layer.op} tile ${JSON.stringify(sizes)} with stride ${JSON.stringify(tile.stride)}, dilation ${JSON.stringify(tile.dilation)} on ${rows}×${columns} PEs`;
  const { bits } = hardware;
  const found = {
    cycles: run.cycles,
    macs: run.macs,
    wbufBits: run.wbuf * bits.weight,
    wbufHeldBits: run.wbufHeld * bits.weight,
    ibufBits: run.ibuf * bits.ifmap,
    obufBits: run.obuf * bits.psum,
    bbufBits: run.bbuf * bits.bias,
  };
  const { wbuf, ibuf, obuf, bbuf } = simulated.sramBits;
  return (
    wrongResult(what, run.ofmap, plainConvolution(tile)) ??
    disagreement(`${what}, against eqs (15) and (16)`, found, {
      cycles: innerTiles(sizes, rows, columns) + saFillCycles(rows, columns),
    }) ??
    disagreement(`${what}, against the machine`, found, {
      cycles: simulated.computeCycles,
      macs: simulated.opCounts.mac,
      wbufBits: wbuf,
      wbufHeldBits: simulated.wbufHeldBits,
      ibufBits: ibuf,
      obufBits: obuf,
      bbufBits: bbuf,
    })
  );
}
