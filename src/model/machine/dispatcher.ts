/**
 * Issues the steps of a unit in program order: gives visits their slots, asks for loads as slots come free, starts a
 * step when its operands are in and the unit is free, and stores a result when its visit is over. The PE array has one
 * and the SIMD array another; what a step needs is data (LayerRun), so both work alike. Overlap is what slots and timing
 * make of that.
 */
import type { StepListener, SteppedLayer } from '../engine/fastForward.ts';
import type { StateList } from '../engine/stateList.ts';
import type { StepTile, StepTransfer } from '../schedule/step.ts';
import { InternalError } from '../schemas/inputError.ts';
import type { Announcer } from './announcer.ts';
import type { Handover, TileGiver, TileTaker } from './handover.ts';
import type { InstructionClient, InstructionMemory } from './instructionMemory.ts';
import type { LayerRun } from './layerRun.ts';
import { Lockstep } from './lockstep.ts';
import { INTERFACES, type StepSlots } from './observer.ts';
import type { ComputeClient, ComputePort, TransferClient } from './ports.ts';
import type { ResultStream } from './resultStream.ts';
import { kindOf, placeOf, TAG } from './tags.ts';
import type { TileSram } from './tileSram.ts';
import { TimeAccount } from './timeAccount.ts';
import type { WaitingCounter } from './waiting.ts';

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
  stepListener: StepListener | undefined = undefined;

  private readonly wiring: DispatcherWiring<Tile>;
  private readonly unit: ComputePort<Tile>;
  private readonly time: TimeAccount<Tile>;
  private listener: LayerListener | undefined = undefined;
  /** The unit's layers in program order, the first of them, and the one that computes. */
  private runs: readonly LayerRun<Tile>[] = [];
  private first: LayerRun<Tile> | undefined = undefined;
  private run: LayerRun<Tile> | undefined = undefined;
  private byPlace: readonly LayerRun<Tile>[] = [];
  /** There are several: a transfer's tag tells whose it is. */
  private isOverlapped = false;
  private isWatched = false;
  private computing = 0;
  /** The layers whose results, and whose tiles of each operand, are given slots next. */
  private granting = 0;
  private readonly requesting: number[] = [0, 0];
  /** Either says when segments are over: of this unit's own, or on the SIMD side of a group of the other side's. */
  private isInSegments = false;
  private lockstep: Lockstep | undefined = undefined;
  private otherSide: Handover | undefined = undefined;

  constructor(wiring: DispatcherWiring<Tile>) {
    this.wiring = wiring;
    this.unit = wiring.unit;
    this.time = new TimeAccount(wiring.announcer);
    this.unit.attach(this);
    wiring.imem?.attach(this);
  }

  /** Waiting that belongs to no layer: for the last stores, and for the other unit. */
  get idle(): WaitingCounter {
    return this.time.idle;
  }

  /** The unit's layers of a program that is about to start on the drained machine. */
  begin(runs: readonly LayerRun<Tile>[], isOverlapped: boolean, listener: LayerListener): void {
    const first = runs[0];
    this.runs = runs;
    this.first = first;
    this.run = first;
    this.listener = listener;
    this.byPlace = isOverlapped ? byPlace(runs) : runs;
    this.isOverlapped = isOverlapped;
    this.isWatched = this.wiring.announcer.observer !== undefined;
    this.computing = 0;
    this.granting = 0;
    this.requesting.fill(0);
    this.time.clear();
    this.wiring.imem?.forget();
    for (const sram of this.wiring.srams) sram.rewind();
    for (const port of first?.ports ?? []) port.attach(this);
    this.lockstep = first?.isLockstep === true ? new Lockstep(first) : undefined;
    this.otherSide = first?.takes?.isLockstep === true ? first.takes : undefined;
    this.isInSegments = this.lockstep !== undefined || this.otherSide !== undefined;
  }

  /** Asks for the first tiles; the event queue does the rest. */
  start(): void {
    const { run } = this;
    if (run === undefined) return;
    this.turnToLayer(run);
    for (let operand = 0; operand < run.operands.length; operand++) this.requestOperands(run, operand, 0);
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
    const run = this.isOverlapped ? this.runOf(tag) : this.first!;
    const isAwaited = this.arrive(run, tag, cycle, firstPartCycle, firstBits, secondBits);
    if (this.isInSegments) this.proceedInSegment(isAwaited, cycle);
    else if (isAwaited && run === this.run) this.startSteps(cycle);
  }

  /** A tile has come, or has been stored; returns whether the current step may have waited for it. */
  private arrive(
    run: LayerRun<Tile>,
    tag: number,
    cycle: number,
    firstPartCycle: number,
    firstBits: number,
    secondBits: number,
  ): boolean {
    switch (kindOf(tag)) {
      case TAG.load:
        return run.result.loadEnded(cycle, firstBits, tag);
      case TAG.store:
        if (run.result.storeEnded(cycle, firstBits)) this.resultDone(run, cycle);
        return false;
      case TAG.ifmap:
        return run.ifmaps!.arrive(cycle, firstBits);
      case TAG.weight:
        return run.weights!.arrive(cycle, firstBits);
      default:
        return run.operands[0]!.arriveWithBias(firstPartCycle, firstBits, cycle, secondBits);
    }
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
    this.time.instructionsTo = cycle;
    this.proceed(cycle);
  }

  computeEnded(cycle: number): void {
    const run = this.run!;
    if (this.isOverlapped) run.events++;
    this.endStep(run, cycle);
    if (this.isInSegments) this.proceedInSegment(true, cycle);
    else this.startSteps(cycle);
    if (run.gives !== undefined) run.gives.wake(cycle);
  }

  /** A tile is there for the unit's fused layers; under lockstep its step may have its slot now. */
  tileHandedOver(cycle: number): void {
    if (this.otherSide === undefined) this.startSteps(cycle);
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
  private endStep(run: LayerRun<Tile>, cycle: number): void {
    const { walk } = run;
    const { stores } = walk.step;
    if (this.isWatched) this.wiring.announcer.observer!.computeEnded(run.computed, cycle, run.place);
    run.computed++;
    this.time.accounted = cycle;
    if (run.takes !== undefined && walk.step.takesTile) run.takes.use(cycle);
    const level = walk.advance();
    if (this.stepListener !== undefined) this.stepListener.stepEnded(level);
    const isResultDone = level <= run.resultPosition && this.endVisit(run, stores, cycle);
    if (run.computed < run.steps) this.turnToNextStep(run, level, cycle);
    else this.turnToNextRun(run, cycle);
    if (isResultDone) this.resultDone(run, cycle);
  }

  /** The current visit is over; returns whether that is all of it. */
  private endVisit({ result }: LayerRun<Tile>, stores: readonly StepTransfer[], cycle: number): boolean {
    const visit = result.endVisit();
    if (this.lockstep === undefined) return result.store(visit, stores, cycle);
    this.lockstep.keep(visit, stores, cycle);
    return false;
  }

  /** Turns to the operands of the next step, and asks for more where one is no longer needed. */
  private turnToNextStep(run: LayerRun<Tile>, level: number, cycle: number): void {
    const { operands } = run;
    for (let operand = 0; operand < operands.length; operand++) {
      const stream = operands[operand]!;
      if (level > stream.position) continue;
      stream.turnTo(run.nest!, run.walk.step.startsResult, cycle);
      if (this.isOverlapped) this.requestAhead(operand, cycle);
      else stream.request(run.computed, run.furthestStep, cycle);
    }
  }

  /** The unit's next step is the first of a layer. */
  private turnToLayer({ nest, operands, members, place }: LayerRun<Tile>): void {
    this.unit.turnTo?.(members, place);
    for (const stream of operands) stream.begin(nest!);
  }

  /** All steps of the unit's layer are computed; what is left of it are stores. */
  private turnToNextRun(run: LayerRun<Tile>, cycle: number): void {
    const { operands } = run;
    for (const stream of operands) stream.end(run.computed, cycle);
    this.listener!.layerComputed(run.place);
    this.computing++;
    this.run = this.runs[this.computing];
    if (this.run !== undefined) this.turnToLayer(this.run);
    for (let operand = 0; operand < operands.length; operand++) this.requestOperands(run, operand, cycle);
  }

  /** Asks for tiles of an operand as far as there is room, where layers overlap those of layers further on included. */
  private requestOperands(run: LayerRun<Tile>, operand: number, cycle: number): void {
    if (this.isOverlapped) this.requestAhead(operand, cycle);
    else run.operands[operand]!.request(run.computed, run.furthestStep, cycle);
  }

  /** Goes on to the layers behind where all tiles of one are asked for. */
  private requestAhead(operand: number, cycle: number): void {
    const { runs, requesting } = this;
    for (; requesting[operand]! < runs.length; requesting[operand]!++) {
      const run = runs[requesting[operand]!]!;
      const stream = run.operands[operand]!;
      stream.request(run.computed, run.furthestStep, cycle);
      if (!stream.isOver()) return;
      stream.releaseUnused(run.computed, cycle);
    }
  }

  /** Gives slots to visits and starts steps as far as that goes now, in turn: a step may store at once. */
  private proceed(cycle: number): void {
    // Without a new grant nothing is ready that was not before, unless a step that started is over already.
    if (!this.grantNext(cycle)) return;
    let isOver: boolean;
    do {
      isOver = this.startStep(cycle);
    } while (this.grantNext(cycle) || isOver);
  }

  private grantAll(cycle: number): void {
    while (this.grantNext(cycle));
  }

  private startSteps(cycle: number): void {
    while (this.startStep(cycle));
  }

  /** Gives the next visit its slot and asks for its loads, if it may have them. */
  private grantNext(cycle: number): boolean {
    const run = this.runs[this.granting]!;
    const { result } = run;
    if (!result.mayGrant()) return false;
    if (run.instructions !== undefined && !this.hasInstructions(run, cycle)) return false;
    return result.grantNext(run.furthestStep, cycle) || (this.isOverlapped && this.grantNextRun(result, cycle));
  }

  /** Goes on to the layer behind where all visits of one have their slots. */
  private grantNextRun(result: ResultStream, cycle: number): boolean {
    if (this.granting + 1 >= this.runs.length || !result.isOver()) return false;
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
    this.time.instructionsFrom = cycle;
    return false;
  }

  /** Starts the next step if the unit is free and all that it needs is here; returns whether it is over already. */
  private startStep(cycle: number): boolean {
    const { run, unit } = this;
    if (run === undefined || unit.isBusy || !run.result.isReady()) return false;
    const { step } = run.walk;
    const { startsResult } = step;
    if (run.weights !== undefined && !(run.ifmaps!.isReady() && run.weights.isReady())) return false;
    if (startsResult && run.biases !== undefined && !run.biases.isReady()) return false;
    if (step.takesTile && run.takes!.tile() === undefined) return false;
    if (cycle > this.time.accounted) this.time.bookWaiting(run, step, cycle);
    if (this.isWatched) this.tellStart(run, cycle);
    run.shapeCounts[step.shapeNumber]!++;
    run.busyCycles += step.computeCycles;
    if (step.computeCycles > 0) {
      unit.compute(step.tile, startsResult);
      return false;
    }
    // A step without instructions goes straight on to its stores.
    this.endStep(run, cycle);
    return true;
  }

  private tellStart(run: LayerRun<Tile>, cycle: number): void {
    this.wiring.announcer.observer!.computeStarted(run.computed, cycle, slotsOf(run), run.place);
  }

  /** The program is over: what the unit did not account for is waiting for its last stores, then for the other unit. */
  finish(lastStore: number, end: number): void {
    this.time.finish(this.runs.at(-1)?.place, lastStore, end);
  }

  /** Lockstep: something has ended, perhaps the last of a segment. */
  private proceedInSegment(isAwaited: boolean, cycle: number): void {
    if (this.lockstep !== undefined) this.nextSegmentIfQuiet(cycle);
    else if (isAwaited) this.startSteps(cycle);
    if (this.otherSide !== undefined) this.otherSide.endedSomething(cycle);
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
    for (let operand = 0; operand < run.operands.length; operand++) this.requestOperands(run, operand, cycle);
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
    if (run.takes === undefined) this.time.listState(state);
    else this.listTaking(state, run.takes, result);
    if (this.isOverlapped) listOwnCounts(state, run);
    run.computed = state.total(computed);
    run.jumped += run.computed - computed;
    run.busyCycles = state.total(run.busyCycles);
    state.totals(shapeCounts);
    run.waiting.listState(state);
  }

  /** The SIMD side of a group is looked at when a step of the other side ends: it may have waited for a while. */
  private listTaking(state: StateList, takes: Handover, result: ResultStream): void {
    const { accounted } = this.time;
    result.listPastCycles(state, accounted);
    takes.listState(state, accounted);
    this.time.listPast(state);
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

/** Where the step that computes next finds its operands. */
function slotsOf<Tile extends StepTile>(run: LayerRun<Tile>): StepSlots {
  const [weights, ifmaps] = run.operands;
  return {
    result: run.result.current.slot,
    weight: weights?.uses.currentSlot() ?? -1,
    ifmap: ifmaps?.uses.currentSlot() ?? -1,
    bias: run.walk.step.startsResult ? (weights?.biases?.currentSlot() ?? -1) : -1,
    tile: run.takes?.tile()?.slot ?? -1,
  };
}

function byPlace<Run extends { readonly place: number }>(runs: readonly Run[]): Run[] {
  const places: Run[] = [];
  for (const run of runs) places[run.place] = run;
  return places;
}
