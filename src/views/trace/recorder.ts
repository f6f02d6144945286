/**
 * Turns what the machine tells its observer into slices, flows and counters, on one time axis for the whole network.
 * Keeps only what is under way: its memory does not grow with the tiles.
 */
import type { Layer } from '../../model/layers/layer.ts';
import {
  bookedTensor,
  type InterfaceName,
  type MachineObserver,
  type StepSlots,
  type TileMove,
} from '../../model/machine/observer.ts';
import type { WaitingCause } from '../../model/machine/waiting.ts';
import { SaSchedule } from '../../model/schedule/saSchedule.ts';
import type { SimdSchedule } from '../../model/schedule/simdSchedule.ts';
import { simdPlace } from '../../model/schedule/simdTile.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { TraceCounters } from './counters.ts';
import type { Lane, Lanes, TileSram } from './lanes.ts';
import { lastDimsOf, lastStepOfUse, simdWorkingSet } from './scheduleSteps.ts';
import type { Flow, Slice, SliceKind, TracedLayer, TraceSink } from './slice.ts';
import { loopSpans } from './tileCoordinates.ts';
import { TracedPort } from './tracedPort.ts';
import { VectorFlows } from './vectorFlows.ts';

type FlowEnd = Flow['from'];

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
  /** The last step that uses the tile, as far as is known. */
  lastStep: number;
  /** The step with whose compute the slot comes free; Infinity where something else frees it. */
  freeAfter: number;
  storesLeft: number;
  /** The loads into it that no compute has used yet, and the compute whose result it holds, where these were taken. */
  loads: FlowEnd[];
  computed: FlowEnd | undefined;
}

const SRAM_OF: Readonly<Record<string, TileSram>> = { weight: 'wbuf', bias: 'bbuf', ifmap: 'ibuf', psum: 'obuf' };
const NEVER = Number.POSITIVE_INFINITY;

/** What is in a row, a column or a stage of a stepped unit, and since when. */
interface Stepped {
  readonly lane: Lane;
  held: number;
  name: string;
  start: number;
}

const NOTHING = -1;

export class TraceRecorder implements MachineObserver {
  private readonly lanes: Lanes;
  private readonly sink: TraceSink;
  private readonly counters: TraceCounters;
  private readonly ports: Readonly<Record<InterfaceName, TracedPort>>;
  private readonly slots: Readonly<Record<TileSram, readonly Slot[]>>;
  private readonly keepsResident: boolean;
  private readonly stepped: Readonly<Record<'SA' | 'SIMD', readonly Stepped[]>>;
  private traced: TracedLayer | undefined;
  private schedule: SaSchedule | SimdSchedule | undefined;
  private readonly vectors = new VectorFlows();
  /** The step that computes, or will next; since when; the slots of its operands. */
  private step = 0;
  private computeStart = 0;
  private operands: StepSlots | undefined;

  /** `keepsResident`: a tile stays in its slot until another takes it (`keep-resident`). */
  constructor(hardware: Hardware, lanes: Lanes, keepsResident: boolean, sink: TraceSink) {
    this.sink = sink;
    this.keepsResident = keepsResident;
    this.lanes = lanes;
    this.counters = new TraceCounters(sink, hardware);
    const steppedOn = (lane: Lane): Stepped => ({ lane, held: NOTHING, name: '', start: 0 });
    this.stepped = { SA: lanes.wavefront.map(steppedOn), SIMD: lanes.stages.map(steppedOn) };
    const { interfaces, slots } = lanes;
    this.ports = {
      weight: new TracedPort(interfaces.weight),
      ifmap: new TracedPort(interfaces.ifmap),
      psum: new TracedPort(interfaces.psum),
      vmem: new TracedPort(interfaces.vmem),
    };
    this.slots = {
      wbuf: slots.wbuf.map(emptySlot),
      ibuf: slots.ibuf.map(emptySlot),
      obuf: slots.obuf.map(emptySlot),
      bbuf: slots.bbuf.map(emptySlot),
      vmem: slots.vmem.map(emptySlot),
    };
  }

  unitStepped(held: ArrayLike<number>, cycle: number, nameOf: (number: number) => string): void {
    const places = this.stepped[this.layer().unit];
    for (let place = 0; place < places.length; place++) {
      const stepped = places[place]!;
      const now = held[place]!;
      if (now === stepped.held) continue;
      this.closeStepped(stepped, this.at(cycle));
      if (now === NOTHING) continue;
      Object.assign(stepped, { held: now, name: nameOf(now), start: this.at(cycle) });
    }
  }

