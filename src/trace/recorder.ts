/**
 * Turns what the machine tells its observer into slices, flows and counters, on one time axis for the whole network.
 * Keeps only what is under way: its memory does not grow with the tiles.
 */
import { type Layer, REDUCTION_DIMS } from '../layers/layer.ts';
import type { InterfaceName, MachineObserver, OperandSlots, TileMove } from '../machine/observer.ts';
import type { WaitingCause } from '../machine/waiting.ts';
import { SaSchedule } from '../schedule/saSchedule.ts';
import type { SimdSchedule } from '../schedule/simdSchedule.ts';
import type { Hardware } from '../spec/hardware.ts';
import { TraceCounters } from './counters.ts';
import { type Lane, type Lanes, lanesOf, type TileSram } from './lanes.ts';
import { lastDimsOf, lastStepOfUse, simdWorkingSet } from './scheduleSteps.ts';
import type { Flow, Slice, SliceKind, TracedLayer, TraceSink } from './slice.ts';
import { type LoopSpans, loopSpans, simdPlace } from './tileCoordinates.ts';

type FlowEnd = Flow['from'];

/** An interface: what it has been asked for, the oldest request first. */
interface Port {
  readonly lane: Lane;
  readonly requests: (readonly TileMove[])[];
  start: number;
}

/** A tile, or a step's working set, and its slot. */
type HeldTile = Pick<TileMove, 'slot' | 'tensor' | 'step' | 'bits'>;

/** A slot and the tile that it holds. */
interface Slot {
  readonly lane: Lane;
  isHeld: boolean;
  tensor: string;
  step: number;
  bits: number;
  start: number;
  /** The step with whose compute the slot comes free; Infinity where something else frees it. */
  lastStep: number;
  storesLeft: number;
  /** The loads into it that no compute has used yet, and the compute whose result it holds, where these were taken. */
  loads: FlowEnd[];
  computed: FlowEnd | undefined;
}

const SRAM_OF: Readonly<Record<string, TileSram>> = { weight: 'wbuf', bias: 'bbuf', ifmap: 'ibuf', psum: 'obuf' };
const NEVER = Number.POSITIVE_INFINITY;

export class TraceRecorder implements MachineObserver {
  readonly lanes: Lanes;
  /** Network cycles so far. */
  cycles = 0;
  private readonly sink: TraceSink;
  private readonly counters: TraceCounters;
  private readonly ports: Readonly<Record<InterfaceName, Port>>;
  private readonly slots: Readonly<Record<TileSram, readonly Slot[]>>;
  private readonly keepsResident: boolean;
  private traced: TracedLayer | undefined;
  private schedule: SaSchedule | SimdSchedule | undefined;
  /** Of a layer on the SA. */
  private spans: LoopSpans | undefined;
  private layersDone = 0;
  /** The step that computes, or will next; since when; the slots of its operands. */
  private step = 0;
  private computeStart = 0;
  private operands: OperandSlots | undefined;

  /** `keepsResident`: a tile stays in its slot until another takes it (`keep-resident`). */
  constructor(hardware: Hardware, keepsResident: boolean, sink: TraceSink) {
    this.sink = sink;
    this.keepsResident = keepsResident;
    this.lanes = lanesOf(hardware);
    this.counters = new TraceCounters(sink);
    const { interfaces, slots } = this.lanes;
    const port = (lane: Lane): Port => ({ lane, requests: [], start: 0 });
    this.ports = {
      weight: port(interfaces.weight),
      ifmap: port(interfaces.ifmap),
      psum: port(interfaces.psum),
      vmem: port(interfaces.vmem),
    };
    this.slots = {
      wbuf: slots.wbuf.map(emptySlot),
      ibuf: slots.ibuf.map(emptySlot),
      obuf: slots.obuf.map(emptySlot),
      bbuf: slots.bbuf.map(emptySlot),
      vmem: slots.vmem.map(emptySlot),
    };
  }

