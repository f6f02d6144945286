/** What a run has counted → the figures of the layer, with the conservation check at the end of every run. */
import type { MemoryCounts } from '../dram/memory.ts';
import { CONV_DIMS } from '../layers/layer.ts';
import { emptyResult, type Result, sumOf } from '../layers/result.ts';
import { roundUpTo } from '../layers/rounding.ts';
import { saFillCycles } from '../operations/saCosts.ts';
import type { SaSchedule } from '../schedule/saSchedule.ts';
import { InternalError } from '../spec/inputError.ts';
import type { ComputeUnit } from './computeUnit.ts';
import type { Machine } from './machine.ts';
import type { OffChip } from './offChipInterface.ts';
import type { SaSequencer } from './saSequencer.ts';
import type { SimdSequencer } from './simdSequencer.ts';
import { noWaiting, totalWaiting, type Waiting } from './waiting.ts';

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

/** A simulated result in which nothing has happened. */
export function emptySimulatedResult(): SimulatedResult {
  return {
    ...emptyResult(),
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

function unitFigures(
  unit: ComputeUnit,
  waiting: Waiting,
  total: number,
): Pick<Result, 'computeCycles' | 'stallCycles' | 'totalCycles'> {
  const stallCycles = totalWaiting(waiting);
  check(
    unit.busyCycles + stallCycles === total,
    `busy ${unit.busyCycles} + waiting ${stallCycles} ≠ total ${total} cycles`,
  );
  return { computeCycles: unit.busyCycles, stallCycles, totalCycles: total };
}

/** What was asked of the interfaces, tensor by tensor, must be what they have moved. */
function checkTransfers(interfaces: readonly OffChip[], askedBits: number): void {
  const moved = interfaces.reduce((bits, each) => bits + each.bitsMoved, 0);
  check(moved === askedBits, `bits asked ${askedBits}, moved ${moved}`);
}

/** The figures of a conv or gemm layer that has just run. */
export function saResult(
  machine: Machine,
  sequencer: SaSequencer,
  { events, jumpedTiles }: RunEffort,
): SimulatedResult {
  const waiting = sequencer.waiting.byCause();
  const { rows, columns } = machine.hardware.array;
  const { schedule } = sequencer;
  const { shapes, layer } = schedule;
  const { bits } = layer;
  const result = emptyResult();
  result.dramBits = {
    weight: sequencer.weightBits,
    ifmap: sequencer.ifmapBits,
    psum: sequencer.psumBits,
    ofmap: sequencer.ofmapBits,
    bias: sequencer.biasBits,
  };
  let wbufHeldBits = 0;
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
    wbufHeldBits += steps * weightBits;
  }
  result.ops = 2 * result.opCounts.mac;
  check(machine.peArray.tiles === schedule.steps, `${machine.peArray.tiles} of ${schedule.steps} tiles computed`);
  const { weightInterface, ifmapInterface, psumInterface } = machine;
  checkTransfers([weightInterface, ifmapInterface, psumInterface], sumOf(result.dramBits));
  checkMacs(schedule, result.opCounts.mac);
  return {
    ...result,
    ...unitFigures(machine.peArray, waiting, machine.queue.now),
    fillCycles: schedule.steps * saFillCycles(rows, columns),
    tiles: schedule.steps,
    steppedTiles: schedule.steps - jumpedTiles,
    jumpedTiles,
    waiting,
    wbufHeldBits,
    interfaceBusyCycles: {
      weight: weightInterface.busyCycles,
      ifmap: ifmapInterface.busyCycles,
      psum: psumInterface.busyCycles,
      vmem: 0,
    },
    events,
  };
}

/** MACs of the layer, edge tiles at the size that the run gave them. */
function checkMacs(schedule: SaSchedule, macs: number): void {
  const { sizes, tile } = schedule.layer;
  let product = 1;
  for (const dim of CONV_DIMS) product *= schedule.edgesAreFull ? roundUpTo(sizes[dim], tile[dim]) : sizes[dim];
  check(macs === product, `${macs} of ${product} MACs computed`);
}

/** The figures of a SIMD layer that has just run. */
export function simdResult(
  machine: Machine,
  sequencer: SimdSequencer,
  { events, jumpedTiles }: RunEffort,
): SimulatedResult {
  const waiting = sequencer.waiting.byCause();
  const result = emptyResult();
  let fillCycles = 0;
  result.dramBits.ifmap = sequencer.ifmapBits;
  result.dramBits.ofmap = sequencer.ofmapBits;
  for (const { shape, steps } of sequencer.computedShapes()) {
    result.sramBits.vmem += steps * shape.vmemBits;
    result.sramBits.imm += steps * shape.immBits;
    result.sramBits.imem += steps * shape.imemBits;
    result.ops += steps * shape.ops;
    fillCycles += steps * shape.fillCycles;
    for (const [alu, count] of shape.opCounts) result.opCounts[alu] += steps * count;
  }
  checkTransfers([machine.vmemInterface], sumOf(result.dramBits));
  return {
    ...result,
    ...unitFigures(machine.simd, waiting, machine.queue.now),
    fillCycles,
    tiles: sequencer.done,
    steppedTiles: sequencer.done - jumpedTiles,
    jumpedTiles,
    waiting,
    wbufHeldBits: 0,
    interfaceBusyCycles: { weight: 0, ifmap: 0, psum: 0, vmem: machine.vmemInterface.busyCycles },
    events,
  };
}
