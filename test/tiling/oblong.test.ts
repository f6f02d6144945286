/** Layers on an array of 4 rows and 8 columns, which no preset has. */
import { expect, it } from 'vitest';
import type { Layer } from '../../src/model/layers/layer.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
import { parseWorkload } from '../../src/model/schemas/workload.ts';
import { tileProgram } from '../../src/model/tiling/tileProgram.ts';
import { inferenceProgram } from '../../src/model/workload/forward.ts';
import { buildGraph } from '../../src/model/workload/graph.ts';
import { hardwarePreset } from '../support/presets.ts';

/** A 1×1 conv of 3 to 12 channels and its ReLU, on 6×6 pixels. */
function layersOn(changes: Partial<Hardware>): Layer[] {
  const layers = [
    {
      name: 'conv',
      op: 'conv',
      inputs: ['input'],
      dimensions: { OC: 12, IC: 3, KH: 1, KW: 1, OH: 6, OW: 6 },
      stride: 1,
      padding: 0,
      bias: false,
    },
    { name: 'relu', op: 'relu', inputs: ['conv'], dimensions: { C: 12, H: 6, W: 6 } },
  ];
  const workload = parseWorkload({ name: 'small', input: { C: 3, H: 6, W: 6 }, layers }, 'small.json');
  const hardware = { ...hardwarePreset('HI1'), array: { rows: 4, columns: 8 }, ...changes };
  return tileProgram(inferenceProgram(buildGraph(workload, 'small.json'), 1), hardware);
}

it('input channels are padded to rows, output channels and those of SIMD layers to columns', () => {
  expect(layersOn({}).map(({ sizes }) => sizes)).toEqual([
    { oc: 16, ic: 4, kh: 1, kw: 1, n: 1, oh: 6, ow: 6 },
    { c: 16, n: 1, h: 6, w: 6 },
  ]);
});

it.each([
  // 6·6 pixels of 8 channels of 32 bits are 9216 bits, 3·3 are 2304: 16 channels of 3·3 fit where 8 of 6·6 do not.
  [1, { c: 8, n: 1, h: 6, w: 6 }],
  [2, { c: 16, n: 1, h: 3, w: 3 }],
])('a SIMD tile has half of VMem over its %i slots', (vmem, tile) => {
  const { sramKiB, slots } = hardwarePreset('HI1');
  // 18,432 bits: 9216 in each half.
  const [, relu] = layersOn({ sramKiB: { ...sramKiB, vmem: 2.25 }, slots: { ...slots, vmem } });
  expect(relu!.tile).toEqual(tile);
});