  layerStarted(layer: Layer, schedule: SaSchedule | SimdSchedule): void {
    this.traced = { index: this.layersDone++, layer, start: this.cycles };
    this.schedule = schedule;
    this.spans = layer.unit === 'SA' ? loopSpans(layer) : undefined;
    this.step = 0;
  }

  transferRequested(name: InterfaceName, moves: readonly TileMove[], cycle: number): void {
    this.ports[name].requests.push(moves);
    this.counters.request(name, 1, this.layer(), this.at(cycle));
    const { schedule } = this;
    if (!(schedule instanceof SaSchedule)) return;
    for (const move of moves) {
      const { tensor, direction, step } = move;
      if (direction === 'store' || tensor === 'psum') continue; // OBuf's slots are granted before
      const lastStep = this.keepsResident ? NEVER : lastStepOfUse(schedule, this.spans!, tensor, step);
      this.hold(SRAM_OF[tensor]!, move, this.at(cycle), lastStep);
    }
  }

  transferStarted(name: InterfaceName, cycle: number): void {
    this.ports[name].start = this.at(cycle);
  }

  transferEnded(name: InterfaceName, cycle: number, firstPartCycle: number): void {
    const port = this.ports[name];
    const moves = port.requests.shift()!;
    const end = this.at(cycle);
    this.counters.request(name, -1, this.layer(), end);
    const bits = moves.reduce((sum, move) => sum + move.bits, 0);
    this.counters.transfer(name, bits, this.layer(), port.start, end);
    let start = port.start;
    moves.forEach((move, place) => {
      // Transfers at a banked DRAM overlap: what is complete before its turn takes no time on the lane.
      const partEnd = place < moves.length - 1 ? Math.max(start, this.at(firstPartCycle)) : end;
      this.moved(port.lane, move, start, partEnd);
      start = partEnd;
    });
  }

  slotGranted(sram: 'obuf' | 'vmem', slot: number, step: number, cycle: number): void {
    const schedule = this.schedule!;
    if (schedule instanceof SaSchedule) {
      const { psumBits } = schedule.shapes[schedule.shapeOf(lastDimsOf(this.spans!, step))]!;
      this.hold(sram, { slot, tensor: 'psum', step, bits: psumBits }, this.at(cycle), NEVER);
    } else {
      const { bits, stores } = simdWorkingSet(schedule, simdPlace(schedule.layer, step));
      this.hold(sram, { slot, tensor: 'working set', step, bits }, this.at(cycle), NEVER).storesLeft = stores;
    }
  }

  computeStarted(step: number, cycle: number, slots: OperandSlots | undefined): void {
    this.step = step;
    this.computeStart = this.at(cycle);
    this.operands = slots;
  }

  computeEnded(step: number, cycle: number): void {
    const end = this.at(cycle);
    const { peArray, simd } = this.lanes;
    const lane = this.operands === undefined ? simd : peArray;
    const start = this.computeStart;
    // A SIMD step without instructions takes no time and leaves no slice.
    const isTaken = end > start && this.take(lane, 'compute', start, end);
    const vmem = this.slots.vmem[step % this.slots.vmem.length]!;
    const used = this.operands === undefined ? [vmem] : this.operandSlots(this.operands);
    for (const slot of used) {
      for (const load of isTaken ? slot.loads : []) this.sink.flow({ from: load, to: { lane, cycle: start } });
      slot.loads = [];
    }
    const result = this.operands === undefined ? vmem : this.slots.obuf[this.operands.psum]!;
    result.computed = isTaken ? { lane, cycle: end - 1 } : undefined;
    for (const sram of ['wbuf', 'ibuf', 'bbuf'] as const) {
      for (const slot of this.slots[sram]) if (slot.lastStep === step) this.release(sram, slot, end);
    }
    if (this.operands === undefined && vmem.storesLeft === 0) this.release('vmem', vmem, end);
    this.step = Math.min(step + 1, this.schedule!.steps - 1);
  }

  waited(cause: WaitingCause, from: number, to: number): void {
    const { peArray, simd } = this.lanes;
    const lane = this.layer().unit === 'SA' ? peArray : simd;
    this.take(lane, 'wait', this.at(from), this.at(to), { cause });
  }

