/** What must hold of every trace, beside the run that it shows. */
import { expect } from 'vitest';
import { INTERFACES } from '../../src/model/machine/observer.ts';
import { interfaceBitsPerCycle } from '../../src/model/machine/offChipInterface.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
import type { Slice } from '../../src/views/trace/slice.ts';
import { coveredCycles, cyclesOf, type MemoryTrace } from './memoryTrace.ts';

/** What a lane shows of a layer is what the run's figures say, to the cycle. */
export function expectExact(trace: MemoryTrace): void {
  trace.runs.forEach(({ layer, result, isSecondSide }, index) => {
    const slices = trace.slices.filter(({ traced }) => traced.index === index);
    const inLane = (key: string, kind: string) => (slice: Slice) => slice.lane.key === key && slice.kind === kind;
    const unit = layer.unit === 'SA' ? 'pe-array' : 'simd';
    expect(cyclesOf(slices, inLane(unit, 'compute'))).toBe(result.computeCycles);
    for (const [cause, cycles] of Object.entries(result.waiting)) {
      expect([cause, cyclesOf(slices, (slice) => slice.cause === cause)]).toEqual([cause, cycles]);
    }
    for (const [name, busy] of Object.entries(result.interfaceBusyCycles)) {
      const moved = (slice: Slice): boolean => slice.lane.key === `${name}-interface`;
      expect([name, coveredCycles(slices, moved)]).toEqual([name, busy]);
    }
    // Of a group the layers' lane shows its SA side.
    expect(cyclesOf(slices, ({ kind }) => kind === 'layer')).toBe(isSecondSide ? 0 : result.totalCycles);
  });
}

/** Bits of the loads and stores of a layer, by the column that the run books them under. */
function bookedBits(trace: MemoryTrace, index: number): Record<string, number> {
  const { layer } = trace.runs[index]!;
  const bits: Record<string, number> = { weight: 0, ifmap: 0, psum: 0, ofmap: 0, bias: 0 };
  for (const slice of trace.slices) {
    if (slice.traced.index !== index || (slice.kind !== 'load' && slice.kind !== 'store')) continue;
    // On the SIMD array normalised X is booked as ifmap both ways.
    const simdColumn = slice.kind === 'load' || slice.tensor === 'Xhat' ? 'ifmap' : 'ofmap';
    bits[layer.unit === 'SA' ? slice.tensor : simdColumn]! += slice.bits;
  }
  return bits;
}

/** Every bit that moves is in a slice, layer by layer and tensor by tensor. */
export function expectAllBits(trace: MemoryTrace): void {
  trace.runs.forEach(({ layer, result }, index) => {
    expect([layer.name, bookedBits(trace, index)]).toEqual([layer.name, result.dramBits]);
  });
}

/** Slices of a lane come in order and never overlap; counters have one value a cycle, in order, and end at zero. */
export function expectOrdered({ slices, samples }: MemoryTrace): void {
  const ends = new Map<number, number>();
  // Those that are wrong, as an `expect` for each of so many would take longer than the run.
  const misplaced = slices.filter(({ lane, start, end, step, lastStep }) => {
    const isInOrder = start >= (ends.get(lane.index) ?? 0) && end > start && lastStep >= step;
    ends.set(lane.index, end);
    return !isInOrder;
  });
  expect(misplaced).toEqual([]);
  const last = new Map<string, { cycle: number; value: number }>();
  const mistaken = samples.filter(({ counter, cycle, value }) => {
    const isInOrder = cycle > (last.get(counter.name)?.cycle ?? -1) && value >= 0;
    last.set(counter.name, { cycle, value });
    return !isInOrder;
  });
  expect(mistaken).toEqual([]);
  for (const [name, { value }] of last) expect([name, value]).toEqual([name, 0]);
}

/** The bandwidth asked for adds up to the bits moved, and is never more than there is but for a cycle's rounding. */
export function expectBandwidth({ slices, samples }: MemoryTrace, hardware: Hardware): void {
  const bitsPerCycle = interfaceBitsPerCycle(hardware);
  for (const name of INTERFACES) {
    const moved = slices.filter(({ lane }) => lane.key === `${name}-interface`);
    const used = samples.filter(({ counter }) => counter.name === `${name} interface bandwidth asked for`);
    let bits = 0;
    const tooMuch = used.filter(({ cycle, value }, place) => {
      const cycles = (used[place + 1]?.cycle ?? cycle) - cycle;
      bits += value * cycles;
      return !(value * cycles <= bitsPerCycle[name] * (cycles + 1e-9));
    });
    expect(tooMuch).toEqual([]);
    expect(bits).toBeCloseTo(
      moved.reduce((sum, slice) => sum + slice.bits, 0),
      3,
    );
  }
}