  /** What has been in a place of a stepped unit leaves it. */
  private closeStepped(stepped: Stepped, end: number): void {
    if (stepped.held === NOTHING) return;
    const kind = this.layer().unit === 'SA' ? 'pass' : 'instruction';
    this.take(stepped.lane, kind, stepped.start, end, { tensor: stepped.name });
    stepped.held = NOTHING;
  }

  /** The layer that is run next. */
  turnTo(traced: TracedLayer): void {
    this.traced = traced;
  }

  layerStarted(_layer: Layer, schedule: SaSchedule | SimdSchedule): void {
    this.schedule = schedule;
    this.step = 0;
    this.vectors.clear();
  }

  transferRequested(name: InterfaceName, moves: readonly TileMove[], cycle: number): void {
    this.ports[name].requested(moves);
    this.counters.request(name, 1, this.layer(), this.at(cycle));
    const { schedule } = this;
    if (!(schedule instanceof SaSchedule)) return;
    for (const move of moves) {
      const { tensor, direction, step } = move;
      if (direction === 'store' || tensor === 'psum') continue; // OBuf's slots are granted before
      const slot = this.hold(SRAM_OF[tensor]!, move, this.at(cycle), lastStepOfUse(schedule, tensor, step));
      if (!this.keepsResident) slot.freeAfter = slot.lastStep;
    }
  }

  transferStarted(name: InterfaceName, cycle: number): void {
    this.ports[name].started(this.at(cycle));
  }

  secondTileStarted(name: InterfaceName, cycle: number): void {
    this.ports[name].secondTileStarted(this.at(cycle));
  }

  transferEnded(name: InterfaceName, cycle: number, firstPartCycle: number): void {
    const port = this.ports[name];
    const { moves, start, secondStart } = port.ended();
    const end = this.at(cycle);
    this.counters.request(name, -1, this.layer(), end);
    const bits = moves.reduce((sum, move) => sum + move.bits, 0);
    this.counters.transfer(name, bits, this.layer(), start, end, port.nextStart());
    const [first, second] = moves;
    const firstEnd = second === undefined ? end : this.at(firstPartCycle);
    this.moved(port, first!, start, firstEnd);
    if (second !== undefined) this.moved(port, second, secondStart ?? firstEnd, end);
  }

  slotGranted(sram: 'obuf' | 'vmem', slot: number, step: number, cycle: number): void {
    const schedule = this.schedule!;
    if (schedule instanceof SaSchedule) {
      const { psumBits } = schedule.shapes[schedule.shapeOf(lastDimsOf(loopSpans(schedule.layer), step))]!;
      const tile = { slot, tensor: 'psum', step, bits: psumBits };
      this.hold(sram, tile, this.at(cycle), lastStepOfUse(schedule, 'psum', step));
    } else {
      const { bits, stores } = simdWorkingSet(schedule, simdPlace(schedule.layer, step));
      this.hold(sram, { slot, tensor: 'working set', step, bits }, this.at(cycle), step).storesLeft = stores;
    }
  }

  computeStarted(step: number, cycle: number, slots: StepSlots): void {
    this.step = step;
    this.computeStart = this.at(cycle);
    this.operands = slots;
  }

  computeEnded(step: number, cycle: number): void {
    const end = this.at(cycle);
    for (const stepped of this.stepped[this.layer().unit]) this.closeStepped(stepped, end);
    if (this.layer().unit === 'SIMD') this.simdComputeEnded(step, end);
    else this.saComputeEnded(step, end, this.operands!);
    this.step = Math.min(step + 1, this.schedule!.steps - 1);
  }

  private saComputeEnded(step: number, end: number, operands: StepSlots): void {
    const used = this.operandSlots(operands);
    const loads = used.flatMap((slot) => slot.loads);
    for (const slot of used) {
      slot.loads = [];
      slot.lastStep = Math.max(slot.lastStep, step);
    }
    this.slots.obuf[operands.result]!.computed = this.computed(this.lanes.peArray, end, loads);
    for (const sram of ['wbuf', 'ibuf', 'bbuf'] as const) {
      for (const slot of this.slots[sram]) if (slot.freeAfter === step) this.release(sram, slot, end);
    }
  }

