/**
 * Turns what the machine tells its observer into slices, flows and counters, on one time axis for the whole network.
 * Keeps only what is under way: its memory does not grow with the tiles.
 */
import type { FusedGroup } from '../../model/fusion/groups.ts';
import type { Layer, SimdLayer } from '../../model/layers/layer.ts';
import {
  bookedTensor,
  type InterfaceName,
  type MachineObserver,
  type StepSlots,
  type TileMove,
} from '../../model/machine/observer.ts';
import type { WaitingCause } from '../../model/machine/waiting.ts';
import { FusedSchedule } from '../../model/schedule/fusedSchedule.ts';
import { SaSchedule } from '../../model/schedule/saSchedule.ts';
import type { SimdSchedule } from '../../model/schedule/simdSchedule.ts';
import { simdPlace } from '../../model/schedule/simdTile.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { InternalError } from '../../model/schemas/inputError.ts';
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

/** A layer, or both sides of a fused group, from its first tile to its last store. */
interface Life {
  /** Of a group its SA side, whose slice is the group's. */
  readonly traced: TracedLayer;
  /** Network cycles; the first is unknown before. */
  start: number | undefined;
  end: number;
  lane: Lane | undefined;
  /** Sides whose last store has not ended. */
  sidesLeft: number;
}

/** A layer that runs, or a side of a fused group. */
interface Side {
  readonly traced: TracedLayer;
  readonly life: Life;
  readonly schedule: SaSchedule | SimdSchedule | FusedSchedule;
  /** Of the SA side of a group. */
  group: FusedGroup | undefined;
  /** Counters count what is done for it. */
  readonly isCounted: boolean;
  readonly vectors: VectorFlows;
  /** Of the SIMD side of a group: the step whose working set is given a slot next. */
  readonly grants: ReturnType<FusedSchedule['walk']> | undefined;
  /** The step that computes, or will next; since when; the slots of its operands. */
  step: number;
  computeStart: number;
  operands: StepSlots | undefined;
}

/** A slot and the tile that it holds. */
interface Slot {
  readonly lane: Lane;
  /** Whose tile it holds, or held last. */
  side: Side | undefined;
  isHeld: boolean;
  /** Its load has been given it, and has not been asked for. */
  isAhead: boolean;
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
  private isOverlapped = false;
  /** Per lane of the layers, the one that runs. */
  private readonly running: (Life | undefined)[] = [];

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

