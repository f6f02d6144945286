import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Layer,
  NO_WINDOW,
  type SaLayer,
  type SimdLayer,
  UNIT_SLIDING,
  WEIGHT_STATIONARY,
} from '../../src/model/layers/layer.ts';
import { sumOf } from '../../src/model/layers/result.ts';
import { Machine } from '../../src/model/machine/machine.ts';
import type { InterfaceName, MachineObserver, TileMove } from '../../src/model/machine/observer.ts';
import { totalWaiting } from '../../src/model/machine/waiting.ts';
import { SIMD_OPERATIONS, type SimdOp } from '../../src/model/operations/simdTable.ts';
import { type Assumptions, HARDWARE } from '../../src/model/schedule/assumptions.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
import { assumptionSets, type Case, isDefined, saCases, sample, simdCases } from '../support/arbitraries.ts';

const anySimd = fc
  .constantFrom(...(Object.keys(SIMD_OPERATIONS) as SimdOp[]))
  .chain((op) => simdCases(op, { randomSlots: true }));
const anyCase: fc.Arbitrary<Case<Layer>> = fc.oneof(
  { weight: 3, arbitrary: saCases({ randomSlots: true, randomOrder: true }) },
  { weight: 1, arbitrary: anySimd },
);

/** Fails where something does not hold: of so many events an `expect` each would take longer than the machine. */
function mustHold(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

/** Sums up what an observer sees, and fails at once where time or order is wrong. */
class Auditor implements MachineObserver {
  computeCycles = 0;
  bitsAsked = 0;
  bitsMoved = 0;
  steps = 0;
  endCycle = -1;
  private now = 0;
  private computeSince = -1;
  private readonly queues = new Map<InterfaceName, { bits: number; since: number }[]>();

  layerStarted(): void {}

  transferRequested(name: InterfaceName, moves: readonly TileMove[], cycle: number): void {
    this.passTo(cycle);
    const bits = moves.reduce((sum, move) => sum + move.bits, 0);
    this.bitsAsked += bits;
    this.queues.set(name, [...(this.queues.get(name) ?? []), { bits, since: -1 }]);
  }

  transferStarted(name: InterfaceName, cycle: number): void {
    this.passTo(cycle);
    const [head] = this.queues.get(name)!;
    mustHold(head!.since === -1, `${name}: a transfer starts twice in cycle ${cycle}`);
    head!.since = cycle;
  }

  transferEnded(name: InterfaceName, cycle: number): void {
    this.passTo(cycle);
    const head = this.queues.get(name)!.shift()!;
    mustHold(head.since >= 0, `${name}: a transfer that has not started ends in cycle ${cycle}`);
    this.bitsMoved += head.bits;
  }

  computeStarted(step: number, cycle: number): void {
    this.passTo(cycle);
    mustHold(step === this.steps && this.computeSince === -1, `step ${step} starts in cycle ${cycle}, out of turn`);
    this.computeSince = cycle;
  }

  computeEnded(step: number, cycle: number): void {
    this.passTo(cycle);
    mustHold(step === this.steps, `step ${step} ends in cycle ${cycle}, out of turn`);
    this.steps++;
    this.computeCycles += cycle - this.computeSince;
    this.computeSince = -1;
  }

  layerEnded(cycle: number): void {
    this.passTo(cycle);
    this.endCycle = cycle;
  }

  private passTo(cycle: number): void {
    mustHold(cycle >= this.now, `cycle ${cycle} comes after ${this.now}`);
    this.now = cycle;
  }
}

function cyclesOf(layer: Layer, hardware: Hardware, assumptions: Assumptions): number {
  return new Machine(hardware).run(layer, assumptions).totalCycles;
}

describe('any layer under any assumptions', () => {
  it('never runs back, computes step by step, serves transfers in turn, and accounts for every cycle and bit', () => {
    fc.assert(
      fc.property(anyCase, assumptionSets, ({ hardware, layer }, assumptions) => {
        fc.pre(isDefined({ hardware, layer }, assumptions));
        const machine = new Machine(hardware);
        const auditor = new Auditor();
        machine.observe(auditor as unknown as MachineObserver);
        const { totalCycles, computeCycles, stallCycles, waiting, dramBits, tiles } = machine.run(layer, assumptions);
        expect([auditor.steps, auditor.endCycle]).toEqual([tiles, totalCycles]);
        expect(auditor.computeCycles).toBe(computeCycles);
        expect(computeCycles + totalWaiting(waiting)).toBe(totalCycles);
        expect(stallCycles).toBe(totalCycles - computeCycles);
        expect([auditor.bitsAsked, auditor.bitsMoved]).toEqual([sumOf(dramBits), sumOf(dramBits)]);
      }),
      sample(300),
    );
  });

  it('gives the same figures again, on a fresh machine and on one that has run before', () => {
    fc.assert(
      fc.property(anyCase, assumptionSets, assumptionSets, ({ hardware, layer }, assumptions, others) => {
        fc.pre(isDefined({ hardware, layer }, assumptions));
        const first = new Machine(hardware, { fastForward: false }).run(layer, assumptions);
        const reused = new Machine(hardware, { fastForward: false });
        if (isDefined({ hardware, layer }, others)) reused.run(layer, others);
        expect(JSON.stringify(reused.run(layer, assumptions))).toBe(JSON.stringify(first));
      }),
      sample(100),
    );
  });
});

const INTERFACES = ['weight', 'ifmap', 'psum', 'vmem'] as const;
const SRAMS = ['wbuf', 'ibuf', 'obuf', 'bbuf', 'vmem'] as const;
const faster = fc.record({ which: fc.constantFrom(...INTERFACES), times: fc.integer({ min: 2, max: 4 }) });
const roomier = fc.constantFrom(...SRAMS);

function withMoreBandwidth(hardware: Hardware, which: (typeof INTERFACES)[number], times: number): Hardware {
  const { bitsPerCycle } = hardware;
  return { ...hardware, bitsPerCycle: { ...bitsPerCycle, [which]: times * bitsPerCycle[which] } };
}

function withOneMoreSlot(hardware: Hardware, which: (typeof SRAMS)[number]): Hardware {
  return { ...hardware, slots: { ...hardware.slots, [which]: hardware.slots[which] + 1 } };
}

/** Without accumulation no psum ever comes back. */
const noAddition = saCases({ randomSlots: true }).filter(({ layer }) => stepsPerSum(layer) === 1);

/** One row, one column, one cycle per operation, two slots and one in VMem, one bit a cycle everywhere. */
const tiny: Hardware = {
  name: 'tiny',
  array: { rows: 1, columns: 1 },
  bits: { weight: 3, ifmap: 3, psum: 2, bias: 1 },
  sramKiB: { wbuf: 1, ibuf: 1, obuf: 1, bbuf: 1, vmem: 1, imem: 1 },
  slots: { wbuf: 2, ibuf: 2, obuf: 2, bbuf: 2, vmem: 2 },
  bitsPerCycle: { weight: 1, ifmap: 1, psum: 1, vmem: 1 },
  aluCycles: { add: 1, sub: 1, mul: 1, div: 1, max: 1, exp: 1, invSqrt: 1, condMove: 1, min: 1, mac: 1 },
  clockPicoseconds: 1000,
};

describe('more bandwidth, or more slots for the same tiles', () => {
  it('never adds cycles on the systolic array where no psum comes back: each interface moves one way', () => {
    fc.assert(
      fc.property(noAddition, faster, roomier, ({ hardware, layer }, { which, times }, sram) => {
        const cycles = cyclesOf(layer, hardware, HARDWARE);
        expect(cyclesOf(layer, withMoreBandwidth(hardware, which, times), HARDWARE)).toBeLessThanOrEqual(cycles);
        expect(cyclesOf(layer, withOneMoreSlot(hardware, sram), HARDWARE)).toBeLessThanOrEqual(cycles);
      }),
      sample(200),
    );
  });

  it('never adds cycles with one output slot: a psum waits for its own store in any case', () => {
    fc.assert(
      fc.property(saCases({ randomSlots: true }), faster, ({ hardware, layer }, { which, times }) => {
        const single = { ...hardware, slots: { ...hardware.slots, obuf: 1 } };
        const cycles = cyclesOf(layer, single, HARDWARE);
        expect(cyclesOf(layer, withMoreBandwidth(single, which, times), HARDWARE)).toBeLessThanOrEqual(cycles);
      }),
      sample(150),
    );
  });

  it('can add cycles where psums come back: loads and stores share one queue', () => {
    // Two accumulation steps (ic) for three psum tiles, steps 0–2 and 3–5; compute takes 1 cycle, a weight 3 (and the
    // bias 1 before step 0), an ifmap 3 or, with the bandwidth doubled, 2, a psum 2.
    //
    // ifmap 1 bit a cycle:  compute 4 6 9, stores of 0–2 are asked for at 5 7 10; psum 3 (its store ended at 7) gets a
    //   slot at 9, before store 2 is there, and travels at 9–11: compute 3 is at 12, 4 at 17, 5 at 19, the end is 23.
    // ifmap 2 bits a cycle: compute 4 5 7, stores at 5 6 8. Now store 2 is ahead of psum 3 in the queue and travels at
    //   9–11, psum 3 at 11–13: compute 3 is at 13, 4 at 15, 5 at 21, the end is 24.
    const sizes = { oc: 1, ic: 2, kh: 1, kw: 1, n: 1, oh: 1, ow: 3 };
    const layer: SaLayer = {
      unit: 'SA',
      name: 'smallest counterexample',
      op: 'conv',
      sizes,
      tile: { ...sizes, ic: 1, ow: 1 },
      groups: 1,
      ...UNIT_SLIDING,
      loopOrder: WEIGHT_STATIONARY,
      bits: tiny.bits,
    };
    expect(cyclesOf(layer, tiny, HARDWARE)).toBe(23);
    expect(cyclesOf(layer, withMoreBandwidth(tiny, 'ifmap', 2), HARDWARE)).toBe(24);
  });

  it('can add cycles on the SIMD array: a third slot lets a store in before the last load', () => {
    // Four tiles of one element; load, compute (1 and 5 of fill) and store take 6 cycles each.
    //
    // Two slots:   loads 0–6 6–12, computes 6 12, stores 12–18 18–24; loads 2 and 3 are asked for as the stores end, at
    //   18 and 24, and travel at 24–30 and 30–36: computes 30 36, stores 36–42 42–48.
    // Three slots: load 2 goes at 12–18, compute 2 at 18–24, so store 2 is asked for at 24 in the same cycle as load 3
    //   and goes first, behind store 1: load 3 is at 36–42, compute 3 at 42, store 3 at 48–54.
    const layer: SimdLayer = {
      unit: 'SIMD',
      name: 'smallest counterexample',
      op: 'relu',
      sizes: { c: 1, n: 1, h: 1, w: 4 },
      tile: { c: 1, n: 1, h: 1, w: 1 },
      window: NO_WINDOW,
      bits: { input: 6, output: 6, psum: 1, weight: 1, bias: 1 },
    };
    expect(cyclesOf(layer, tiny, HARDWARE)).toBe(48);
    expect(cyclesOf(layer, withOneMoreSlot(tiny, 'vmem'), HARDWARE)).toBe(54);
  });
});

/** Accumulation steps of a psum tile. */
function stepsPerSum({ sizes, tile }: SaLayer): number {
  return (['ic', 'kh', 'kw'] as const).reduce((steps, dim) => steps * Math.ceil(sizes[dim] / tile[dim]), 1);
}
