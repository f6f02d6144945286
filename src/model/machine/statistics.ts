/** What a run has counted → the figures of the layer, with the conservation check at the end of every run. */
import type { MemoryCounts } from '../dram/memory.ts';
import { expectExactResult } from '../layers/exactness.ts';
import { CONV_DIMS } from '../layers/layer.ts';
import { noDramBits, noOpCounts, noSramBits, type Result, sumOf } from '../layers/result.ts';
import { roundUpTo } from '../layers/rounding.ts';
import { saFillCycles } from '../operations/saCosts.ts';
import type { SaSchedule } from '../schedule/saSchedule.ts';
import { InternalError } from '../schemas/inputError.ts';
import type { ComputeUnit } from './computeUnit.ts';
import type { Machine } from './machine.ts';
import type { OffChip } from './offChipInterface.ts';
import type { SaSequencer } from './saSequencer.ts';
import type { SimdSequencer } from './simdSequencer.ts';
import { noWaiting, type Waiting, type WaitingCounter } from './waiting.ts';

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

/** What a run has taken. */
export interface RunEffort {
  readonly events: number;
  readonly jumpedTiles: number;
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

function check(holds: boolean, what: string): void {
  if (!holds) throw new InternalError(`conservation: ${what}`);
}

/** Time of a unit, each cycle of it by what happens in it. */
function bookCycles(result: SimulatedResult, unit: ComputeUnit, waiting: WaitingCounter, total: number): void {
  result.computeCycles = unit.busyCycles;
  result.waiting = waiting.byCause();
  result.stallCycles = waiting.total();
  result.totalCycles = total;
}

function checkCycles(result: SimulatedResult, unit: ComputeUnit, total: number): void {
  check(
    unit.busyCycles + result.stallCycles === total,
    `busy ${unit.busyCycles} + waiting ${result.stallCycles} ≠ total ${total} cycles`,
  );
}

/** Tile steps, and what it took to go through them. */
function bookTiles(result: SimulatedResult, tiles: number, { events, jumpedTiles }: RunEffort): void {
  result.tiles = tiles;
  result.steppedTiles = tiles - jumpedTiles;
  result.jumpedTiles = jumpedTiles;
  result.events = events;
}

/** What was asked of the interfaces, tensor by tensor, must be what they have moved. */
function checkTransfers(interfaces: readonly OffChip[], askedBits: number): void {
  const moved = interfaces.reduce((bits, each) => bits + each.bitsMoved, 0);
  check(moved === askedBits, `bits asked ${askedBits}, moved ${moved}`);
}

/** The figures of a conv or gemm layer that has just run. */
export function saResult(machine: Machine, sequencer: SaSequencer, effort: RunEffort): SimulatedResult {
  const { rows, columns } = machine.hardware.array;
  const { schedule } = sequencer;
  const { shapes, layer } = schedule;
  const { bits } = layer;
  const result = emptySimulatedResult();
  const { dramBits, interfaceBusyCycles } = result;
  dramBits.weight = sequencer.transfers.weightBits;
  dramBits.ifmap = sequencer.transfers.ifmapBits;
  dramBits.psum = sequencer.transfers.psumBits;
  dramBits.ofmap = sequencer.transfers.ofmapBits;
  dramBits.bias = sequencer.transfers.biasBits;
  for (let mask = 0; mask < shapes.length; mask++) {
    const { innerTiles: inner, outputs, macs, weightBits } = shapes[mask]!;
    const starting = sequencer.startingSteps[mask]!;
    const steps = starting + sequencer.addingSteps[mask]!;
    // Table III: the array reads J·K weights and J ifmap elements a cycle, and reads and writes K psums,
    // except that a new psum is not read.
    result.sramBits.wbuf += steps * rows * columns * inner * bits.weight;
    result.sramBits.ibuf += steps * rows * inner * bits.ifmap;
    result.sramBits.obuf += (steps * 2 * columns * inner - starting * outputs) * bits.psum;
    result.sramBits.bbuf += starting * outputs * bits.bias;
    result.opCounts.mac += steps * macs;
    result.wbufHeldBits += steps * weightBits;
  }
  result.ops = 2 * result.opCounts.mac;
  bookCycles(result, machine.peArray, sequencer.waiting, machine.queue.now);
  bookTiles(result, schedule.steps, effort);
  // What is not exact does not add up.
  expectExactResult(layer.name, result);
  check(machine.peArray.tiles === schedule.steps, `${machine.peArray.tiles} of ${schedule.steps} tiles computed`);
  const { weightInterface, ifmapInterface, psumInterface } = machine;
  checkTransfers([weightInterface, ifmapInterface, psumInterface], sumOf(result.dramBits));
  checkMacs(schedule, result.opCounts.mac);
  checkCycles(result, machine.peArray, machine.queue.now);
  result.fillCycles = schedule.steps * saFillCycles(rows, columns);
  interfaceBusyCycles.weight = weightInterface.busyCycles;
  interfaceBusyCycles.ifmap = ifmapInterface.busyCycles;
  interfaceBusyCycles.psum = psumInterface.busyCycles;
  return result;
}

/** MACs of the layer, edge tiles at the size that the run gave them. */
function checkMacs(schedule: SaSchedule, macs: number): void {
  const { groups, sizes, tile } = schedule.layer;
  let product = groups;
  for (const dim of CONV_DIMS) product *= schedule.edgesAreFull ? roundUpTo(sizes[dim], tile[dim]) : sizes[dim];
  check(macs === product, `${macs} of ${product} MACs computed`);
}

/** The figures of a SIMD layer that has just run. */
export function simdResult(machine: Machine, sequencer: SimdSequencer, effort: RunEffort): SimulatedResult {
  const result = emptySimulatedResult();
  const { dramBits, sramBits, opCounts } = result;
  dramBits.ifmap = sequencer.ifmapBits;
  dramBits.ofmap = sequencer.ofmapBits;
  sequencer.forEachShape((shape, steps) => {
    sramBits.vmem += steps * shape.vmemBits;
    sramBits.imm += steps * shape.immBits;
    sramBits.imem += steps * shape.imemBits;
    result.ops += steps * shape.ops;
    result.fillCycles += steps * shape.fillCycles;
    for (const { alu, count } of shape.opCounts) opCounts[alu] += steps * count;
  });
  bookCycles(result, machine.simd, sequencer.waiting, machine.queue.now);
  bookTiles(result, sequencer.done, effort);
  expectExactResult(sequencer.schedule.layer.name, result);
  checkTransfers([machine.vmemInterface], sumOf(dramBits));
  checkCycles(result, machine.simd, machine.queue.now);
  result.interfaceBusyCycles.vmem = machine.vmemInterface.busyCycles;
  return result;
}
