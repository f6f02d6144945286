/**
 * Turns what the machine tells its observer into slices, flows and counters, on one time axis for the whole network.
 * Keeps only what is under way: its memory does not grow with the tiles.
 */
import type { Layer, SimdLayer } from '../../model/layers/layer.ts';
import {
  bookedTensor,
  type InterfaceName,
  type MachineObserver,
  type StepSlots,
  type TileMove,
} from '../../model/machine/observer.ts';
import type { WaitingCause } from '../../model/machine/waiting.ts';
import { FusedSchedule, type FusedWalk } from '../../model/schedule/fusedSchedule.ts';
import { SaSchedule } from '../../model/schedule/saSchedule.ts';
import type { SimdSchedule } from '../../model/schedule/simdSchedule.ts';
import { simdPlace } from '../../model/schedule/simdTile.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { TraceCounters } from './counters.ts';
import { placeOf } from './fusedSide.ts';
import type { Lane, Lanes, TileSram } from './lanes.ts';
import { loopSpans } from './loopSpans.ts';
import { completesSums, lastDimsOf, lastStepOfUse, workingSet } from './scheduleSteps.ts';
import type { Flow, Slice, SliceKind, TracedLayer, TraceSink } from './slice.ts';
import { TracedPort } from './tracedPort.ts';
import { VectorFlows } from './vectorFlows.ts';

type FlowEnd = Flow['from'];

/** A tile, or a step's working set, and its slot. */
type HeldTile = Pick<TileMove, 'slot' | 'tensor' | 'step' | 'bits'>;

/** A layer that runs, or a side of a fused group. */
interface Side {
  readonly traced: TracedLayer;
  readonly schedule: SaSchedule | SimdSchedule | FusedSchedule;
  readonly vectors: VectorFlows;
  /** Of the SIMD side of a group: the step whose working set is given a slot next. */
  readonly grants: FusedWalk | undefined;
  /** The step that computes, or will next; since when; the slots of its operands. */
  step: number;
  computeStart: number;
  operands: StepSlots | undefined;
  /** Its last store has ended. */
  isOver: boolean;
}

