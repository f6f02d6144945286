/** Five tiles each, on a 1×1 array whose pipeline fill is 0, so that a reader can follow every cycle. */
import { describe, expect, it } from 'vitest';
import {
  NO_WINDOW,
  type SaLayer,
  type SimdLayer,
  UNIT_SLIDING,
  WEIGHT_STATIONARY,
} from '../../src/model/layers/layer.ts';
import { Machine } from '../../src/model/machine/machine.ts';
import type { InterfaceName, MachineObserver } from '../../src/model/machine/observer.ts';
import type { SimulatedResult } from '../../src/model/machine/statistics.ts';
import { type Assumptions, HARDWARE } from '../../src/model/schedule/assumptions.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
import { causes } from '../support/causes.ts';

type Slots = Hardware['slots'];
const slotsOf = (sa: number, vmem: number): Slots => ({ wbuf: sa, ibuf: sa, obuf: sa, bbuf: sa, vmem });

/** Weight 8, ifmap 20, psum `psumBits`, vmem 20 bits per cycle; weights and ifmaps of 8 bits, psums and bias of 32. */
function hardware(slots: Slots, psumBitsPerCycle = 64): Hardware {
  return {
    name: 'by hand',
    array: { rows: 1, columns: 1 },
    bits: { weight: 8, ifmap: 8, psum: 32, bias: 32 },
    sramKiB: { wbuf: 1, ibuf: 1, obuf: 1, bbuf: 1, vmem: 1, imem: 1 },
    slots,
    bitsPerCycle: { weight: 8, ifmap: 20, psum: psumBitsPerCycle, vmem: 20 },
    aluCycles: { add: 1, sub: 1, mul: 1, div: 1, max: 1, exp: 1, invSqrt: 1, condMove: 1, min: 1, mac: 1 },
    clockPicoseconds: 1000,
  };
}

const ONE = { oc: 1, ic: 1, kh: 1, kw: 1, n: 1, oh: 1, ow: 1 };
const conv = (sizes: SaLayer['sizes'], tile: SaLayer['tile']): SaLayer => ({
  unit: 'SA',
  name: 'five tiles',
  op: 'conv',
  sizes,
  tile,
  groups: 1,
  ...UNIT_SLIDING,
  loopOrder: WEIGHT_STATIONARY,
  bits: { weight: 8, ifmap: 8, psum: 32, bias: 32 },
});

/**
 * Five tiles of 10 positions under one weight tile. Per tile: compute 10 cycles, ifmap 80 bits = 4 cycles,
 * ofmap 320 bits = 5 cycles at 64 bits per cycle. Weight (1 cycle) and bias (4) travel once.
 */
const fivePositions = conv({ ...ONE, ow: 50 }, { ...ONE, ow: 10 });
/** Five input channels one after the other into one psum tile: each step loads a weight (1 cycle) and an ifmap (4). */
const fiveAdditions = conv({ ...ONE, ic: 5, ow: 10 }, { ...ONE, ow: 10 });
/** ReLU: per tile load 4 cycles, compute 10 + 5 cycles of fill, store 4. */
const relu: SimdLayer = {
  unit: 'SIMD',
  name: 'five tiles',
  op: 'relu',
  sizes: { c: 1, n: 1, h: 1, w: 50 },
  tile: { c: 1, n: 1, h: 1, w: 10 },
  window: NO_WINDOW,
  bits: { input: 8, output: 8, psum: 32, weight: 1, bias: 1 },
};

interface Interval {
  readonly from: number;
  to: number;
}

/** Notes when the unit computes and when each interface transfers. */
class Watch implements MachineObserver {
  readonly computes: Interval[] = [];
  readonly transfers: Interval[] = [];
  private readonly open = new Map<InterfaceName, Interval>();

  layerStarted(): void {}
  layerEnded(): void {}
  transferRequested(): void {}
  transferStarted(name: InterfaceName, cycle: number): void {
    this.open.set(name, { from: cycle, to: cycle });
  }
  transferEnded(name: InterfaceName, cycle: number): void {
    this.transfers.push({ ...this.open.get(name)!, to: cycle });
  }
  computeStarted(_step: number, cycle: number): void {
    this.computes.push({ from: cycle, to: cycle });
  }
  computeEnded(step: number, cycle: number): void {
    this.computes[step]!.to = cycle;
  }

