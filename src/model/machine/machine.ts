/** The accelerator: its components, their dispatchers, and the run of layers on them. */
import { type DramModel, IDEAL, isRegular } from '../dram/model.ts';
import { EventQueue } from '../engine/eventQueue.ts';
import { FastForward } from '../engine/fastForward.ts';
import type { FusedGroup } from '../fusion/groups.ts';
import { expectExact } from '../layers/exactness.ts';
import type { Layer } from '../layers/layer.ts';
import { type Assumptions, demandNoLockstep } from '../schedule/assumptions.ts';
import type { SaStepShape } from '../schedule/saSchedule.ts';
import type { SimdStepShape } from '../schedule/simdSchedule.ts';
import type { Hardware } from '../schemas/hardware.ts';
import { InternalError } from '../schemas/inputError.ts';
import { groupIdentity, layerIdentity } from '../tiling/costIdentity.ts';
import { Announcer } from './announcer.ts';
import type { DramWatch } from './bankedSide.ts';
import { buildComponents, type Components, type CycleStepping } from './components.ts';
import { UnitTwins } from './cycleStepped/unitTwins.ts';
import { Dispatcher, type LayerListener } from './dispatcher.ts';
import { GroupState } from './groupState.ts';
import { KnownGroups, KnownLayers } from './knownLayers.ts';
import { type ProgramContext, type SaRun, type SimdRun, saRun, simdRun } from './layerRun.ts';
import { type MachineObserver, observersAsOne } from './observer.ts';
import { Producers } from './producers.ts';
import { type ProgramProgress, type ProgramResult, ProgramRun } from './programRun.ts';
import { RequestOrder } from './requestOrder.ts';
import {
  type ComponentCounts,
  checkLayer,
  componentCounts,
  countsBetween,
  layerResult,
  type SimulatedResult,
} from './statistics.ts';

/** Events between two pauses of a run. */
const EVENTS_PER_PAUSE = 1 << 16;
/** Events between two pauses on banked memory: one of them may play thousands of its cycles. */
const EVENTS_PER_BANKED_PAUSE = 1 << 9;
/** Events between two pauses where somebody watches or every PE moves: that takes far longer than the machine. */
const EVENTS_PER_WATCHED_PAUSE = 1 << 10;

/** A layer that is being run, alone. */
interface LoneLayer {
  readonly run: SaRun | SimdRun;
  readonly dispatcher: Dispatcher<SaStepShape> | Dispatcher<SimdStepShape>;
  readonly fastForward: FastForward | undefined;
  /** Under which its result is kept, if at all. */
  readonly identity: readonly number[] | undefined;
  readonly before: ComponentCounts;
  readonly eventsBefore: number;
}

/** A layer that runs alone has nobody who waits for it. */
const ALONE: LayerListener = { layerComputed: () => {}, layerDone: () => {} };

/** How a machine is built, where it is not as usual. */
export interface MachineOptions extends DramWatch {
  readonly dram?: DramModel;
  /** False: every tile is stepped. */
  readonly fastForward?: boolean;
  readonly queue?: EventQueue;
  /** The units that compute some layers' tiles register by register, and which; none unless given. */
  readonly cycleStepping?: CycleStepping | undefined;
}

export class Machine {
  readonly hardware: Hardware;
  readonly components: Components;
  private readonly queue: EventQueue;
  private readonly announcer: Announcer;
  private readonly saDispatcher: Dispatcher<SaStepShape>;
  private readonly simdDispatcher: Dispatcher<SimdStepShape>;
  private readonly observers: MachineObserver[] = [];
  /** Undefined where every tile is stepped. */
  private readonly fastForward: FastForward | undefined;
  private readonly known = new KnownLayers();
  private readonly knownGroups = new KnownGroups();
  private readonly cycleStepping: CycleStepping | undefined;
  /** What runs is watched, or some of it stepped cycle by cycle: an event takes far longer. */
  private isLookedInto = false;

  constructor(hardware: Hardware, options: MachineOptions = {}) {
    const { dram = IDEAL, fastForward = true, queue = new EventQueue() } = options;
    const { cycleStepping } = options;
    const components = buildComponents(hardware, queue, dram, options, cycleStepping);
    const { peArray, simdPipeline, wbuf, ibuf, obuf, bbuf, vmem, imem } = components;
    const announcer = new Announcer(components.dram !== undefined);
    this.cycleStepping = cycleStepping;
    this.hardware = hardware;
    this.components = components;
    this.queue = queue;
    this.announcer = announcer;
    const srams = [wbuf, ibuf, obuf, bbuf];
    this.saDispatcher = new Dispatcher({ unit: peArray, srams, imem: undefined, announcer });
    this.simdDispatcher = new Dispatcher({ unit: simdPipeline, srams: [vmem], imem, announcer });
    this.fastForward = fastForward && isRegular(dram) ? new FastForward(queue) : undefined;
  }

