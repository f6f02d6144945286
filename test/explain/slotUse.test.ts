import { describe, expect, it } from 'vitest';
import { slotUse } from '../../src/studies/explain/slotUse.ts';
import { namedLayer } from '../support/drawnLayers.ts';

describe('what a tile takes of its slots', () => {
  it('of WBuf, IBuf, OBuf and BBuf: the bits of its tensors', () => {
    const { layer, hardware } = namedLayer('resnet50', 'layer1.0.conv2', 'HI3');
    expect(slotUse(layer, hardware)).toEqual([
      { sram: 'wbuf', tileBits: 3 * 3 * 64 * 64 * 8, slotBits: 256 * 8192 },
      { sram: 'ibuf', tileBits: 30 * 30 * 64 * 8, slotBits: 128 * 8192 },
      { sram: 'obuf', tileBits: 28 * 28 * 64 * 32, slotBits: 512 * 8192 },
      { sram: 'bbuf', tileBits: 64 * 32, slotBits: 4 * 8192 },
    ]);
  });

  it.each([
    ['an addition: its tile', 'layer1.0.add', 128 * 28 * 28 * 32],
    // 14 rows and columns of 3×3 windows with stride 2 lie over 13·2 + 3 of the input.
    ['a pool: its window', 'maxpool', 29 * 29 * 64 * 32],
  ])('of a half of VMem, for %s', (_, name, tileBits) => {
    const { layer, hardware } = namedLayer('resnet50', name, 'HI3');
    expect(slotUse(layer, hardware)).toEqual([{ sram: 'vmem', tileBits, slotBits: 512 * 8192 }]);
  });

  it('of a half of VMem, for batch statistics: the tile and a word per lane, or twice its channels', () => {
    const { layer, hardware } = namedLayer('resnet50', 'bn1.statistics', 'HT3');
    const { c, n, h, w } = layer.tile as Readonly<Record<string, number>>;
    const words = Math.max(c! * n! * h! * w! + 64, 2 * c!);
    expect(slotUse(layer, hardware)[0]).toMatchObject({ tileBits: 32 * words });
  });
});
