/** A tile of the user's own: as large as the padded layer at most. */
import { describe, expect, it } from 'vitest';
import { parseWorkload } from '../../src/model/schemas/workload.ts';
import { tileProgram } from '../../src/model/tiling/tileProgram.ts';
import { inferenceProgram } from '../../src/model/workload/forward.ts';
import { buildGraph } from '../../src/model/workload/graph.ts';
import { hardwarePreset } from '../support/presets.ts';

const CONV_TILE = { oc: 16, ic: 16, kh: 2, kw: 3, n: 1, oh: 4, ow: 5 };
const RELU_TILE = { c: 16, n: 1, h: 4, w: 5 };

/** A 2×3 conv of 3 to 20 channels and a ReLU on 4×5 pixels, for the 16×16 array of HI1, where channels are 16 and 32. */
function tiles(conv: Partial<typeof CONV_TILE>, relu: Partial<typeof RELU_TILE> = {}): object[] {
  const layers = [
    {
      name: 'conv',
      op: 'conv',
      inputs: ['input'],
      dimensions: { OC: 20, IC: 3, KH: 2, KW: 3, OH: 4, OW: 5 },
      stride: 1,
      padding: 0,
      bias: false,
      tile: { ...CONV_TILE, ...conv },
    },
    {
      name: 'relu',
      op: 'relu',
      inputs: ['conv'],
      dimensions: { C: 20, H: 4, W: 5 },
      tile: { ...RELU_TILE, ...relu },
    },
  ];
  const workload = parseWorkload({ name: 'mine', input: { C: 3, H: 5, W: 7 }, layers }, 'mine.json');
  const program = inferenceProgram(buildGraph(workload, 'mine.json'), 1);
  return tileProgram(program, hardwarePreset('HI1')).map(({ tile }) => tile);
}

const LARGEST = { ...CONV_TILE, oc: 32 };
const LARGEST_RELU = { ...RELU_TILE, c: 32 };

describe('a given tile', () => {
  it('may be as large as the layer with its channels padded', () => {
    expect(tiles(LARGEST, LARGEST_RELU)).toEqual([LARGEST, LARGEST_RELU]);
  });

  it.each(Object.entries(LARGEST))('of a conv is refused with %s one larger than %i', (dim, most) => {
    expect(() => tiles({ [dim]: most + 1 })).toThrow(
      `mine.json: layers[0].tile.${dim}: got ${most + 1}, expected at most ${most}, the layer's padded size`,
    );
  });

  it.each(Object.entries(LARGEST_RELU))('of a ReLU is refused with %s one larger than %i', (dim, most) => {
    expect(() => tiles({}, { [dim]: most + 1 })).toThrow(
      `mine.json: layers[1].tile.${dim}: got ${most + 1}, expected at most ${most}, the layer's padded size`,
    );
  });
});