/** A slot and the tile that it holds. */
interface Slot {
  readonly lane: Lane;
  /** Whose tile it holds, or held last. */
  side: Side | undefined;
  isHeld: boolean;
  tensor: string;
  step: number;
  bits: number;
  start: number;
  /** The last step that uses the tile, as far as is known. */
  lastStep: number;
  /** The step with whose compute the slot comes free; Infinity where something else frees it. */
  freeAfter: number;
  /** Stores, and in a group the SIMD array's use of a tile, that must end before the slot comes free. */
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
  /** What is run, by place in its program: a layer, or the first and the last of a group; its start in the network. */
  private traced: readonly (TracedLayer | undefined)[] = [];
  private readonly sides: Side[] = [];
  private start = 0;

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
    const side = this.sides[0]!;
    const places = this.stepped[unitOf(side)];
    for (let place = 0; place < places.length; place++) {
      const stepped = places[place]!;
      const now = held[place]!;
      if (now === stepped.held) continue;
      this.closeStepped(side, stepped, this.at(cycle));
      if (now === NOTHING) continue;
      Object.assign(stepped, { held: now, name: nameOf(now), start: this.at(cycle) });
    }
  }

  /** What has been in a place of a stepped unit leaves it. */
  private closeStepped(side: Side, stepped: Stepped, end: number): void {
    if (stepped.held === NOTHING) return;
    const kind = unitOf(side) === 'SA' ? 'pass' : 'instruction';
    this.take(side, stepped.lane, kind, stepped.start, end, { tensor: stepped.name });
    stepped.held = NOTHING;
  }

  /** What is run next, by place in its program: a layer alone, or the two sides of a group, the SA side first. */
  turnTo(traced: readonly (TracedLayer | undefined)[]): void {
    this.traced = traced;
    this.start = traced[0]!.start;
    this.sides.length = 0;
  }

  layerStarted(_layer: Layer, schedule: SaSchedule | SimdSchedule | FusedSchedule, place: number): void {
    this.sides[place] = {
      ...{ traced: this.traced[place]!, schedule, vectors: new VectorFlows() },
      grants: schedule instanceof FusedSchedule ? schedule.walk() : undefined,
      ...{ step: 0, computeStart: 0, operands: undefined, isOver: false },
    };
  }

  transferRequested(name: InterfaceName, moves: readonly TileMove[], cycle: number): void {
    this.ports[name].requested(moves);
    const side = this.sideOf(moves);
    const { schedule } = side;
    this.counters.request(name, 1, side.traced.layer, this.at(cycle));
    if (!(schedule instanceof SaSchedule)) return;
    for (const move of moves) {
      const { tensor, direction, step } = move;
      if (direction === 'store' || tensor === 'psum') continue; // OBuf's slots are granted before
      const slot = this.hold(side, SRAM_OF[tensor]!, move, this.at(cycle), lastStepOfUse(schedule, tensor, step));
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
    const side = this.sideOf(moves);
    const { layer } = side.traced;
    const end = this.at(cycle);
    this.counters.request(name, -1, layer, end);
    const bits = moves.reduce((sum, move) => sum + move.bits, 0);
    this.counters.transfer(name, bits, layer, start, end, port.nextStart());
    const [first, second] = moves;
    const firstEnd = second === undefined ? end : this.at(firstPartCycle);
    this.moved(side, port, first!, start, firstEnd);
    if (second !== undefined) this.moved(side, port, second, secondStart ?? firstEnd, end);
  }

  slotGranted(sram: 'obuf' | 'vmem', slot: number, step: number, cycle: number, place: number): void {
    const side = this.sides[place]!;
    const { schedule, grants } = side;
    const start = this.at(cycle);
    if (schedule instanceof SaSchedule) {
      const { psumBits } = schedule.shapes[schedule.shapeOf(lastDimsOf(loopSpans(schedule.layer), step))]!;
      const lastStep = lastStepOfUse(schedule, 'psum', step);
      const held = this.hold(side, sram, { slot, tensor: 'psum', step, bits: psumBits }, start, lastStep);
      held.storesLeft = this.isHandedOver(schedule, lastStep) ? 1 + Number(this.isSumStored()) : 1;
      return;
    }
    const { bits, stores } = workingSet(schedule, step, grants);
    this.hold(side, sram, { slot, tensor: 'working set', step, bits }, start, step).storesLeft = stores;
  }

  /** Whether a group is run, and the visit that ends with a step of its SA layer completes its sums. */
  private isHandedOver({ layer }: SaSchedule, step: number): boolean {
    return this.sides.length > 1 && completesSums(layer, step);
  }

  private isSumStored(): boolean {
    const schedule = this.sides.at(-1)!.schedule;
    return schedule instanceof FusedSchedule && schedule.group.isSumStored;
  }

  computeStarted(step: number, cycle: number, slots: StepSlots, place: number): void {
    const side = this.sides[place]!;
    side.step = step;
    side.computeStart = this.at(cycle);
    side.operands = slots;
  }

  computeEnded(step: number, cycle: number, place: number): void {
    const side = this.sides[place]!;
    const end = this.at(cycle);
    for (const stepped of this.stepped[unitOf(side)]) this.closeStepped(side, stepped, end);
    if (unitOf(side) === 'SIMD') this.simdComputeEnded(side, step, end, side.operands!);
    else this.saComputeEnded(side, step, end, side.operands!);
    side.step = Math.min(step + 1, side.schedule.steps - 1);
  }

  private saComputeEnded(side: Side, step: number, end: number, operands: StepSlots): void {
    const used = this.operandSlots(operands);
    const loads = used.flatMap((slot) => slot.loads);
    for (const slot of used) {
      slot.loads = [];
      slot.lastStep = Math.max(slot.lastStep, step);
    }
    this.slots.obuf[operands.result]!.computed = this.computed(side, this.lanes.peArray, end, loads);
    for (const sram of ['wbuf', 'ibuf', 'bbuf'] as const) {
      for (const slot of this.slots[sram]) {
        if (slot.freeAfter === step && slot.side === side) this.release(sram, slot, end);
      }
    }
  }

  private simdComputeEnded(side: Side, step: number, end: number, operands: StepSlots): void {
    const slot = this.slots.vmem[operands.result]!;
    const tile = operands.tile < 0 ? undefined : this.slots.obuf[operands.tile]!;
    const takesTile = tile !== undefined && side.schedule instanceof FusedSchedule && this.takesTile(side, step);
    if (end > side.computeStart) {
      const { part } = placeOf(side.traced.layer as SimdLayer, step);
      const handed = takesTile && tile.computed !== undefined ? [tile.computed] : [];
      const compute = this.computed(side, this.lanes.simd, end, [...slot.loads, ...handed]);
      slot.computed = compute;
      const vectors = side.vectors.computed(part, compute);
      if (compute !== undefined) this.flowInto(side, compute.lane, vectors);
    } else {
      // A step without instructions takes no time and leaves no slice.
      side.vectors.loaded(slot.loads);
    }
    slot.loads = [];
    if (slot.storesLeft === 0) this.release('vmem', slot, end);
    if (takesTile) this.partLeft('obuf', tile, end);
  }

  private takesTile(side: Side, step: number): boolean {
    return placeOf(side.traced.layer as SimdLayer, step).part === 0;
  }

  /** One of those that a slot waits for is over. */
  private partLeft(sram: TileSram, slot: Slot, end: number): void {
    slot.storesLeft--;
    if (slot.storesLeft === 0) this.release(sram, slot, end);
  }

  /** The unit has computed with what `loads` have brought; returns where arrows from it begin, if it is taken. */
  private computed(side: Side, lane: Lane, end: number, loads: readonly FlowEnd[]): FlowEnd | undefined {
    if (!this.take(side, lane, 'compute', side.computeStart, end)) return undefined;
    this.flowInto(side, lane, loads);
    return { lane, cycle: end - 1 };
  }

  /** Draws arrows to the compute that has just ended. */
  private flowInto({ computeStart }: Side, lane: Lane, loads: readonly FlowEnd[]): void {
    for (const from of loads) this.sink.flow({ from, to: { lane, cycle: computeStart } });
  }

  waited(cause: WaitingCause, from: number, to: number, place: number): void {
    const side = this.sides[place]!;
    const { peArray, simd } = this.lanes;
    const lane = unitOf(side) === 'SA' ? peArray : simd;
    this.take(side, lane, 'wait', this.at(from), this.at(to), { cause });
  }

  /** A group is over when both its sides are; its slice is that of its SA side. */
  layerEnded(cycle: number, place: number): void {
    const side = this.sides[place]!;
    const end = this.at(cycle);
    side.isOver = true;
    for (const [sram, slots] of Object.entries(this.slots) as [TileSram, readonly Slot[]][]) {
      for (const slot of slots) if (slot.isHeld && slot.side === side) this.release(sram, slot, end);
    }
    const isAllOver = Object.values(this.sides).every(({ isOver }) => isOver);
    if (isAllOver) this.take(this.sides[0]!, this.lanes.layers, 'layer', this.at(0), end, { step: 0 });
  }

  /** Passes on what is kept back, at the end of the run. */
  finish(): void {
    this.counters.flush();
  }

  /** Whose tiles a transfer moves. */
  private sideOf(moves: readonly TileMove[]): Side {
    return this.sides[moves[0]!.layer]!;
  }

  /** A cycle of the layer as a cycle of the network. */
  private at(cycle: number): number {
    return this.start + cycle;
  }

  private take(
    { traced, step: current }: Side,
    lane: Lane,
    kind: SliceKind,
    start: number,
    end: number,
    more: Partial<Slice> = {},
  ): boolean {
    const { step = current, lastStep = step, tensor = '', bits = 0, cause = '' } = more;
    return this.sink.slice({ lane, kind, traced, step, lastStep, tensor, bits, start, end, cause });
  }

  private operandSlots({ weight, ifmap, result, bias }: StepSlots): Slot[] {
    const { wbuf, ibuf, obuf, bbuf } = this.slots;
    const slots = [wbuf[weight]!, ibuf[ifmap]!, obuf[result]!];
    return bias < 0 ? slots : [...slots, bbuf[bias]!];
  }

  /** A tile has travelled. */
  private moved(side: Side, port: TracedPort, move: TileMove, start: number, end: number): void {
    const { direction, bits, step } = move;
    const lane = port.takeLane(start, end);
    // Tensors of the SIMD array have the same names and lie in VMem.
    const sram = unitOf(side) === 'SIMD' ? 'vmem' : SRAM_OF[move.tensor]!;
    const slot = this.slots[sram][move.slot]!;
    const tensor = bookedTensor(move);
    const lastStep = lastStepOfUse(side.schedule, tensor, step);
    const isTaken = this.take(side, lane, direction, start, end, { tensor, step, lastStep, bits });
    if (direction === 'load') {
      if (isTaken) slot.loads.push({ lane, cycle: end - 1 });
      return;
    }
    const from = makerOf(side, move) ?? slot.computed;
    if (isTaken && from !== undefined) this.sink.flow({ from, to: { lane, cycle: start } });
    this.partLeft(sram, slot, end);
  }

  /** A slot holds a tile from now on until it is released; `lastStep` is the last step to use it. */
  private hold(side: Side, sram: TileSram, tile: HeldTile, start: number, lastStep: number): Slot {
    const { tensor, step, bits } = tile;
    const slot = this.slots[sram][tile.slot]!;
    if (slot.isHeld) this.release(sram, slot, start);
    this.counters.occupy(sram, bits, side.traced.layer, start);
    slot.side = side;
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
    const side = slot.side!;
    // A step of the SIMD array that neither moves nor computes comes and goes in the same cycle.
    if (end > start) this.take(side, lane, 'hold', start, end, { tensor, step, lastStep, bits });
    this.counters.occupy(sram, -bits, side.traced.layer, end);
    slot.isHeld = false;
    slot.freeAfter = NEVER;
  }
}

function unitOf({ traced }: Side): Layer['unit'] {
  return traced.layer.unit;
}

/** The compute of an earlier part that has made a vector, if there is one. */
function makerOf({ schedule, vectors }: Side, { step, operand }: TileMove): FlowEnd | undefined {
  if (schedule instanceof SaSchedule || schedule instanceof FusedSchedule) return undefined;
  const { part } = simdPlace(schedule.layer, step);
  const { madeIn } = schedule.parts[part]!.stores[operand!]!;
  return madeIn === undefined ? undefined : vectors.latestOf(madeIn);
}

function emptySlot(lane: Lane): Slot {
  return {
    lane,
    side: undefined,
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