  layerEnded(cycle: number): void {
    const end = this.at(cycle);
    for (const [sram, slots] of Object.entries(this.slots) as [TileSram, readonly Slot[]][]) {
      for (const slot of slots) if (slot.isHeld) this.release(sram, slot, end);
    }
    this.take(this.lanes.layers, 'layer', this.cycles, end, { step: 0 });
    this.counters.flush(this.layer());
    this.cycles = end;
  }

  /** A layer of so many cycles has run with nobody watching. */
  skip(cycles: number): void {
    this.layersDone++;
    this.cycles += cycles;
  }

  private layer(): Layer {
    return this.traced!.layer;
  }

  /** A cycle of the layer as a cycle of the network. */
  private at(cycle: number): number {
    return this.traced!.start + cycle;
  }

  private take(lane: Lane, kind: SliceKind, start: number, end: number, more: Partial<Slice> = {}): boolean {
    const { step = this.step, tensor = '', bits = 0, cause = '' } = more;
    return this.sink.slice({ lane, kind, traced: this.traced!, step, tensor, bits, start, end, cause });
  }

  private operandSlots({ weight, ifmap, psum, bias }: OperandSlots): Slot[] {
    const { wbuf, ibuf, obuf, bbuf } = this.slots;
    const slots = [wbuf[weight]!, ibuf[ifmap]!, obuf[psum]!];
    return bias < 0 ? slots : [...slots, bbuf[bias]!];
  }

  /** A tile has travelled. */
  private moved(lane: Lane, move: TileMove, start: number, end: number): void {
    const { direction, bits, step } = move;
    const sram = SRAM_OF[move.tensor] ?? 'vmem';
    const slot = this.slots[sram][move.slot]!;
    const tensor = sram === 'obuf' && direction === 'store' && this.completesSum(step) ? 'ofmap' : move.tensor;
    const isTaken = end > start && this.take(lane, direction, start, end, { tensor, step, bits });
    if (direction === 'load') {
      if (isTaken) slot.loads.push({ lane, cycle: end - 1 });
      return;
    }
    if (isTaken && slot.computed !== undefined) this.sink.flow({ from: slot.computed, to: { lane, cycle: start } });
    slot.storesLeft--;
    if (sram === 'obuf' || slot.storesLeft === 0) this.release(sram, slot, end);
  }

  /** Whether the visit that begins with this step completes its sums. */
  private completesSum(step: number): boolean {
    const schedule = this.schedule as SaSchedule;
    const last = step + schedule.psum.stepsPerUse - 1;
    const lastDims = lastDimsOf(this.spans!, last);
    return REDUCTION_DIMS.every((dim) => lastDims.includes(dim));
  }

  /** A slot holds a tile from now on, until the compute of `lastStep` or until it is released. */
  private hold(sram: TileSram, tile: HeldTile, start: number, lastStep: number): Slot {
    const { tensor, step, bits } = tile;
    const slot = this.slots[sram][tile.slot]!;
    if (slot.isHeld) this.release(sram, slot, start);
    this.counters.occupy(sram, bits, this.layer(), start);
    slot.isHeld = true;
    slot.tensor = tensor;
    slot.step = step;
    slot.bits = bits;
    slot.start = start;
    slot.lastStep = lastStep;
    slot.loads = [];
    slot.computed = undefined;
    return slot;
  }

  private release(sram: TileSram, slot: Slot, end: number): void {
    const { lane, tensor, step, bits, start } = slot;
    // A step of the SIMD array that neither moves nor computes comes and goes in the same cycle.
    if (end > start) this.take(lane, 'hold', start, end, { tensor, step, bits });
    this.counters.occupy(sram, -bits, this.layer(), end);
    slot.isHeld = false;
    slot.lastStep = NEVER;
  }
}

function emptySlot(lane: Lane): Slot {
  return {
    lane,
    isHeld: false,
    tensor: '',
    step: 0,
    bits: 0,
    start: 0,
    lastStep: NEVER,
    storesLeft: 0,
    loads: [],
    computed: undefined,
  };
}
