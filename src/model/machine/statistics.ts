/** What a run has counted → the figures of the layer, with the conservation check at the end of every run. */
import type { MemoryCounts } from '../dram/memory.ts';
import { expectExact, expectExactResult } from '../layers/exactness.ts';
import { CONV_DIMS } from '../layers/layer.ts';
import { noDramBits, noOpCounts, noSramBits, type Result, type SramBits, sumOf } from '../layers/result.ts';
import { roundUpTo } from '../layers/rounding.ts';
import { saFillCycles } from '../operations/saCosts.ts';
import type { FusedSchedule } from '../schedule/fusedSchedule.ts';
import type { SaSchedule } from '../schedule/saSchedule.ts';
import type { SimdSchedule } from '../schedule/simdSchedule.ts';
import type { Hardware } from '../schemas/hardware.ts';
import { InternalError } from '../schemas/inputError.ts';
import type { Components } from './components.ts';
import type { SaRun, SimdRun } from './layerRun.ts';
import { INTERFACES, type InterfaceName } from './observer.ts';
import { noWaiting, type Waiting } from './waiting.ts';

/** A simulated layer: the common columns and what only a simulation can tell. */
export interface SimulatedResult extends Result {
  /** Tile steps, and how many of them were stepped one by one and jumped over (fast-forward). */
  tiles: number;
  steppedTiles: number;
  jumpedTiles: number;
  /** Cycles in which the layer's unit did not compute, by cause; they add up to stallCycles. */
  waiting: Waiting;
  /** Pipeline fill, part of computeCycles. */
  fillCycles: number;
  /** What WBuf reads would be if the array held its weights, in bits. */
  wbufHeldBits: number;
  /** Busy cycles per off-chip interface. */
  interfaceBusyCycles: { weight: number; ifmap: number; psum: number; vmem: number };
  /** Events, those of jumped tiles included. */
  events: number;
  /** What the memory did; only with banked DRAM. */
  memory?: MemoryCounts;
}

/** A simulated result in which nothing has happened. Made once a layer, without a slow spread of `emptyResult`. */
export function emptySimulatedResult(): SimulatedResult {
  return {
    computeCycles: 0,
    stallCycles: 0,
    totalCycles: 0,
    dramBits: noDramBits(),
    sramBits: noSramBits(),
    ops: 0,
    opCounts: noOpCounts(),
    tiles: 0,
    steppedTiles: 0,
    jumpedTiles: 0,
    waiting: noWaiting(),
    fillCycles: 0,
    wbufHeldBits: 0,
    interfaceBusyCycles: { weight: 0, ifmap: 0, psum: 0, vmem: 0 },
    events: 0,
  };
}

/** What the components have counted up to a moment. */
export interface ComponentCounts {
  readonly peTiles: number;
  readonly peBusyCycles: number;
  readonly simdBusyCycles: number;
  /** Accesses of the compute units, in bits. */
  readonly wbuf: number;
  readonly ibuf: number;
  readonly obuf: number;
  readonly bbuf: number;
  readonly vmem: number;
  readonly imm: number;
  readonly imem: number;
  /** Busy cycles and bits moved, per interface. */
  readonly busyCycles: Readonly<Record<InterfaceName, number>>;
  readonly bitsMoved: Readonly<Record<InterfaceName, number>>;
}

const SRAMS = ['wbuf', 'ibuf', 'obuf', 'bbuf', 'vmem', 'imm', 'imem'] as const;

