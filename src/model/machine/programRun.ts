/** Layers that run without a barrier between them: what each must wait for, when each is done, what each has taken. */
import { expectExact, expectExactResult } from '../layers/exactness.ts';
import type { Layer } from '../layers/layer.ts';
import { sumOf } from '../layers/result.ts';
import type { SaStepShape } from '../schedule/saSchedule.ts';
import type { SimdStepShape } from '../schedule/simdSchedule.ts';
import { InternalError } from '../schemas/inputError.ts';
import type { Dispatcher, LayerListener } from './dispatcher.ts';
import { type ProgramContext, type SaRun, type SimdRun, saRun, simdRun } from './layerRun.ts';
import { INTERFACES } from './observer.ts';
import { Producers } from './producers.ts';
import {
  type AnyRun,
  type ComponentCounts,
  check,
  checkMacsOf,
  componentCounts,
  countsBetween,
  expectExactCounts,
  layerResult,
  type SimulatedResult,
} from './statistics.ts';
import { totalWaiting, type Waiting, WaitingCounter } from './waiting.ts';

/** A unit's time over a whole program: busy and waiting cycles add up to the program's. */
export interface UnitTime {
  readonly busyCycles: number;
  /** Of all its layers, and after its last step (`drain`, `noWork`). */
  readonly waiting: Waiting;
}

/** What a program has taken. */
export interface ProgramResult {
  /**
   * Per layer. `totalCycles` are its last store less the latest of all earlier layers' last stores, at least 0, so that
   * they add up to the program's; `stallCycles` are its unit's waits for its steps, which may lie before that.
   */
  readonly layers: readonly SimulatedResult[];
  readonly totalCycles: number;
  readonly units: Readonly<Record<'SA' | 'SIMD', UnitTime>>;
}

/** How far a program has come. */
export interface ProgramProgress {
  readonly layersDone: number;
  readonly layerShare: number;
}

/** The dispatchers of both units. */
export interface Dispatchers {
  readonly saDispatcher: Dispatcher<SaStepShape>;
  readonly simdDispatcher: Dispatcher<SimdStepShape>;
}

/** Who waits for a layer, and for which of its tensors. */
interface Consumer {
  readonly producers: Producers;
  readonly tensors: readonly string[];
}

export class ProgramRun implements LayerListener {
  private readonly layers: readonly Layer[];
  private readonly context: ProgramContext;
  private readonly dispatchers: Dispatchers;
  private readonly runs: AnyRun[] = [];
  private readonly saRuns: SaRun[] = [];
  private readonly simdRuns: SimdRun[] = [];
  /** Per layer, in program order. */
  private readonly consumers: Consumer[][] = [];
  /** When each layer's last store ended; undefined before. */
  private readonly lastStores: (number | undefined)[] = [];
  /** What the components had counted when a layer's last step was over. */
  private readonly counted: ComponentCounts[] = [];
  private readonly before: ComponentCounts;
  /** Layers that are done, as are all before them, and what banked memory has done for each in its cycles. */
  private finished = 0;
  private readonly memory: (SimulatedResult['memory'] | undefined)[] = [];

  constructor(layers: readonly Layer[], context: ProgramContext, dispatchers: Dispatchers) {
    this.layers = layers;
    this.context = context;
    this.dispatchers = dispatchers;
    this.before = componentCounts(context.components);
    const places = new Map<string, number>();
    for (const [place, layer] of layers.entries()) {
      const producers = this.producersOf(layer, places);
      if (layer.unit === 'SA') this.saRuns.push(saRun(layer, place, producers, context));
      else this.simdRuns.push(simdRun(layer, place, producers, context));
      this.runs.push(layer.unit === 'SA' ? this.saRuns.at(-1)! : this.simdRuns.at(-1)!);
      this.consumers.push([]);
      this.lastStores.push(undefined);
      places.set(layer.name, place);
    }
  }

  /** What a layer waits for: those who make its tensors, as far as they are layers of this program before it. */
  private producersOf({ producers: names = {} }: Layer, places: ReadonlyMap<string, number>): Producers {
    const tensorsOf = new Map<number, string[]>();
    const counts: Record<string, number> = {};
    for (const [tensor, makers] of Object.entries(names)) {
      const found = new Set(makers.flatMap((name) => places.get(name) ?? []));
      counts[tensor] = found.size;
      for (const place of found) tensorsOf.set(place, [...(tensorsOf.get(place) ?? []), tensor]);
    }
    const producers = new Producers(counts);
    for (const [place, tensors] of tensorsOf) this.consumers[place]!.push({ producers, tensors });
    return producers;
  }

  /** Asks for the first tiles of both units; the event queue does the rest. */
  start(): void {
    const { layers, context, saRuns, simdRuns } = this;
    const { saDispatcher, simdDispatcher } = this.dispatchers;
    context.components.dram?.programStarted(layers, context.assumptions.fullEdgeTiles);
    for (const run of this.runs) context.announcer.observer?.layerStarted(run.layer, run.schedule, run.place);
    saDispatcher.stepListener = undefined;
    simdDispatcher.stepListener = undefined;
    saDispatcher.begin(saRuns, true, this);
    simdDispatcher.begin(simdRuns, true, this);
    const inOrder = [saDispatcher, simdDispatcher];
    if (layers[0]?.unit === 'SIMD') inOrder.reverse();
    for (const dispatcher of inOrder) dispatcher.start();
  }

