/**
 * Issues the steps of a unit in program order: gives visits their slots, asks for loads as slots come free, starts a
 * step when its operands are in and the unit is free, and stores a result when its visit is over. The PE array has one
 * and the SIMD array another; what a step needs is data (LayerRun), so both work alike. Overlap is what slots and timing
 * make of that.
 */
import type { StepListener, SteppedLayer } from '../engine/fastForward.ts';
import type { StateList } from '../engine/stateList.ts';
import type { StepTile } from '../schedule/step.ts';
import { InternalError } from '../schemas/inputError.ts';
import type { Announcer } from './announcer.ts';
import type { Handover, TileGiver, TileTaker } from './handover.ts';
import type { InstructionClient, InstructionMemory } from './instructionMemory.ts';
import type { LayerRun } from './layerRun.ts';
import { Lockstep } from './lockstep.ts';
import { INTERFACES, type StepSlots } from './observer.ts';
import type { ComputeClient, ComputePort, TransferClient } from './ports.ts';
import type { ResultStream } from './resultStream.ts';
import { detailOf, kindOf, placeOf, TAG } from './tags.ts';
import type { TileSram } from './tileSram.ts';
import { CAUSE, WAITING_CAUSES, WaitingCounter } from './waiting.ts';

/** Hears that a layer has computed its last tile, and that it has stored it. */
export interface LayerListener {
  layerComputed(place: number): void;
  layerDone(place: number, cycle: number): void;
}

/** What a unit's dispatcher is connected to. */
export interface DispatcherWiring<Tile> {
  readonly unit: ComputePort<Tile>;
  readonly srams: readonly TileSram[];
  /** Only of the unit that fetches instructions. */
  readonly imem: InstructionMemory | undefined;
  readonly announcer: Announcer;
}