/** Reads the components' counters. */
export function componentCounts(components: Components): ComponentCounts {
  const { peArray, simdPipeline, wbuf, ibuf, obuf, bbuf, vmem, imem } = components;
  const { weightInterface, ifmapInterface, psumInterface, vmemInterface } = components;
  return {
    peTiles: peArray.tiles,
    peBusyCycles: peArray.busyCycles,
    simdBusyCycles: simdPipeline.busyCycles,
    wbuf: wbuf.readBits + wbuf.writtenBits,
    ibuf: ibuf.readBits + ibuf.writtenBits,
    // The PE array's own: what the SIMD pipeline reads there is counted with its other accesses.
    obuf: obuf.readBits + obuf.writtenBits - obuf.takenBits,
    bbuf: bbuf.readBits + bbuf.writtenBits,
    vmem: vmem.readBits + vmem.writtenBits,
    imm: imem.immReadBits,
    imem: imem.readBits,
    busyCycles: {
      weight: weightInterface.busyCycles,
      ifmap: ifmapInterface.busyCycles,
      psum: psumInterface.busyCycles,
      vmem: vmemInterface.busyCycles,
    },
    bitsMoved: {
      weight: weightInterface.bitsMoved,
      ifmap: ifmapInterface.bitsMoved,
      psum: psumInterface.bitsMoved,
      vmem: vmemInterface.bitsMoved,
    },
  };
}

/** Throws an InternalError unless a law of conservation holds; `what` says what was found. */
export function check(holds: boolean, what: string): void {
  if (!holds) throw new InternalError(`conservation: ${what}`);
}

/** What a layer of the PE array has asked of DRAM and computed, whatever else ran meanwhile. */
function bookSa(result: SimulatedResult, { schedule, operands, result: visits, shapeCounts }: SaRun): void {
  const [weights, ifmaps] = operands;
  const { shapes } = schedule as SaSchedule;
  const { dramBits, opCounts } = result;
  dramBits.weight = weights!.tileBits;
  dramBits.bias = weights!.biasBits;
  dramBits.ifmap = ifmaps!.tileBits;
  dramBits.psum = visits.psumBits;
  dramBits.ofmap = visits.ofmapBits;
  for (let shape = 0; shape < shapes.length; shape++) {
    opCounts.mac += shapeCounts[shape]! * shapes[shape]!.macs;
    result.wbufHeldBits += shapeCounts[shape]! * shapes[shape]!.weightBits;
  }
  result.ops = 2 * opCounts.mac;
}

/** Differences of counters are exact as long as these are. Throws a BeyondExactness with the layer's name. */
export function expectExactCounts(layer: string | undefined, counts: ComponentCounts): void {
  for (const name of INTERFACES) expectExact(layer, 'dramBits', counts.bitsMoved[name]);
  for (const sram of SRAMS) expectExact(layer, 'sramBits', counts[sram]);
}

/** Checks the MACs of a conv or gemm, edge tiles at the size that the run gave them. */
export function checkMacsOf({ schedule, layer }: AnyRun, { opCounts: { mac: macs } }: SimulatedResult): void {
  if (layer.unit === 'SIMD') return;
  const { groups, sizes, tile } = layer;
  let product = groups;
  for (const dim of CONV_DIMS)
    product *= (schedule as SaSchedule).edgesAreFull ? roundUpTo(sizes[dim], tile[dim]) : sizes[dim];
  check(macs === product, `${macs} of ${product} MACs computed`);
}

/** What a layer of the SIMD array has asked of DRAM and computed, whatever else ran meanwhile. */
function bookSimd(result: SimulatedResult, { schedule, result: visits, shapeCounts }: SimdRun): void {
  const { shapes } = schedule as SimdSchedule;
  result.dramBits.ifmap = visits.ifmapBits;
  result.dramBits.ofmap = visits.ofmapBits;
  for (let place = 0; place < shapeCounts.length; place++) {
    const steps = shapeCounts[place]!;
    if (steps === 0) continue;
    const shape = (schedule as SimdSchedule).shape(Math.floor(place / shapes), place % shapes);
    result.ops += steps * shape.ops;
    result.fillCycles += steps * shape.fillCycles;
    for (const { alu, count } of shape.opCounts) result.opCounts[alu] += steps * count;
  }
}

/** A run of either unit. */
export type AnyRun = SaRun | SimdRun;

/** What components have counted for a layer: accesses of the compute units in bits, busy cycles per interface. */
export interface LayerCounts {
  readonly sramBits: SramBits;
  readonly interfaceBusyCycles: Record<InterfaceName, number>;
}

