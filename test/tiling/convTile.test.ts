/** The generator's steps for conv and gemm, each with a buffer that decides it. J = K = 2, one bit an element. */
import { describe, expect, it } from 'vitest';
import { type ConvSizes, type Sliding, UNIT_SLIDING } from '../../src/model/layers/layer.ts';
import { type ConvCapacity, generateConvTile } from '../../src/model/tiling/convTiling.ts';

const ONE: ConvSizes = { oc: 2, ic: 2, kh: 1, kw: 1, n: 1, oh: 1, ow: 1 };

/** The sides of a layer's tile that differ from the smallest; undefined where no tile fits. Bits not given are plenty. */
function tileOf(
  sizes: Partial<ConvSizes>,
  capacity: Partial<ConvCapacity>,
  sliding: Partial<Sliding> = {},
): Partial<ConvSizes> | undefined {
  const tile = generateConvTile(
    {
      sizes: { ...ONE, ...sizes },
      sliding: { ...UNIT_SLIDING, ...sliding },
      bits: { weight: 1, ifmap: 1, psum: 1, bias: 1 },
      rows: 2,
      columns: 2,
    },
    { wbuf: 1e9, ibuf: 1e9, obuf: 1e9, bbuf: 1e9, ...capacity },
  );
  return tile && Object.fromEntries(Object.entries(tile).filter(([dim, side]) => side !== ONE[dim as keyof ConvSizes]));
}

describe('the kernel', () => {
  it('is halved, thirded, … rounded up, until J × K channels of it fit WBuf', () => {
    // 5·5·2·2 = 100 bits, ⌈5/2⌉ = 3: 36, ⌈5/3⌉ = 2: 16, then 1: 4.
    expect(tileOf({ kh: 5, kw: 5 }, { wbuf: 100 })).toEqual({ kh: 5, kw: 5 });
    expect(tileOf({ kh: 5, kw: 5 }, { wbuf: 99 })).toEqual({ kh: 3, kw: 3 });
    expect(tileOf({ kh: 5, kw: 5 }, { wbuf: 35 })).toEqual({ kh: 2, kw: 2 });
    expect(tileOf({ kh: 5, kw: 5 }, { wbuf: 4 })).toEqual({});
    expect(tileOf({ kh: 5, kw: 5 }, { wbuf: 3 })).toBeUndefined();
  });

  it('is cut for IBuf too, which holds J channels of it', () => {
    // 5·5·2 = 50 bits, 3·3·2 = 18.
    expect(tileOf({ kh: 5, kw: 5 }, { ibuf: 50 })).toEqual({ kh: 5, kw: 5 });
    expect(tileOf({ kh: 5, kw: 5 }, { ibuf: 49 })).toEqual({ kh: 3, kw: 3 });
  });

  it('takes in IBuf what it spans, gaps between its elements included', () => {
    // With a dilation of 2 a 3 × 3 kernel spans 5·5·2 = 50 bits, ⌈3/2⌉ = 2 of them 3·3·2 = 18.
    const dilation = { h: 2, w: 2 };
    expect(tileOf({ kh: 3, kw: 3 }, { ibuf: 50 }, { dilation })).toEqual({ kh: 3, kw: 3 });
    expect(tileOf({ kh: 3, kw: 3 }, { ibuf: 49 }, { dilation })).toEqual({ kh: 2, kw: 2 });
    expect(tileOf({ kh: 3, kw: 3 }, { ibuf: 17 }, { dilation })).toEqual({});
  });

  it('is cut on both sides by the same number', () => {
    // 2·6·2·2 = 48 bits; 1·3·4 = 12; 1·2·4 = 8.
    expect(tileOf({ kh: 2, kw: 6 }, { wbuf: 47 })).toEqual({ kw: 3 });
    expect(tileOf({ kh: 2, kw: 6 }, { wbuf: 11 })).toEqual({ kw: 2 });
  });
});

it('IC grows by J while the weights of K output channels fit', () => {
  // Two bits an input channel.
  expect(tileOf({ ic: 8 }, { wbuf: 16 })).toEqual({ ic: 8 });
  expect(tileOf({ ic: 8 }, { wbuf: 15 })).toEqual({ ic: 6 });
  expect(tileOf({ ic: 8 }, { wbuf: 11 })).toEqual({ ic: 4 });
});

describe('height and width', () => {
  it('are divided by the same whole divisor where the kernel is at most 3 × 3', () => {
    // 6·6 pixels of two channels are 72 bits, 3·3 are 18, 2·2 are 8.
    expect(tileOf({ kh: 3, kw: 3, oh: 6, ow: 6 }, { obuf: 72 })).toMatchObject({ oh: 6, ow: 6 });
    expect(tileOf({ kh: 3, kw: 3, oh: 6, ow: 6 }, { obuf: 71 })).toMatchObject({ oh: 3, ow: 3 });
    expect(tileOf({ kh: 3, kw: 3, oh: 6, ow: 6 }, { obuf: 17 })).toMatchObject({ oh: 2, ow: 2 });
    expect(tileOf({ kh: 3, kw: 1, oh: 5, ow: 5 }, { obuf: 49 })).toEqual({ kh: 3 }); // 5 has no divisor but 1
  });

  it.each([
    [5, 5],
    [5, 1],
    [1, 5],
  ])('are divided and rounded up where a side of the kernel is larger: %i × %i', (kh, kw) => {
    // ⌈5/2⌉ = 3: 18 bits.
    expect(tileOf({ kh, kw, oh: 5, ow: 5 }, { obuf: 49 })).toMatchObject({ oh: 3, ow: 3 });
  });

  it('are rounded up where no whole divisor fits', () => {
    // 2·3 pixels are 12 bits and have no common divisor; ⌈2/2⌉·⌈3/2⌉ are 4.
    expect(tileOf({ oh: 2, ow: 3 }, { obuf: 11 })).toEqual({ ow: 2 });
  });

  it('need their ifmap in IBuf, halo and all', () => {
    // (6 + 2)² · 2 = 128 bits, (3 + 2)² · 2 = 50.
    expect(tileOf({ kh: 3, kw: 3, oh: 6, ow: 6 }, { ibuf: 128 })).toMatchObject({ oh: 6, ow: 6 });
    expect(tileOf({ kh: 3, kw: 3, oh: 6, ow: 6 }, { ibuf: 127 })).toMatchObject({ oh: 3, ow: 3 });
  });
});

it('N is the first whole share that fits IBuf and OBuf', () => {
  // Two bits an image in either.
  expect(tileOf({ n: 6 }, { obuf: 12 })).toEqual({ n: 6 });
  expect(tileOf({ n: 6 }, { obuf: 11 })).toEqual({ n: 3 });
  expect(tileOf({ n: 6 }, { ibuf: 5 })).toEqual({ n: 2 });
});

describe('OC', () => {
  it.each([
    ['the weights of its J input channels', { wbuf: 13 }],
    ['its ofmap', { obuf: 7 }],
    ['its bias', { bbuf: 7 }],
  ] as const)('grows by K while %s fit', (_, capacity) => {
    // Two bits an output channel of weights, one of ofmap and bias: six channels, not eight.
    expect(tileOf({ oc: 8 }, capacity)).toEqual({ oc: 6 });
  });
});