  /** Cycles in which a transfer and a compute run at once. */
  overlapCycles(): number {
    const shared = (a: Interval, b: Interval): number => Math.max(0, Math.min(a.to, b.to) - Math.max(a.from, b.from));
    return this.computes.reduce(
      (sum, compute) => sum + this.transfers.reduce((overlap, transfer) => overlap + shared(compute, transfer), 0),
      0,
    );
  }
}

interface Seen {
  readonly result: SimulatedResult;
  readonly starts: readonly number[];
  readonly overlapCycles: number;
}

function run(layer: SaLayer | SimdLayer, on: Hardware, assumptions: Assumptions = HARDWARE): Seen {
  const machine = new Machine(on);
  const watch = new Watch();
  machine.observe(watch as unknown as MachineObserver);
  const result = machine.run(layer, assumptions);
  return { result, starts: watch.computes.map(({ from }) => from), overlapCycles: watch.overlapCycles() };
}

describe('five tiles on the systolic array', () => {
  it('with one slot no transfer overlaps compute', () => {
    // Weight and bias end at 5, ifmap 0 at 4: compute 0 is 5–15. Then ifmap 1 15–19 and the store 15–20 run at once;
    // the one output slot is free at 20: a period of 15. The last compute is 65–75, its store ends at 80.
    const { result, starts, overlapCycles } = run(fivePositions, hardware(slotsOf(1, 1)));
    expect(starts).toEqual([5, 20, 35, 50, 65]);
    expect([result.computeCycles, result.totalCycles]).toEqual([50, 80]);
    expect(causes(result.waiting)).toEqual({ weight: 1, bias: 4, outputSlot: 20, drain: 5 });
    expect(overlapCycles).toBe(0);
  });

  it('with two slots transfers hide behind compute', () => {
    // Ifmap 1 comes at 4–8 already, ifmap k + 2 while step k + 1 computes, store k too: no gap from 5 to 55.
    const { result, starts, overlapCycles } = run(fivePositions, hardware(slotsOf(2, 1)));
    expect(starts).toEqual([5, 15, 25, 35, 45]);
    expect([result.computeCycles, result.totalCycles]).toEqual([50, 60]);
    expect(causes(result.waiting)).toEqual({ weight: 1, bias: 4, drain: 5 });
    // Ifmap 1 overlaps compute 0 for 3 of its 4 cycles, ifmaps 2 to 4 wholly, stores 0 to 3 wholly.
    expect(overlapCycles).toBe(3 + 3 * 4 + 4 * 5);
  });

  it('waits for a slow store through its slot', () => {
    // Stores take ⌈320/20⌉ = 16 cycles: 15–31, 31–47, … Step 2 needs the slot of step 0 (free at 31), step 3 that of
    // step 1 (47), step 4 that of step 2 (63): gaps of 6, and the last store, 79–95, begins 6 after compute 4 ends.
    const { result, starts } = run(fivePositions, hardware(slotsOf(2, 1), 20));
    expect(starts).toEqual([5, 15, 31, 47, 63]);
    expect(result.totalCycles).toBe(95);
    expect(causes(result.waiting)).toEqual({ weight: 1, bias: 4, outputSlot: 18, drain: 22 });
  });

  it('loads a psum only after its own store has ended', () => {
    // Compute 0 is 5–15, its store 15–20, the psum comes back 20–25, compute 1 is 25–35: a period of 20, of which the
    // array waits 5 cycles for the store and 5 for the load.
    const { result, starts } = run(fiveAdditions, hardware(slotsOf(2, 1)));
    expect(starts).toEqual([5, 25, 45, 65, 85]);
    expect(result.totalCycles).toBe(100);
    expect(causes(result.waiting)).toEqual({ weight: 1, bias: 4, hazard: 20, psumLoad: 20, drain: 5 });
    expect(result.dramBits).toEqual({ weight: 40, ifmap: 400, psum: 8 * 320, ofmap: 320, bias: 32 });
    // The array reads its weight of 8 bits in each of 50 cycles; one that held it would in each of 5 steps.
    expect([result.sramBits.wbuf, result.wbufHeldBits]).toEqual([400, 40]);
  });

  it('grants no slot behind a psum that waits for its store', () => {
    // Two kw, ow and ic, one inside the other: psums 1, 3, 5 and 7 follow the ones before, 4 follows 1, 6 follows 3.
    // Compute, weight and psum transfers take 1 cycle, ifmaps 2, the bias 1 behind weight 0.
    //   compute    0:2–3   1:5–6   2:6–7   3:9–10    4:10–11   5:13–14   6:14–15   7:17–18
    //   ifmap      0:0–2   1:2–4   2:4–6   3:6–8     4:8–10    5:10–12   6:12–14   7:14–16
    //   psum load          1:4–5           3:8–9     4:9–10    5:12–13   6:13–14   7:16–17
    //   store      0:3–4   1:6–7   2:7–8   3:10–11   4:11–12   5:14–15   6:15–16   7:18–19
    // Visit 1 has its slot at 0 and waits for store 0 until 4; visit 2 has no psum to load and gets the third slot only
    // then, as visit 4 gets the slot that is free from 7 on when load 3 is asked for, at 8.
    const ones = { ...ONE, ic: 2, kw: 2, ow: 2 };
    const bits = { weight: 8, ifmap: 8, psum: 8, bias: 8 };
    const on = hardware({ ...slotsOf(2, 1), obuf: 3 }, 8);
    const { result, starts } = run(
      { ...conv(ones, ONE), bits, loopOrder: ['kw', 'oh', 'ow', 'n', 'ic', 'kh', 'oc'] },
      { ...on, bits, bitsPerCycle: { ...on.bitsPerCycle, ifmap: 4 } },
    );
    expect(starts).toEqual([2, 5, 6, 9, 10, 13, 14, 17]);
    expect(result.totalCycles).toBe(19);
  });

  it('computes without a gap where psums may come back before they have left', () => {
    // Psum 1 comes at 0–5. Store k is 15 + 10k to 20 + 10k and frees the slot for psum k + 2, 5 cycles more: just in time.
    const { result, starts } = run(fiveAdditions, hardware(slotsOf(2, 1)), { ...HARDWARE, noPsumHazard: true });
    expect(starts).toEqual([5, 15, 25, 35, 45]);
    expect([result.totalCycles, causes(result.waiting)]).toEqual([60, { weight: 1, bias: 4, drain: 5 }]);
  });

  it('keeps the psum on chip when resident tiles are kept', () => {
    // One visit of five steps: nothing but weights and ifmaps moves until the store, 55–60.
    const { result } = run(fiveAdditions, hardware(slotsOf(2, 1)), { ...HARDWARE, reloadOperands: false });
    expect([result.totalCycles, causes(result.waiting)]).toEqual([60, { weight: 1, bias: 4, drain: 5 }]);
    expect(result.dramBits).toMatchObject({ psum: 0, ofmap: 320 });
  });

  it('waits for a bias that comes alone, as its weight is still there', () => {
    // Two oc in each of two images, ow = 10: two weight slots, one bias slot. Weight and bias 0 are there at 5. Bias 1
    // gets its slot when step 0 has computed, and its weight waits with it: 15–20. Then both weights stay, and bias 0
    // comes back alone when step 1 has computed, 30–34, bias 1 after step 2, 44–48. The last store is 58–63.
    const layer: SaLayer = {
      ...conv({ ...ONE, n: 2, oc: 2, ow: 10 }, { ...ONE, ow: 10 }),
      loopOrder: ['n', 'oc', 'ic', 'kh', 'kw', 'oh', 'ow'],
    };
    const slots = { ...slotsOf(2, 1), bbuf: 1 };
    const { result, starts } = run(layer, hardware(slots), { ...HARDWARE, reloadOperands: false });
    expect(starts).toEqual([5, 20, 34, 48]);
    expect([result.totalCycles, causes(result.waiting)]).toEqual([63, { weight: 2, bias: 16, drain: 5 }]);
    expect(result.dramBits).toMatchObject({ weight: 16, bias: 4 * 32 });
  });

  it('runs in lockstep segment by segment', () => {
    // Psums take ⌈320/40⌉ = 8 cycles. Loads of step 0: 5. Compute 0 ∥ psum 1: 10, up to 15. Compute 1 ∥ store 0 and
    // psum 2: 16, up to 31. The same for steps 2 and 3: 47, 63. Compute 4 ∥ store 3: 73. Store 4: 81.
    const assumptions = { ...HARDWARE, lockstep: true, noPsumHazard: true };
    const { result, starts } = run(fiveAdditions, hardware(slotsOf(2, 1), 40), assumptions);
    expect(starts).toEqual([5, 15, 31, 47, 63]);
    expect(result.totalCycles).toBe(81);
    expect(causes(result.waiting)).toEqual({ weight: 1, bias: 4, psumLoad: 18, drain: 8 });
  });

  it('waits at the barrier for a store that nobody needs', () => {
    // Three output slots, stores of 16 cycles: segments of 10, then 4 × 16 although all operands are there.
    const slots = { ...slotsOf(2, 1), obuf: 3 };
    const { result, starts } = run(fivePositions, hardware(slots, 20), { ...HARDWARE, lockstep: true });
    expect(starts).toEqual([5, 15, 31, 47, 63]);
    expect(result.totalCycles).toBe(95);
    expect(causes(result.waiting)).toEqual({ weight: 1, bias: 4, barrier: 18, drain: 22 });
  });
});