/** What has been counted between two moments. */
export function countsBetween(before: ComponentCounts, after: ComponentCounts): LayerCounts {
  const sramBits = noSramBits();
  for (const sram of SRAMS) sramBits[sram] = after[sram] - before[sram];
  const interfaceBusyCycles = { weight: 0, ifmap: 0, psum: 0, vmem: 0 };
  for (const name of INTERFACES) interfaceBusyCycles[name] = after.busyCycles[name] - before.busyCycles[name];
  return { sramBits, interfaceBusyCycles };
}

/** The figures of a layer that has run: what it has asked for and computed, and what components have counted for it. */
export function layerResult(run: AnyRun, counts: LayerCounts, hardware: Hardware, events: number): SimulatedResult {
  const result = emptySimulatedResult();
  if (run.layer.unit === 'SA') {
    bookSa(result, run as SaRun);
    result.fillCycles = run.steps * saFillCycles(hardware.array.rows, hardware.array.columns);
  } else {
    bookSimd(result, run as SimdRun);
  }
  result.sramBits = counts.sramBits;
  result.interfaceBusyCycles = counts.interfaceBusyCycles;
  result.computeCycles = run.busyCycles;
  result.waiting = run.waiting.byCause();
  result.stallCycles = run.waiting.total();
  result.totalCycles = result.computeCycles + result.stallCycles;
  result.tiles = run.steps;
  result.steppedTiles = run.steps - run.jumped;
  result.jumpedTiles = run.jumped;
  result.events = events;
  return result;
}

/**
 * The figures of the SIMD members of a fused group, in order, but for cycles, which only the group has. What the first
 * reads of the tile handed over are accesses of OBuf.
 */
export function memberResults(
  { schedule, shapeCounts, steps, jumped, events }: SimdRun,
  interfaceBusyCycles: LayerCounts['interfaceBusyCycles'],
): SimulatedResult[] {
  const { group, shapes } = schedule as FusedSchedule;
  return group.members.map((_, member) => {
    const result = emptySimulatedResult();
    const { dramBits, sramBits } = result;
    for (const [place, count] of shapeCounts.entries()) {
      if (count === 0) continue;
      const shape = shapes[place]!.members[member]!;
      dramBits.ifmap += count * shape.loadBits;
      dramBits.ofmap += count * shape.storeBits;
      sramBits.obuf += count * shape.obufReadBits;
      sramBits.vmem += count * shape.vmemBits;
      sramBits.imm += count * shape.immBits;
      sramBits.imem += count * shape.imemBits;
      result.ops += count * shape.ops;
      result.fillCycles += count * shape.fillCycles;
      for (const { alu, count: executions } of shape.opCounts) result.opCounts[alu] += count * executions;
    }
    result.tiles = steps;
    result.steppedTiles = steps - jumped;
    result.jumpedTiles = jumped;
    if (member === group.members.length - 1) {
      result.interfaceBusyCycles = interfaceBusyCycles;
      result.events = events;
    }
    return result;
  });
}

/** Conservation, at the end of every layer that runs alone: `total` cycles have passed. */
export function checkLayer(
  result: SimulatedResult,
  run: AnyRun,
  before: ComponentCounts,
  after: ComponentCounts,
  total: number,
): void {
  const { name } = run.layer;
  // What is not exact does not add up; neither do differences of counters that are not.
  expectExactResult(name, result);
  expectExactCounts(name, after);
  checkMacsOf(run, result);
  const busy = after.peBusyCycles - before.peBusyCycles + after.simdBusyCycles - before.simdBusyCycles;
  check(
    busy === result.computeCycles && result.totalCycles === total,
    `busy ${busy} + waiting ${result.stallCycles} ≠ total ${total} cycles`,
  );
  const moved = INTERFACES.reduce((bits, name) => bits + after.bitsMoved[name] - before.bitsMoved[name], 0);
  const asked = sumOf(result.dramBits);
  check(moved === asked, `bits asked ${asked}, moved ${moved}`);
  const tiles = after.peTiles - before.peTiles;
  check(run.layer.unit === 'SIMD' || tiles === run.steps, `${tiles} of ${run.steps} tiles computed`);
}