  unitStepped(held: ArrayLike<number>, cycle: number, nameOf: (number: number) => string, layer: number): void {
    const side = this.sides[layer]!;
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

  /**
   * What is run next, by place in its program: a layer alone, the two sides of a group, the SA side first, or all layers
   * of a network that overlap. Its first cycle is that of the network.
   */
  turnTo(traced: readonly (TracedLayer | undefined)[], start: number, isOverlapped = false): void {
    this.traced = traced;
    this.start = start;
    this.isOverlapped = isOverlapped;
    this.sides.length = 0;
  }

  layerStarted(_layer: Layer, schedule: SaSchedule | SimdSchedule | FusedSchedule, place: number): void {
    const traced = this.traced[place]!;
    const isFused = schedule instanceof FusedSchedule;
    const sa = isFused ? this.sides[schedule.group.first]! : undefined;
    if (isFused) sa!.group = schedule.group;
    const life = sa?.life ?? { traced, start: undefined, end: 0, lane: undefined, sidesLeft: 0 };
    life.sidesLeft++;
    const side: Side = {
      ...{ traced, life, schedule, vectors: new VectorFlows(), group: undefined },
      isCounted: this.sink.counts?.(traced.layer) ?? true,
      grants: isFused ? schedule.walk() : undefined,
      ...{ step: 0, computeStart: 0, operands: undefined },
    };
    this.sides[place] = side;
    if (!this.isOverlapped) this.begin(side, 0);
  }

  /** Something happens for a layer: if that is the first, it runs from now on, in a lane of its own. */
  private begin({ life }: Side, cycle: number): void {
    if (life.start !== undefined) return;
    const { running, lanes } = this;
    const place = lanes.layers.findIndex((_, lane) => running[lane] === undefined);
    if (place < 0) throw new InternalError(`more layers at a time than lanes for them: ${lanes.layers.length}`);
    running[place] = life;
    life.lane = lanes.layers[place]!;
    life.start = this.at(cycle);
  }

  loadWaits(moves: readonly TileMove[], cycle: number): void {
    const side = this.sideOf(moves);
    this.begin(side, cycle);
    this.holdOperands(side, moves, cycle, true);
  }

  transferRequested(name: InterfaceName, moves: readonly TileMove[], cycle: number): void {
    this.ports[name].requested(moves);
    const side = this.sideOf(moves);
    this.begin(side, cycle);
    if (side.isCounted) this.counters.request(name, 1, side.traced.layer, this.at(cycle));
    this.holdOperands(side, moves, cycle);
  }

  /** Operands of the PE array are in their slots when they are asked for, at the latest; OBuf's and VMem's are granted. */
  private holdOperands(side: Side, moves: readonly TileMove[], cycle: number, isAhead = false): void {
    const { schedule } = side;
    if (!(schedule instanceof SaSchedule)) return;
    for (const move of moves) {
      const { tensor, direction, step } = move;
      if (direction === 'store' || tensor === 'psum') continue;
      const sram = SRAM_OF[tensor]!;
      const granted = this.slots[sram][move.slot]!;
      if (!granted.isAhead) {
        this.hold(side, sram, move, this.at(cycle), lastStepOfUse(schedule, tensor, step));
        if (!this.keepsResident) granted.freeAfter = granted.lastStep;
      }
      granted.isAhead = isAhead;
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
    if (side.isCounted) {
      const bits = moves.reduce((sum, move) => sum + move.bits, 0);
      this.counters.request(name, -1, layer, end);
      this.counters.transfer(name, bits, layer, start, end, port.nextStart());
    }
    const [first, second] = moves;
    const firstEnd = second === undefined ? end : this.at(firstPartCycle);
    this.moved(side, port, first!, start, firstEnd);
    if (second !== undefined) this.moved(side, port, second, secondStart ?? firstEnd, end);
  }

  slotGranted(sram: 'obuf' | 'vmem', slot: number, step: number, cycle: number, place: number): void {
    const side = this.sides[place]!;
    const { schedule, grants } = side;
    const start = this.at(cycle);
    this.begin(side, cycle);
    if (schedule instanceof SaSchedule) {
      const { psumBits } = schedule.shapes[schedule.shapeOf(lastDimsOf(loopSpans(schedule.layer), step))]!;
      const lastStep = lastStepOfUse(schedule, 'psum', step);
      const held = this.hold(side, sram, { slot, tensor: 'psum', step, bits: psumBits }, start, lastStep);
      const handedOver = completesSums(schedule.layer, lastStep) ? side.group : undefined;
      held.storesLeft = handedOver?.isSumStored ? 2 : 1;
      return;
    }
    const { bits, stores } = workingSet(schedule, step, grants);
    this.hold(side, sram, { slot, tensor: 'working set', step, bits }, start, step).storesLeft = stores;
  }

  computeStarted(step: number, cycle: number, slots: StepSlots, place: number): void {
    const side = this.sides[place]!;
    this.begin(side, cycle);
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

  /** A group is over when both its sides are. */
  layerEnded(cycle: number, place: number): void {
    const side = this.sides[place]!;
    const { life } = side;
    const end = this.at(cycle);
    for (const [sram, slots] of Object.entries(this.slots) as [TileSram, readonly Slot[]][]) {
      for (const slot of slots) if (slot.isHeld && slot.side === side) this.release(sram, slot, end);
    }
    life.end = end;
    life.sidesLeft--;
    if (life.sidesLeft > 0) return;
    this.running[this.running.indexOf(life)] = undefined;
    this.take({ traced: life.traced, step: 0 }, life.lane!, 'layer', life.start!, end);
  }

  /** From when to when the layer at a place of the program has run: the first of a fused group, both its sides. */
  timeOf(place: number): { readonly start: number; readonly end: number } {
    const { start, end } = this.sides[place]!.life;
    return { start: start!, end };
  }

  /** What runs, watched or not: where layers overlap, the first whose last store has not ended. */
  current(): TracedLayer {
    const first = this.isOverlapped ? Object.values(this.sides).find(({ life }) => life.sidesLeft > 0) : undefined;
    return first?.traced ?? this.traced.at(-1)!;
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
    { traced, step: current }: Pick<Side, 'traced' | 'step'>,
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
    if (side.isCounted) this.counters.occupy(sram, bits, side.traced.layer, start);
    slot.side = side;
    slot.isHeld = true;
    slot.isAhead = false;
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
    if (side.isCounted) this.counters.occupy(sram, -bits, side.traced.layer, end);
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
    isAhead: false,
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
