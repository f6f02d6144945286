/** Layers without a barrier between them, and fused ones, on a 1×1 array whose pipeline fill is 0, counted by hand. */
import { describe, expect, it } from 'vitest';
import { type FusedGroup, fusedGroups } from '../../src/model/fusion/groups.ts';
import type { Layer, SimdLayer } from '../../src/model/layers/layer.ts';
import { Machine } from '../../src/model/machine/machine.ts';
import type { InterfaceName, MachineObserver, TileMove } from '../../src/model/machine/observer.ts';
import { HARDWARE } from '../../src/model/schedule/assumptions.ts';
import { causes } from '../support/causes.ts';
import { complete } from '../support/complete.ts';
import { conv, hardware, relu } from '../support/fiveTiles.ts';

const PREFETCH = { ...HARDWARE, prefetch: true };

/** Notes when steps compute and when tiles travel, per layer. */
class Watch implements MachineObserver {
  /** `[layer, from]` of each step, and `[tensor, layer, from, to]` of each tile that is loaded. */
  readonly computes: [number, number][] = [];
  readonly loads: [string, number, number, number][] = [];
  private readonly requested = new Map<InterfaceName, (readonly TileMove[])[]>();
  private readonly from = new Map<InterfaceName, number>();

  layerStarted(): void {}
  layerEnded(): void {}
  computeEnded(): void {}
  computeStarted(_step: number, cycle: number, _slots: unknown, place: number): void {
    this.computes.push([place, cycle]);
  }
  transferRequested(name: InterfaceName, moves: readonly TileMove[]): void {
    this.requested.set(name, [...(this.requested.get(name) ?? []), moves]);
  }
  transferStarted(name: InterfaceName, cycle: number): void {
    this.from.set(name, cycle);
  }
  transferEnded(name: InterfaceName, cycle: number): void {
    const [{ tensor, layer, direction }] = this.requested.get(name)!.shift() as [TileMove];
    if (direction === 'load') this.loads.push([tensor, layer, this.from.get(name)!, cycle]);
  }
}

function run(layers: readonly Layer[], groups: readonly FusedGroup[] = [], on = hardware) {
  const machine = new Machine(on);
  const watch = new Watch();
  machine.observe(watch);
  return { ...complete(machine.runOverlapped(layers, PREFETCH, groups)), watch };
}

describe('layers without a barrier between them', () => {
  it('that do not depend on each other keep both arrays busy at once', () => {
    // The conv as alone: computes 5–15, 15–25, … 45–55, the last store to 60. The ReLU beside it, with one slot in
    // VMem: load 0–4, compute 4–19, store 19–23, and again from 23, 46, 69 and 92 on, to 115.
    const { layers, totalCycles, units, watch } = run([conv('conv', 5), relu]);
    const startsOf = (layer: number) => watch.computes.filter(([place]) => place === layer).map(([, from]) => from);
    expect(startsOf(0)).toEqual([5, 15, 25, 35, 45]);
    expect(startsOf(1)).toEqual([4, 27, 50, 73, 96]);
    // What the ReLU adds to the run is what it ends later.
    expect(layers.map((layer) => layer.totalCycles)).toEqual([60, 55]);
    expect(totalCycles).toBe(115);
    expect([units.SA.busyCycles, causes(units.SA.waiting)]).toEqual([50, { weight: 1, bias: 4, drain: 5, noWork: 55 }]);
    expect([units.SIMD.busyCycles, causes(units.SIMD.waiting)]).toEqual([
      75,
      { vmemLoad: 20, vmemStore: 16, drain: 4 },
    ]);
  });

  it('that do bring the second’s weights during the first, and its ifmap after the first’s last store', () => {
    // WBuf's other slot is free from the start: weight and bias of the second travel 5–10, behind those of the first.
    // Its ifmap gets a slot at 45, when the fourth step is over, and waits in it for the first's last store, at 60:
    // load 60–64, compute 64–74, store 74–79. One after the other the two take 60 + 20.
    const { layers, totalCycles, watch } = run([conv('first', 5), conv('second', 1, { ifmap: ['first'] })]);
    expect(watch.loads.filter(([, layer]) => layer === 1)).toEqual([
      ['weight', 1, 5, 10],
      ['ifmap', 1, 60, 64],
    ]);
    expect(layers.map((layer) => layer.totalCycles)).toEqual([60, 19]);
    expect(causes(layers[1]!.waiting)).toEqual({ producer: 5, ifmap: 4 });
    expect(totalCycles).toBe(79);
  });

  it('wait for a producer only for the tensor that it makes', () => {
    // The tensor-add's second input is there from the start: it comes into the step's slot at 0–4. The first comes
    // when the conv has stored, 20–24; then compute 24–39, store 39–43.
    const add: SimdLayer = { ...relu, name: 'add', op: 'tensor-add', sizes: relu.tile, producers: { X1: ['conv'] } };
    const { totalCycles, units, watch } = run([conv('conv', 1), add]);
    expect(watch.loads.filter(([, layer]) => layer === 1)).toEqual([
      ['X2', 1, 0, 4],
      ['X1', 1, 20, 24],
    ]);
    expect(totalCycles).toBe(43);
    expect(causes(units.SIMD.waiting)).toEqual({ producer: 20, vmemLoad: 4, drain: 4 });
  });
});