export class Dispatcher<Tile extends StepTile>
  implements TransferClient, ComputeClient, InstructionClient, SteppedLayer, TileTaker, TileGiver
{
  /** Who is told of each step, if anybody. */
  stepListener: StepListener | undefined;
  /** Waiting that belongs to no layer: for the last stores, and for the other unit. */
  readonly idle = new WaitingCounter();
  /** Up to when the unit's time is accounted for. */
  accounted = 0;

  private readonly wiring: DispatcherWiring<Tile>;
  private readonly unit: ComputePort<Tile>;
  private readonly announcer: Announcer;
  private listener: LayerListener | undefined;
  /** The unit's layers in program order, and the one that computes. */
  private runs: readonly LayerRun<Tile>[] = [];
  private byPlace: readonly LayerRun<Tile>[] = [];
  /** There are several: a transfer's tag tells whose it is. */
  private isOverlapped = false;
  private computing = 0;
  private run: LayerRun<Tile> | undefined;
  /** The layers whose results, and whose tiles of each operand, are given slots next. */
  private granting = 0;
  private readonly requesting: number[] = [0, 0];
  private lockstep: Lockstep | undefined;
  /** On the SIMD side of a group under lockstep: the segments are those of the other side. */
  private inSegments: Handover | undefined;
  /** When instructions were asked for last, and when they came. */
  private instructionsFrom = 0;
  private instructionsTo = 0;

  constructor(wiring: DispatcherWiring<Tile>) {
    this.wiring = wiring;
    this.unit = wiring.unit;
    this.announcer = wiring.announcer;
    this.unit.attach(this);
    wiring.imem?.attach(this);
  }

  /** The unit's layers of a program that is about to start on the drained machine. */
  begin(runs: readonly LayerRun<Tile>[], isOverlapped: boolean, listener: LayerListener): void {
    this.runs = runs;
    this.listener = listener;
    this.byPlace = byPlace(runs);
    this.isOverlapped = isOverlapped;
    this.computing = 0;
    this.granting = 0;
    this.requesting.fill(0);
    this.accounted = 0;
    this.idle.clear();
    this.wiring.imem?.forget();
    for (const sram of this.wiring.srams) sram.rewind();
    for (const port of runs[0]?.ports ?? []) port.attach(this);
    this.run = runs[0];
    this.lockstep = this.run?.isLockstep === true ? new Lockstep(this.run) : undefined;
    this.inSegments = this.run?.takes?.isLockstep === true ? this.run.takes : undefined;
  }

  /** Asks for the first tiles; the event queue does the rest. */
  start(): void {
    const { run } = this;
    if (run === undefined) return;
    this.turnToLayer(run);
    for (let operand = 0; operand < run.operands.length; operand++) this.requestOperands(operand, 0);
    this.proceed(0);
  }

  /** Steps computed of the layer that computes. */
  get computed(): number {
    return this.run?.computed ?? 0;
  }

  /** The unit is busy or has layers left to compute or to store. */
  isDone(): boolean {
    return this.runs.every((run) => run.isComplete());
  }

  transferEnded(tag: number, cycle: number, firstPartCycle: number, firstBits: number, secondBits: number): void {
    const run = this.isOverlapped ? this.runOf(tag) : this.runs[0]!;
    let isAwaited = true;
    switch (kindOf(tag)) {
      case TAG.load:
        isAwaited = run.result.loadEnded(cycle, firstBits, this.isOverlapped ? detailOf(tag) : 0);
        break;
      case TAG.store:
        if (run.result.storeEnded(cycle, firstBits)) this.resultDone(run, cycle);
        isAwaited = false;
        break;
      case TAG.ifmap:
        isAwaited = run.ifmaps!.arrive(cycle, firstBits);
        break;
      case TAG.weight:
        isAwaited = run.weights!.arrive(cycle, firstBits);
        break;
      default:
        isAwaited = run.operands[0]!.arriveWithBias(firstPartCycle, firstBits, cycle, secondBits);
    }
    if (this.lockstep !== undefined) this.nextSegmentIfQuiet(cycle);
    else if (isAwaited && run === this.run) this.startSteps(cycle);
    if (this.inSegments !== undefined) this.inSegments.endedSomething(cycle);
  }

  /** Whose transfer has ended, and books it. */
  private runOf(tag: number): LayerRun<Tile> {
    const run = this.byPlace[placeOf(tag)]!;
    const kind = kindOf(tag);
    const isOfResult = kind === TAG.load || kind === TAG.store;
    const port = run.ports[isOfResult ? run.ports.length - 1 : kind === TAG.ifmap ? 1 : 0]!;
    run.interfaceCycles[port.name] += port.lastCycles;
    run.events++;
    return run;
  }

  /** A visit is done: its slot is free, and others may have waited for it. */
  private resultDone(run: LayerRun<Tile>, cycle: number): void {
    if (run.computed === run.steps && run.result.isDone()) this.listener!.layerDone(run.place, cycle);
    if (this.lockstep === undefined) this.proceed(cycle);
    // In lockstep a psum that its own step already waits for comes in a segment of its own.
    else if (this.lockstep.mayLoadPsum()) this.grantAll(cycle);
  }

  instructionsLoaded(cycle: number): void {
    this.instructionsTo = cycle;
    this.proceed(cycle);
  }

  computeEnded(cycle: number): void {
    if (this.isOverlapped) this.run!.events++;
    const { run } = this;
    this.endStep(cycle);
    if (this.lockstep !== undefined) this.nextSegmentIfQuiet(cycle);
    else this.startSteps(cycle);
    if (run!.gives !== undefined) run!.gives.wake(cycle);
    if (this.inSegments !== undefined) this.inSegments.endedSomething(cycle);
  }

  /** A tile is there for the unit's fused layers; under lockstep its step may have its slot now. */
  tileHandedOver(cycle: number): void {
    if (this.inSegments === undefined) this.startSteps(cycle);
    else this.proceed(cycle);
  }

  takerIsQuiet(cycle: number): void {
    this.nextSegmentIfQuiet(cycle);
  }

  /** The other unit no longer needs a tile of a fused layer. */
  visitReleased(place: number, cycle: number): void {
    this.resultDone(this.byPlace[place]!, cycle);
  }

  /** The current step is over: its operands may be, its visit may be, and the next step's begin. */
  private endStep(cycle: number): void {
    const run = this.run!;
    const { walk, result } = run;
    const { observer } = this.announcer;
    if (observer !== undefined) observer.computeEnded(run.computed, cycle, run.place);
    run.computed++;
    this.accounted = cycle;
    const stores = walk.stores();
    if (run.takes !== undefined && walk.tile().takesTile === true) run.takes.use(cycle);
    const level = walk.advance();
    if (this.stepListener !== undefined) this.stepListener.stepEnded(level);
    let isResultDone = false;
    if (level <= run.resultPosition) {
      const visit = result.endVisit();
      if (this.lockstep !== undefined) this.lockstep.keep(visit, stores, cycle);
      else isResultDone = result.store(visit, stores, cycle);
    }
    if (run.computed < run.steps) this.turnToNextStep(run, level, cycle);
    else this.turnToNextRun(run, cycle);
    if (isResultDone) this.resultDone(run, cycle);
  }

  /** Turns to the operands of the next step, and asks for more where one is no longer needed. */
  private turnToNextStep(run: LayerRun<Tile>, level: number, cycle: number): void {
    const { operands } = run;
    for (let operand = 0; operand < operands.length; operand++) {
      const stream = operands[operand]!;
      if (level > stream.position) continue;
      stream.uses.end(cycle);
      stream.turnTo(run.nest!, run.walk);
      this.requestOperands(operand, cycle);
    }
  }

  /** The unit's next step is the first of a layer. */
  private turnToLayer({ walk, nest, operands, members, place }: LayerRun<Tile>): void {
    this.unit.turnTo?.(members, place);
    for (const stream of operands) stream.turnTo(nest!, walk);
  }

  /** All steps of the unit's layer are computed; what is left of it are stores. */
  private turnToNextRun(run: LayerRun<Tile>, cycle: number): void {
    const { operands } = run;
    for (const stream of operands) {
      stream.uses.end(cycle);
      stream.releaseUnused(run.computed, cycle);
    }
    this.listener!.layerComputed(run.place);
    this.computing++;
    this.run = this.runs[this.computing];
    if (this.run !== undefined) this.turnToLayer(this.run);
    for (let operand = 0; operand < operands.length; operand++) this.requestOperands(operand, cycle);
  }

  /** Asks for tiles of an operand as far as there is room, those of layers further on included. */
  private requestOperands(operand: number, cycle: number): void {
    const { runs, lockstep } = this;
    if (this.isOverlapped) {
      this.requestAhead(operand, cycle);
      return;
    }
    const run = runs[0]!;
    const furthestStep = lockstep === undefined ? run.steps - 1 : lockstep.furthestStep;
    run.operands[operand]!.request(run.computed, furthestStep, cycle);
  }

  /** Goes on to the layers behind where all tiles of one are asked for. */
  private requestAhead(operand: number, cycle: number): void {
    const { runs, requesting, lockstep } = this;
    for (; requesting[operand]! < runs.length; requesting[operand]!++) {
      const run = runs[requesting[operand]!]!;
      const stream = run.operands[operand]!;
      stream.request(run.computed, lockstep === undefined ? run.steps - 1 : lockstep.furthestStep, cycle);
      if (!stream.isOver()) return;
      stream.releaseUnused(run.computed, cycle);
    }
  }

  /** Gives slots to visits and starts steps as far as that goes now, in turn: a step may store at once. */
  private proceed(cycle: number): void {
    // Without a new grant nothing is ready that was not before.
    if (!this.grantNext(cycle)) return;
    do {
      this.startStep(cycle);
    } while (this.grantNext(cycle));
    while (this.startStep(cycle)) while (this.grantNext(cycle)) this.startStep(cycle);
  }

  private grantAll(cycle: number): void {
    while (this.grantNext(cycle));
  }

  private startSteps(cycle: number): void {
    while (this.startStep(cycle));
  }

  /** Gives the next visit its slot and asks for its loads, if it may have them. */
  private grantNext(cycle: number): boolean {
    const { runs, lockstep } = this;
    const run = runs[this.granting]!;
    if (!run.result.mayGrant()) return false;
    if (run.instructions !== undefined && !this.hasInstructions(run, cycle)) return false;
    if (run.result.grantNext(lockstep === undefined ? run.steps - 1 : lockstep.furthestStep, cycle)) return true;
    if (this.granting + 1 >= runs.length || !run.result.isOver()) return false;
    this.granting++;
    this.wiring.imem?.forget();
    return this.grantNext(cycle);
  }

  /** Whether IMem holds what the next visit needs. It holds the instructions of one layer at a time. */
  private hasInstructions(run: LayerRun<Tile>, cycle: number): boolean {
    const { program, visits } = run.instructions!;
    const imem = this.wiring.imem!;
    if (visits.isOver()) return true;
    if (run !== this.run || run.result.done < visits.grantAfter) return false;
    if (imem.isLoading) return false;
    if (imem.ensure(program, visits.part)) return true;
    this.instructionsFrom = cycle;
    return false;
  }

  /** Starts the next step if the unit is free and all that it needs is here; returns whether it is over already. */
  private startStep(cycle: number): boolean {
    const { run, unit } = this;
    if (run === undefined || unit.isBusy || !run.result.isReady()) return false;
    const { walk, weights, ifmaps } = run;
    const startsResult = walk.startsResult();
    if (weights !== undefined && !(ifmaps!.isReady() && weights.isReady())) return false;
    if (startsResult && run.biases !== undefined && !run.biases.isReady()) return false;
    if (run.takes !== undefined && !canTake(run)) return false;
    if (cycle > this.accounted) this.bookWaiting(run, startsResult, cycle);
    const { observer } = this.announcer;
    if (observer !== undefined) observer.computeStarted(run.computed, cycle, slotsOf(run, startsResult), run.place);
    const tile = walk.tile();
    run.shapeCounts[walk.shapeNumber]!++;
    run.busyCycles += tile.computeCycles;
    if (tile.computeCycles > 0) {
      unit.compute(tile, startsResult);
      return false;
    }
    // A step without instructions goes straight on to its stores.
    this.endStep(cycle);
    return true;
  }

  /** The unit has waited since its last compute: for the item that became ready last, in the order of ties. */
  private bookWaiting(run: LayerRun<Tile>, startsResult: boolean, cycle: number): void {
    const { weights, biases, ifmaps, result } = run;
    let awaited = result.current.readyCycle;
    let decides: number = CAUSE.outputSlot;
    if (ifmaps !== undefined && ifmaps.readyCycle > awaited) {
      awaited = ifmaps.readyCycle;
      decides = CAUSE.ifmap;
    }
    if (weights !== undefined && weights.readyCycle > awaited) {
      awaited = weights.readyCycle;
      decides = CAUSE.weight;
    }
    if (biases !== undefined && startsResult && biases.readyCycle > awaited) {
      awaited = biases.readyCycle;
      decides = CAUSE.bias;
    }
    if (run.takes !== undefined) {
      this.bookTaking(run, startsResult, cycle);
      return;
    }
    if (cycle > awaited) decides = CAUSE.barrier;
    switch (decides) {
      case CAUSE.outputSlot:
        this.bookResult(run, startsResult);
        break;
      case CAUSE.ifmap:
        this.bookProducer(run, CAUSE.ifmap, ifmaps!.grantCycle(), 'ifmap');
        this.book(run, CAUSE.ifmap, cycle);
        break;
      case CAUSE.weight:
      case CAUSE.bias:
        // A bias travels behind its weight tile, if that is loaded too: until the weights are in it waits for them.
        this.bookProducer(run, CAUSE.weight, weights!.grantCycle(), 'weight');
        this.book(run, CAUSE.weight, weights!.readyCycle);
        this.book(run, decides, cycle);
        break;
      default:
        this.book(run, decides, cycle);
    }
    this.accounted = cycle;
  }

  /** On the SIMD side of a group: of the step's slot, the tile and the loads the last decides; of equals the first. */
  private bookTaking(run: LayerRun<Tile>, startsResult: boolean, cycle: number): void {
    const { grantCycle, readyCycle } = run.result.current;
    const tile = run.walk.tile().takesTile === true ? run.takes!.tile()! : undefined;
    const handedCycle = tile === undefined ? 0 : tile.handedCycle;
    if (this.inSegments !== undefined && tile !== undefined) {
      // With the tile, once the segment that has computed it is over, comes the slot.
      this.book(run, CAUSE.obufTile, tile.overCycle);
      this.book(run, CAUSE.barrier, handedCycle);
    }
    const waitsForTile = handedCycle > grantCycle && (handedCycle >= readyCycle || readyCycle === grantCycle);
    if (waitsForTile) this.book(run, CAUSE.obufTile, cycle);
    else this.bookResult(run, startsResult);
    this.accounted = cycle;
  }

  /** For a slot, the store of the same psum, the producer and the loads, one after another. */
  private bookResult(run: LayerRun<Tile>, startsResult: boolean): void {
    const { result, instructions } = run;
    const slot = startsResult ? run.slotCause : CAUSE.psumLoad;
    const load = startsResult ? run.loadCause : CAUSE.psumLoad;
    if (instructions !== undefined) {
      this.book(run, slot, this.instructionsFrom);
      this.book(run, CAUSE.instructions, this.instructionsTo);
    }
    this.book(run, slot, result.current.grantCycle);
    this.book(run, CAUSE.hazard, result.current.gateCycle);
    this.book(run, CAUSE.producer, result.current.producerCycle);
    this.book(run, load, result.current.readyCycle);
  }

  /** Until its slot an operand's tile counts as itself, then it waits for the layer that makes it. */
  private bookProducer(run: LayerRun<Tile>, cause: number, grantCycle: number, tensor: 'weight' | 'ifmap'): void {
    const doneCycle = run.producers.doneCycle(tensor);
    if (doneCycle <= this.accounted) return;
    this.book(run, cause, grantCycle);
    this.book(run, CAUSE.producer, doneCycle);
  }

  /** The unit has waited up to a cycle, unless that is accounted for already. */
  private book(run: LayerRun<Tile>, cause: number, to: number): void {
    const from = this.accounted;
    if (to <= from) return;
    run.waiting.add(cause, to - from);
    this.accounted = to;
    this.announcer.observer?.waited?.(WAITING_CAUSES[cause]!, from, to, run.place);
  }

  /** The program is over: what the unit did not account for is waiting for its last stores, then for the other unit. */
  finish(lastStore: number, end: number): void {
    const last = this.runs.at(-1);
    for (const [cause, to] of [
      [CAUSE.drain, last === undefined ? 0 : lastStore],
      [CAUSE.noWork, end],
    ] as const) {
      if (to <= this.accounted) continue;
      this.idle.add(cause, to - this.accounted);
      if (last !== undefined) this.announcer.observer?.waited?.(WAITING_CAUSES[cause]!, this.accounted, to, last.place);
      this.accounted = to;
    }
  }

  /**
   * Lockstep: when all of a segment is over, the next one begins: the store, the loads of step j+1, compute j; in a fused
   * group the SIMD side's work on tile j−1.
   */
  private nextSegmentIfQuiet(cycle: number): void {
    const run = this.runs[0]!;
    const lockstep = this.lockstep!;
    if (!this.isSegmentOver(run) || run.isComplete()) return;
    if (run.computed > lockstep.segment) lockstep.beginSegment(cycle);
    for (let operand = 0; operand < run.operands.length; operand++) this.requestOperands(operand, cycle);
    this.grantAll(cycle);
    this.startStep(cycle);
    run.gives?.wake(cycle);
    if (this.isSegmentOver(run))
      throw new InternalError(`${run.layer.name}: lockstep segment ${lockstep.segment} is stuck`);
  }

  private isSegmentOver({ gives }: LayerRun<Tile>): boolean {
    return this.isQuiet() && (gives === undefined || gives.isQuiet());
  }

  isQuiet(): boolean {
    const { ports } = this.runs[0]!;
    if (this.unit.isBusy || this.wiring.imem?.isLoading === true) return false;
    for (let port = 0; port < ports.length; port++) if (!ports[port]!.isIdle()) return false;
    return true;
  }

  iterationsLeft(position: number): number {
    return this.runs[0]!.walk.iterationsLeft(position);
  }

  /** All that takes part in a program of one layer, or in a side of a group, but the queue; the walk through its steps first. */
  listState(state: StateList): void {
    const run = this.runs[0]!;
    const { walk, nest, ports, operands, result, shapeCounts } = run;
    const { computed } = run;
    walk.listState(state);
    this.unit.listState(state);
    for (const port of ports) port.listState(state);
    for (const sram of this.wiring.srams) sram.listState(state);
    this.wiring.imem?.listState(state);
    for (const stream of operands) stream.listState(state, nest!, computed);
    result.listState(state);
    this.lockstep?.listState(state, computed);
    if (run.takes === undefined) this.accounted = state.cycle(this.accounted);
    else this.listTaking(state, run.takes, result);
    if (this.isOverlapped) listOwnCounts(state, run);
    run.computed = state.total(computed);
    run.jumped += run.computed - computed;
    run.busyCycles = state.total(run.busyCycles);
    for (let shape = 0; shape < shapeCounts.length; shape++) shapeCounts[shape] = state.total(shapeCounts[shape]!);
    run.waiting.listState(state);
  }

  /** The SIMD side of a group is looked at when a step of the other side ends: it may have waited for a while. */
  private listTaking(state: StateList, takes: Handover, result: ResultStream): void {
    const { accounted } = this;
    result.listPastCycles(state, accounted);
    this.instructionsFrom = state.pastCycle(Math.max(this.instructionsFrom, accounted));
    this.instructionsTo = state.pastCycle(Math.max(this.instructionsTo, accounted));
    takes.listState(state, accounted);
    this.accounted = state.pastCycle(accounted);
  }
}