  private simdComputeEnded(step: number, end: number): void {
    const slot = this.slots.vmem[step % this.slots.vmem.length]!;
    if (end > this.computeStart) {
      const { part } = simdPlace((this.schedule as SimdSchedule).layer, step);
      const compute = this.computed(this.lanes.simd, end, slot.loads);
      slot.computed = compute;
      const vectors = this.vectors.computed(part, compute);
      if (compute !== undefined) this.flowInto(compute.lane, vectors);
    } else {
      // A step without instructions takes no time and leaves no slice.
      this.vectors.loaded(slot.loads);
    }
    slot.loads = [];
    if (slot.storesLeft === 0) this.release('vmem', slot, end);
  }

  /** The unit has computed with what `loads` have brought; returns where arrows from it begin, if it is taken. */
  private computed(lane: Lane, end: number, loads: readonly FlowEnd[]): FlowEnd | undefined {
    if (!this.take(lane, 'compute', this.computeStart, end)) return undefined;
    this.flowInto(lane, loads);
    return { lane, cycle: end - 1 };
  }

  /** Draws arrows to the compute that has just ended. */
  private flowInto(lane: Lane, loads: readonly FlowEnd[]): void {
    for (const from of loads) this.sink.flow({ from, to: { lane, cycle: this.computeStart } });
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
    this.take(this.lanes.layers, 'layer', this.at(0), end, { step: 0 });
  }

  /** Passes on what is kept back, at the end of the run. */
  finish(): void {
    this.counters.flush();
  }

  private layer(): Layer {
    return this.traced!.layer;
  }

  /** A cycle of the layer as a cycle of the network. */
  private at(cycle: number): number {
    return this.traced!.start + cycle;
  }

  private take(lane: Lane, kind: SliceKind, start: number, end: number, more: Partial<Slice> = {}): boolean {
    const { step = this.step, lastStep = step, tensor = '', bits = 0, cause = '' } = more;
    return this.sink.slice({ lane, kind, traced: this.traced!, step, lastStep, tensor, bits, start, end, cause });
  }

  private operandSlots({ weight, ifmap, result, bias }: StepSlots): Slot[] {
    const { wbuf, ibuf, obuf, bbuf } = this.slots;
    const slots = [wbuf[weight]!, ibuf[ifmap]!, obuf[result]!];
    return bias < 0 ? slots : [...slots, bbuf[bias]!];
  }

  /** A tile has travelled. */
  private moved(port: TracedPort, move: TileMove, start: number, end: number): void {
    const { direction, bits, step } = move;
    const lane = port.takeLane(start, end);
    // Tensors of the SIMD array have the same names and lie in VMem.
    const sram = this.layer().unit === 'SIMD' ? 'vmem' : SRAM_OF[move.tensor]!;
    const slot = this.slots[sram][move.slot]!;
    const tensor = bookedTensor(move);
    const lastStep = lastStepOfUse(this.schedule!, tensor, step);
    const isTaken = this.take(lane, direction, start, end, { tensor, step, lastStep, bits });
    if (direction === 'load') {
      if (isTaken) slot.loads.push({ lane, cycle: end - 1 });
      return;
    }
    const from = this.makerOf(move) ?? slot.computed;
    if (isTaken && from !== undefined) this.sink.flow({ from, to: { lane, cycle: start } });
    slot.storesLeft--;
    if (sram === 'obuf' || slot.storesLeft === 0) this.release(sram, slot, end);
  }

  /** The compute of an earlier part that has made a vector, if there is one. */
  private makerOf({ step, operand }: TileMove): FlowEnd | undefined {
    const { schedule } = this;
    if (schedule instanceof SaSchedule) return undefined;
    const { part } = simdPlace(schedule!.layer, step);
    const { madeIn } = schedule!.parts[part]!.stores[operand!]!;
    return madeIn === undefined ? undefined : this.vectors.latestOf(madeIn);
  }

  /** A slot holds a tile from now on until it is released; `lastStep` is the last step to use it. */
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
    slot.freeAfter = NEVER;
    slot.loads = [];
    slot.computed = undefined;
    return slot;
  }

  private release(sram: TileSram, slot: Slot, end: number): void {
    const { lane, tensor, step, lastStep, bits, start } = slot;
    // A step of the SIMD array that neither moves nor computes comes and goes in the same cycle.
    if (end > start) this.take(lane, 'hold', start, end, { tensor, step, lastStep, bits });
    this.counters.occupy(sram, -bits, this.layer(), end);
    slot.isHeld = false;
    slot.freeAfter = NEVER;
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
    lastStep: 0,
    freeAfter: NEVER,
    storesLeft: 0,
    loads: [],
    computed: undefined,
  };
}