describe('five tiles of a conv and the ReLU that takes them over', () => {
  const program = [conv('conv', 5), { ...relu, producers: { X: ['conv'] }, asMade: ['X'] }];
  const groups = fusedGroups(program, 'chains');

  it('keep both arrays busy at once, and wait for each other’s slots', () => {
    // The SIMD array takes tile 0 over at 15: compute 15–30, store 30–34; with one slot in VMem tile 1 follows at 34, and
    // then every 19 cycles: 53, 72, 91, the last store to 110. OBuf's two slots are free when a tile has been used: at 30,
    // 49 and 68, where tiles 2, 3 and 4 begin.
    const { layers, groups: results, totalCycles, units, watch } = run(program, groups);
    const startsOf = (layer: number) => watch.computes.filter(([place]) => place === layer).map(([, from]) => from);
    expect(startsOf(0)).toEqual([5, 15, 30, 49, 68]);
    expect(startsOf(1)).toEqual([15, 34, 53, 72, 91]);
    expect([totalCycles, results[0]!.totalCycles]).toEqual([110, 110]);
    expect([units.SA.busyCycles, causes(units.SA.waiting)]).toEqual([
      50,
      { weight: 1, bias: 4, outputSlot: 5 + 9 + 9, drain: 106 - 78, noWork: 4 },
    ]);
    expect([units.SIMD.busyCycles, causes(units.SIMD.waiting)]).toEqual([
      75,
      { obufTile: 15, vmemStore: 16, drain: 4 },
    ]);
    // Neither a store of the sums nor a load of them; the ReLU's 50 results of 8 bits are stored.
    expect(layers.map(({ dramBits }) => dramBits.ofmap)).toEqual([0, 400]);
    expect(layers.map(({ dramBits }) => dramBits.ifmap)).toEqual([400, 0]);
    // The ReLU reads its X once in OBuf, at 32 bits, and writes 8 bits to VMem.
    expect([layers[1]!.sramBits.obuf, layers[1]!.sramBits.vmem]).toEqual([50 * 32, 50 * 8]);
  });

  it('stay in OBuf until they are used, where their store has ended before', () => {
    // Others read the sums too: they are stored at 15–20, 25–30, 40–45, …, each before the SIMD array is through with it.
    const { layers, totalCycles, watch } = run(program, [{ ...groups[0]!, isSumStored: true }]);
    expect(watch.computes.filter(([place]) => place === 0).map(([, from]) => from)).toEqual([5, 15, 30, 49, 68]);
    expect(totalCycles).toBe(110);
    expect(layers[0]!.dramBits.ofmap).toBe(5 * 320);
  });
});

describe('five tiles of a conv and the addition of a shortcut, with two slots in VMem', () => {
  const add: SimdLayer = {
    ...relu,
    name: 'add',
    op: 'tensor-add',
    bits: { ...relu.bits, input: 32 },
    producers: { X1: ['conv'] },
    asMade: ['X1'],
  };
  const program = [conv('conv', 5), add];

  it('load the shortcut ahead of the tile, behind the stores that are ready', () => {
    // A tile of the shortcut takes ⌈320/20⌉ = 16 cycles, an addition 15, a store 4. Both slots load at once: 0–16, 16–32.
    // Addition 0 is 16–31, its store waits for load 1 (32–36), then load 2 has its slot (36–52); addition 1 is 32–47, its
    // store 52–56, load 3 56–72; addition 2 52–67, store 72–76, load 4 76–92; additions 72–87 and 92–107, stores 92–96
    // and 107–111. OBuf's slots are free when a tile has been used: tiles 2, 3 and 4 begin at 31, 47 and 67.
    const two = { ...hardware, slots: { ...hardware.slots, vmem: 2 } };
    const { totalCycles, units, watch, layers } = run(program, fusedGroups(program, 'chains'), two);
    const startsOf = (layer: number) => watch.computes.filter(([place]) => place === layer).map(([, from]) => from);
    expect(startsOf(0)).toEqual([5, 15, 31, 47, 67]);
    expect(startsOf(1)).toEqual([16, 32, 52, 72, 92]);
    expect(totalCycles).toBe(111);
    expect(causes(units.SIMD.waiting)).toEqual({ vmemLoad: 16 + 1 + 5 + 5 + 5, drain: 4 });
    expect(causes(units.SA.waiting)).toEqual({
      weight: 1,
      bias: 4,
      outputSlot: 6 + 6 + 10,
      drain: 107 - 77,
      noWork: 4,
    });
    expect([layers[1]!.dramBits.ifmap, layers[1]!.dramBits.ofmap]).toEqual([5 * 320, 5 * 80]);
  });
});