  /** Lets an observer watch all runs from now on, beside those that do already. What is watched is stepped. */
  observe(observer: MachineObserver): void {
    if (!this.observers.includes(observer)) this.observers.push(observer);
    this.tellObservers();
  }

  /** The observer watches no longer. */
  forget(observer: MachineObserver): void {
    const place = this.observers.indexOf(observer);
    if (place >= 0) this.observers.splice(place, 1);
    this.tellObservers();
  }

  private tellObservers(): void {
    const observer = observersAsOne(this.observers);
    const { weightInterface, ifmapInterface, psumInterface, vmemInterface } = this.components;
    this.announcer.observer = observer;
    const { peArray, simdPipeline } = this.components;
    for (const unit of [peArray, simdPipeline]) if (unit instanceof UnitTwins) unit.observer = observer;
    for (const port of [weightInterface, ifmapInterface, psumInterface, vmemInterface]) port.observer = observer;
  }

  /** Lets what still waits in a banked memory's write queues be written: for who watches its channels. */
  drainMemory(): void {
    this.components.dram?.drain();
  }

  /** Runs a layer on the drained machine, tile by tile, from cycle 0 of its own. Throws an InternalError if figures disagree. */
  run(layer: Layer, assumptions: Assumptions): SimulatedResult {
    const begun = this.begin(layer, assumptions);
    if ('known' in begun) return begun.known;
    while (!this.proceed(begun, this.eventsPerPause()));
    return this.end(begun);
  }

  /** Runs a layer as `run` does, pausing now and then so that the caller can show progress or stop; yields the share done so far. */
  *runWithPauses(layer: Layer, assumptions: Assumptions): Generator<number, SimulatedResult> {
    const begun = this.begin(layer, assumptions);
    if ('known' in begun) return begun.known;
    const events = this.eventsPerPause();
    while (!this.proceed(begun, events)) yield begun.run.computed / begun.run.steps;
    return this.end(begun);
  }

  /**
   * Runs layers without a barrier between them (`prefetch`), those of `groups` fused, in program order on the drained
   * machine, every tile stepped; yields progress now and then. Throws an InputError for `lockstep`, which has a barrier
   * after each segment, and an InternalError if figures disagree.
   */
  *runOverlapped(
    layers: readonly Layer[],
    assumptions: Assumptions,
    groups: readonly FusedGroup[] = [],
  ): Generator<ProgramProgress, ProgramResult> {
    demandNoLockstep(assumptions);
    this.lookInto(layers);
    const program = this.programOf(layers, groups, assumptions, new RequestOrder(this.queue), true);
    program.start();
    return yield* this.runToEnd(program, undefined);
  }

  /** Runs a fused group, whose layers these are, alone on the drained machine; yields progress now and then. */
  *runGroup(
    layers: readonly Layer[],
    group: FusedGroup,
    assumptions: Assumptions,
  ): Generator<ProgramProgress, ProgramResult> {
    const { queue, saDispatcher, simdDispatcher } = this;
    this.lookInto(layers);
    const fastForward = this.isLookedInto ? undefined : this.fastForward;
    const identity = fastForward && groupIdentity(group, assumptions);
    const known = identity && this.knownGroups.find(identity);
    if (known !== undefined) return known;
    // Under lockstep a segment's requests are made in their order.
    const order = assumptions.lockstep ? undefined : new RequestOrder(queue);
    const program = this.programOf(layers, [group], assumptions, order, false);
    program.start();
    saDispatcher.stepListener = fastForward;
    fastForward?.begin(new GroupState(saDispatcher, order === undefined ? [simdDispatcher] : [simdDispatcher, order]));
    const result = yield* this.runToEnd(program, fastForward);
    if (identity !== undefined) this.knownGroups.add(identity, result);
    return result;
  }

