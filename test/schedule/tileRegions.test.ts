/** Which elements a tile needs, with strides and edges: by hand. */
import { expect, it } from 'vitest';
import { inBoth, type SimdLayer } from '../../src/model/layers/layer.ts';
import { regionOf, tileOfStep } from '../../src/model/schedule/saTile.ts';
import { simdRegion, simdStep } from '../../src/model/schedule/simdTile.ts';
import { tinyConv } from '../support/tinyMachine.ts';

it('a conv tile needs the rows and columns under its window, from stride · output + kernel on', () => {
  // Two kernel tiles (rows 0–1 and 2–3) and 3 × 2 output tiles: steps 6 to 11 are those of the second kernel tile, and
  // step 9 the second row's second.
  const layer = { ...tinyConv({ kh: 4, kw: 3, oh: 5, ow: 3 }, { kh: 2, kw: 3, oh: 2, ow: 2 }), stride: inBoth(3) };
  const tile = tileOfStep(layer, layer.sizes, 9);
  expect(tile.from).toEqual({ oc: 0, ic: 0, kh: 2, kw: 0, n: 0, oh: 2, ow: 2 });
  expect(tile.extents).toEqual({ oc: 1, ic: 1, kh: 2, kw: 3, n: 1, oh: 2, ow: 1 });
  // Rows 2 · 3 + 2 = 8 to 12: 1 · 3 + 2 = 5 of them. Columns 2 · 3 + 0 = 6 to 8.
  expect(regionOf('ifmap', tile, layer, layer.sizes)).toEqual({ from: [0, 0, 8, 6], sizes: [1, 1, 5, 3] });
  expect(regionOf('psum', tile, layer, layer.sizes)).toEqual({ from: [0, 0, 2, 2], sizes: [1, 1, 2, 1] });
  expect(regionOf('weight', tile, layer, layer.sizes)).toEqual({ from: [0, 0, 2, 0], sizes: [1, 1, 2, 3] });
});

it('a pool tile needs the rows and columns under its window, row by row', () => {
  // Tiles of 2 × 2 of 3 × 5 outputs: three in a row, two rows an image, the second of one row. Step 11 is the second
  // image's last.
  const layer: SimdLayer = {
    unit: 'SIMD',
    name: 'pool',
    op: 'max-pool',
    sizes: { c: 1, n: 2, h: 3, w: 5 },
    tile: { c: 1, n: 1, h: 2, w: 2 },
    window: { kh: 2, kw: 4, stride: inBoth(3), dilation: inBoth(1) },
    bits: { input: 1, output: 1, psum: 1, weight: 1, bias: 1 },
  };
  const step = simdStep(layer, layer.sizes, 11);
  expect(step).toMatchObject({ from: { c: 0, n: 1, h: 2, w: 4 }, extents: { c: 1, n: 1, h: 1, w: 1 } });
  expect(simdRegion({ dims: ['c', 'n', 'h', 'w', 'kh', 'kw'] }, step, layer.window)).toEqual({
    from: [0, 1, 6, 12],
    sizes: [1, 1, 2, 4],
  });
  expect(simdRegion({ dims: ['c', 'n', 'h', 'w'] }, step, layer.window)).toEqual({
    from: [0, 1, 2, 4],
    sizes: [1, 1, 1, 1],
  });
  // Its first row are steps 6 to 8.
  for (const [step, w] of [6, 7, 8].map((step, place) => [step, 2 * place] as const)) {
    expect(simdStep(layer, layer.sizes, step).from).toEqual({ c: 0, n: 1, h: 0, w });
  }
});