describe('five tiles on the SIMD array', () => {
  it('with one slot load, compute and store follow each other', () => {
    // 4 + 15 + 4 = 23 cycles a tile.
    const { result, starts, overlapCycles } = run(relu, hardware(slotsOf(2, 1)));
    expect(starts).toEqual([4, 27, 50, 73, 96]);
    expect([result.computeCycles, result.totalCycles]).toEqual([75, 115]);
    expect(causes(result.waiting)).toEqual({ vmemLoad: 20, vmemStore: 16, drain: 4 });
    expect(overlapCycles).toBe(0);
  });

  it('with two slots they overlap', () => {
    // Load 1 comes at 4–8; store k and load k + 2 take 8 of the 15 cycles that step k + 1 computes.
    const { result, starts, overlapCycles } = run(relu, hardware(slotsOf(2, 2)));
    expect(starts).toEqual([4, 19, 34, 49, 64]);
    expect([result.computeCycles, result.totalCycles]).toEqual([75, 83]);
    expect(causes(result.waiting)).toEqual({ vmemLoad: 4, drain: 4 });
    // Loads 1 to 4 and stores 0 to 3.
    expect(overlapCycles).toBe(4 * 4 + 4 * 4);
  });

  it('with two slots they overlap over channels as over positions', () => {
    const { starts } = run({ ...relu, sizes: { c: 5, n: 1, h: 1, w: 10 } }, hardware(slotsOf(2, 2)));
    expect(starts).toEqual([4, 19, 34, 49, 64]);
  });

  it('with two slots the parts of an operation still follow each other', () => {
    // Batch norm of two channels, a pixel each: four vectors of 20 bits are 4 cycles, X is 1; sub, mul, mul, add with
    // their NOPs are 1 + 3 + 3 + 3, and 5 of fill; the store is 1. The vectors of channel 1 wait for the store of 0.
    const layer: SimdLayer = {
      ...relu,
      op: 'bn-normalise',
      sizes: { c: 2, n: 1, h: 1, w: 1 },
      tile: { c: 1, n: 1, h: 1, w: 1 },
      bits: { input: 20, output: 20, psum: 20, weight: 1, bias: 1 },
    };
    const { result, starts } = run(layer, hardware(slotsOf(2, 2)));
    expect(starts).toEqual([4, 5, 25, 26]);
    expect([result.computeCycles, result.totalCycles]).toEqual([30, 42]);
    expect(causes(result.waiting)).toEqual({ vmemLoad: 10, vmemStore: 1, drain: 1 });
  });
});