  layerComputed(place: number): void {
    this.counted[place] = componentCounts(this.context.components);
  }

  layerDone(place: number, cycle: number): void {
    const { components, announcer } = this.context;
    this.lastStores[place] = cycle;
    announcer.observer?.layerEnded(cycle, place);
    for (; this.lastStores[this.finished] !== undefined; this.finished++) {
      this.memory[this.finished] = components.dram?.countsOfProgram();
    }
    for (const { producers, tensors } of this.consumers[place]!) producers.finish(tensors, cycle);
  }

  /** How far the program has come: layers that are done, as are all before them, and the share of the next one. */
  progress(): ProgramProgress {
    const run = this.runs[this.finished];
    return { layersDone: this.finished, layerShare: run === undefined ? 0 : run.computed / run.steps };
  }

  /** Throws a BeyondExactness where the program takes 2⁵³ cycles. */
  expectExact(now: number): void {
    expectExact(this.layers[this.finished]?.name, 'totalCycles', now);
  }

  /** All events are handled: the figures. */
  end(now: number): ProgramResult {
    const { saDispatcher, simdDispatcher } = this.dispatchers;
    const { components } = this.context;
    this.expectExact(now);
    if (!saDispatcher.isDone() || !simdDispatcher.isDone()) {
      throw new InternalError(`${this.layers[this.finished]?.name}: the machine stopped before the layer was done`);
    }
    components.dram?.programEnded(now);
    const layers = this.results();
    const result = {
      layers,
      totalCycles: now,
      units: { SA: this.timeOf(saDispatcher, this.saRuns, now), SIMD: this.timeOf(simdDispatcher, this.simdRuns, now) },
    };
    this.check(result);
    return result;
  }

  private results(): SimulatedResult[] {
    const latest = { SA: this.before, SIMD: this.before };
    let end = 0;
    return this.runs.map((run, place) => {
      const { unit } = run.layer;
      const counted = this.counted[place]!;
      const { sramBits } = countsBetween(latest[unit], counted);
      if (unit === 'SA') Object.assign(sramBits, { vmem: 0, imm: 0, imem: 0 });
      else Object.assign(sramBits, { wbuf: 0, ibuf: 0, obuf: 0, bbuf: 0 });
      latest[unit] = counted;
      const counts = { sramBits, interfaceBusyCycles: run.interfaceCycles };
      const result = layerResult(run, counts, this.context.hardware, { events: run.events, jumpedTiles: 0 });
      const lastStore = Math.max(end, this.lastStores[place]!);
      result.totalCycles = lastStore - end;
      end = lastStore;
      if (this.memory[place] !== undefined) result.memory = this.memory[place];
      return result;
    });
  }

  private timeOf(
    dispatcher: Pick<Dispatcher<SaStepShape>, 'finish' | 'idle'>,
    runs: readonly AnyRun[],
    now: number,
  ): UnitTime {
    const lastStore = runs.reduce((latest, { place }) => Math.max(latest, this.lastStores[place]!), 0);
    dispatcher.finish(lastStore, now);
    const waiting = new WaitingCounter();
    waiting.addAll(dispatcher.idle);
    for (const run of runs) waiting.addAll(run.waiting);
    return { busyCycles: runs.reduce((sum, run) => sum + run.busyCycles, 0), waiting: waiting.byCause() };
  }

  /** Conservation: the layers' figures add up to what has passed, and to what the components have counted. */
  private check({ layers, totalCycles, units }: ProgramResult): void {
    const { before } = this;
    const after = componentCounts(this.context.components);
    let [cycles, asked] = [0, 0];
    for (const [place, result] of layers.entries()) {
      const run = this.runs[place]!;
      expectExactResult(run.layer.name, result);
      checkMacsOf(run, result);
      cycles += result.totalCycles;
      asked += sumOf(result.dramBits);
    }
    expectExactCounts(this.layers.at(-1)?.name, after);
    check(cycles === totalCycles, `cycles of layers ${cycles} ≠ total ${totalCycles} cycles`);
    for (const [unit, busy] of [
      ['SA', after.peBusyCycles - before.peBusyCycles],
      ['SIMD', after.simdBusyCycles - before.simdBusyCycles],
    ] as const) {
      const waiting = totalWaiting(units[unit].waiting);
      check(
        busy === units[unit].busyCycles && busy + waiting === totalCycles,
        `${unit}: busy ${busy} + waiting ${waiting} ≠ total ${totalCycles} cycles`,
      );
    }
    const moved = INTERFACES.reduce((bits, name) => bits + after.bitsMoved[name] - before.bitsMoved[name], 0);
    check(moved === asked, `bits asked ${asked}, moved ${moved}`);
    for (const name of INTERFACES) {
      const busy = layers.reduce((sum, layer) => sum + layer.interfaceBusyCycles[name], 0);
      check(busy === after.busyCycles[name] - before.busyCycles[name], `busy cycles of ${name} of layers ${busy}`);
    }
  }
}