/** What a layer counts for itself where it is not alone. */
function listOwnCounts<Tile extends StepTile>(state: StateList, run: LayerRun<Tile>): void {
  const { interfaceCycles } = run;
  for (let name = 0; name < INTERFACES.length; name++) {
    interfaceCycles[INTERFACES[name]!] = state.total(interfaceCycles[INTERFACES[name]!]);
  }
  run.events = state.total(run.events);
}

/** Whether the next step of a fused layer has the tile that it is to take over, if it takes one. */
function canTake<Tile extends StepTile>({ takes, walk }: LayerRun<Tile>): boolean {
  return walk.tile().takesTile !== true || takes!.tile() !== undefined;
}

/** Where the step that computes next finds its operands. */
function slotsOf<Tile extends StepTile>(run: LayerRun<Tile>, startsResult: boolean): StepSlots {
  const [weights, ifmaps] = run.operands;
  return {
    result: run.result.current.slot,
    weight: weights?.uses.currentSlot() ?? -1,
    ifmap: ifmaps?.uses.currentSlot() ?? -1,
    bias: startsResult ? (weights?.biases?.currentSlot() ?? -1) : -1,
    tile: run.takes?.tile()?.slot ?? -1,
  };
}

function byPlace<Run extends { readonly place: number }>(runs: readonly Run[]): Run[] {
  const places: Run[] = [];
  for (const run of runs) places[run.place] = run;
  return places;
}