  private programOf(
    layers: readonly Layer[],
    groups: readonly FusedGroup[],
    assumptions: Assumptions,
    order: RequestOrder | undefined,
    overtakes: boolean,
  ): ProgramRun {
    const { queue, hardware, announcer, components, saDispatcher, simdDispatcher } = this;
    queue.reset();
    const context = { hardware, assumptions, components, announcer, order, overtakes };
    return new ProgramRun(layers, groups, context, { saDispatcher, simdDispatcher });
  }

  private *runToEnd(
    program: ProgramRun,
    fastForward: FastForward | undefined,
  ): Generator<ProgramProgress, ProgramResult> {
    const { queue } = this;
    const events = this.eventsPerPause();
    const expectExact = (now: number): void => program.expectExact(now);
    while (!this.handle(events, fastForward, expectExact)) yield program.progress();
    return program.end(queue.now);
  }

  private eventsPerPause(): number {
    if (this.isLookedInto) return EVENTS_PER_WATCHED_PAUSE;
    return this.components.dram === undefined ? EVENTS_PER_PAUSE : EVENTS_PER_BANKED_PAUSE;
  }

  private begin(layer: Layer, assumptions: Assumptions): LoneLayer | { readonly known: SimulatedResult } {
    const { queue, announcer, components } = this;
    this.lookInto([layer]);
    const fastForward = this.isLookedInto ? undefined : this.fastForward;
    const identity = fastForward && layerIdentity(layer, assumptions);
    const known = identity && this.known.find(identity);
    if (known !== undefined) return { known };
    queue.reset();
    const context: ProgramContext = {
      hardware: this.hardware,
      assumptions,
      components,
      announcer,
      order: undefined,
      overtakes: false,
    };
    const { run, dispatcher } = this.dispatch(layer, context);
    dispatcher.stepListener = fastForward;
    fastForward?.begin(dispatcher);
    components.dram?.programStarted([layer], assumptions.fullEdgeTiles);
    announcer.observer?.layerStarted(layer, run.schedule, 0);
    const before = componentCounts(components);
    const eventsBefore = queue.handled;
    dispatcher.start();
    return { run, dispatcher, fastForward, identity, before, eventsBefore };
  }

  /** Whether somebody looks into the run of layers that begins. */
  private lookInto(layers: readonly Layer[]): void {
    const isStepped = this.cycleStepping !== undefined && layers.some(this.cycleStepping.isStepped);
    this.isLookedInto = isStepped || this.announcer.observer !== undefined;
  }

  /** Gives a layer to the dispatcher of its unit. */
  private dispatch(layer: Layer, context: ProgramContext): Pick<LoneLayer, 'run' | 'dispatcher'> {
    if (layer.unit === 'SA') {
      const run = saRun(layer, 0, Producers.NONE, context);
      this.saDispatcher.begin([run], false, ALONE);
      return { run, dispatcher: this.saDispatcher };
    }
    const run = simdRun(layer, 0, Producers.NONE, context);
    this.simdDispatcher.begin([run], false, ALONE);
    return { run, dispatcher: this.simdDispatcher };
  }

  /** Handles some events; returns true when none is left. Throws a BeyondExactness where the layer takes 2⁵³ cycles. */
  private proceed({ run, fastForward }: LoneLayer, events: number): boolean {
    return this.handle(events, fastForward, (now) => expectExact(run.layer.name, 'totalCycles', now));
  }

  private handle(events: number, fastForward: FastForward | undefined, expectExactNow: (now: number) => void): boolean {
    const { queue } = this;
    for (let left = events; left > 0; ) {
      const before = queue.handled;
      const isDone = queue.run(left);
      // What comes later would no longer come in its own cycle.
      expectExactNow(queue.now);
      if (isDone) return true;
      left -= queue.handled - before;
      fastForward?.look();
    }
    return false;
  }

  private end({ run, dispatcher, identity, before, eventsBefore }: LoneLayer): SimulatedResult {
    const { queue, components, announcer } = this;
    const { now } = queue;
    dispatcher.finish(now, now);
    run.waiting.addAll(dispatcher.idle);
    components.dram?.programEnded(now);
    announcer.observer?.layerEnded(now, 0);
    if (!dispatcher.isDone())
      throw new InternalError(`${run.layer.name}: the machine stopped before the layer was done`);
    const after = componentCounts(components);
    const result = layerResult(run, countsBetween(before, after), this.hardware, queue.handled - eventsBefore);
    checkLayer(result, run, before, after, now);
    if (components.dram !== undefined) result.memory = components.dram.countsOfProgram();
    if (identity !== undefined) this.known.add(identity, result);
    return result;
  }
}
