import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BurstWalk, type Runs } from '../../src/model/dram/burstWalk.ts';
import { LAYOUTS } from '../../src/model/dram/layout.ts';
import { placeTensors } from '../../src/model/dram/placement.ts';
import { type SaLayer, UNIT_SLIDING, WEIGHT_STATIONARY } from '../../src/model/layers/layer.ts';
import { ClockRatio } from '../../src/model/machine/memoryClock.ts';
import { saCases, sample, stepsOf } from '../support/arbitraries.ts';
import { dramPreset } from '../support/dram.ts';

/** Numbers of the bursts that a tile touches, in order. */
function burstsOf(runs: Runs, burstBytes = 64): number[] {
  const walk = new BurstWalk(burstBytes);
  const bursts: number[] = [];
  for (walk.start(runs); !walk.isDone; walk.advance()) bursts.push(walk.burst);
  return bursts;
}

describe('a tile in memory', () => {
  it('is as many bursts as its bits touch', () => {
    // Bits 500 to 1099 lie in bursts 0, 1 and 2 of 512 bits each.
    expect(burstsOf({ base: 500, runBits: 600, loops: [] })).toEqual([0, 1, 2]);
    expect(burstsOf({ base: 512, runBits: 512, loops: [] })).toEqual([1]);
  });

  it('asks once for a burst that two neighbouring runs share', () => {
    // Four runs of 100 bits, 256 bits apart: 0–99 256–355 | 512–611 768–867.
    expect(burstsOf({ base: 0, runBits: 100, loops: [{ count: 4, strideBits: 256 }] })).toEqual([0, 1]);
  });

  it('walks nested loops innermost first', () => {
    const loops = [
      { count: 2, strideBits: 512 * 100 },
      { count: 3, strideBits: 512 * 10 },
    ];
    expect(burstsOf({ base: 0, runBits: 512, loops })).toEqual([0, 10, 20, 100, 110, 120]);
  });
});

describe('a conv of 8 channels, 4×4 outputs, in tiles of 4 channels and 2×4', () => {
  const layer: SaLayer = {
    unit: 'SA',
    name: 'small',
    op: 'conv',
    sizes: { oc: 8, ic: 8, kh: 1, kw: 1, n: 1, oh: 4, ow: 4 },
    tile: { oc: 4, ic: 8, kh: 1, kw: 1, n: 1, oh: 2, ow: 4 },
    groups: 1,
    ...UNIT_SLIDING,
    loopOrder: WEIGHT_STATIONARY,
    bits: { weight: 8, ifmap: 8, psum: 32, bias: 32 },
  };
  const spec = dramPreset('HBM2');
  // Step 1 is the second half of the rows under the first weight tile: its psum tile is 4 channels of rows 2 and 3.
  const psum = { tensor: 'psum', step: 1, direction: 'store' as const, bits: 4 * 2 * 4 * 32 };
  const runsIn = (layout: (typeof LAYOUTS)[number]): Runs => placeTensors(layer, false, spec, layout).runsOf(psum);

  it('lies in one piece in the tiles layout, behind the tile before it', () => {
    const first = placeTensors(layer, false, spec, 'tiles').runsOf({ ...psum, step: 0 });
    expect(runsIn('tiles')).toEqual({ base: first.base + 1024, runBits: 1024, loops: [] });
  });

  it('is a run of two rows for each channel in NCHW', () => {
    // A channel has 16 elements of 32 bits; rows 2 and 3 are its second half.
    const { runBits, loops } = runsIn('nchw');
    expect({ runBits, loops }).toEqual({ runBits: 8 * 32, loops: [{ count: 4, strideBits: 16 * 32 }] });
  });

  it('is a run of four channels for each position in NHWC', () => {
    const { runBits, loops } = runsIn('nhwc');
    expect(runBits).toBe(4 * 32);
    // 2 rows of 4 positions, 8 channels each.
    expect(loops).toEqual([
      { count: 2, strideBits: 4 * 8 * 32 },
      { count: 4, strideBits: 8 * 32 },
    ]);
  });
});

describe('the tensors of a random layer', () => {
  const spec = dramPreset('HBM2');

  it.each(LAYOUTS)('cover each tile’s bits and never overlap each other: %s', (layout) => {
    fc.assert(
      fc.property(saCases({ randomOrder: true, mostMacs: 20_000 }), ({ layer }) => {
        const placement = placeTensors(layer, false, spec, layout);
        const ownerOf = new Map<number, string>();
        for (let step = 0; step < Math.min(stepsOf(layer), 40); step++) {
          for (const tensor of ['weight', 'ifmap', 'psum', 'bias'] as const) {
            const bits = layer.bits[tensor === 'bias' ? 'bias' : tensor];
            const runs = placement.runsOf({ tensor, step, direction: 'load', bits });
            for (const burst of burstsOf(runs)) {
              expect(ownerOf.get(burst) ?? tensor).toBe(tensor);
              ownerOf.set(burst, tensor);
            }
          }
        }
      }),
      sample(30),
    );
  });
});

describe('the ratio of the clocks', () => {
  it('is a fraction in lowest terms: 965 ps beside 1000 ps are 193 memory cycles in 200', () => {
    const ratio = new ClockRatio(965, 1000);
    expect([ratio.memory, ratio.accelerator]).toEqual([193, 200]);
    const training = new ClockRatio(1220, 1000);
    expect([training.memory, training.accelerator]).toEqual([61, 50]);
  });

  it('begins a transfer no earlier than it is asked for, and ends it no earlier than its data', () => {
    const ratio = new ClockRatio(1220, 1000);
    // Cycle 1 begins at 1220 ps: the next memory cycle begins at 2000 ps. Cycle 50 and memory cycle 61 begin together.
    expect([ratio.toMemory(0), ratio.toMemory(1), ratio.toMemory(50)]).toEqual([0, 2, 61]);
    // Memory cycle 3 begins at 3000 ps, in accelerator cycle 2 (2440–3660 ps); what ends then has ended by cycle 3.
    expect([ratio.cycleOf(3), ratio.endOf(3), ratio.endOf(61)]).toEqual([2, 3, 50]);
  });
});
