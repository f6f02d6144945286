/** Layers that run without a barrier between them: what each must wait for, when each is done, what each has taken. */

import type { FusedGroup } from '../fusion/groups.ts';
import { expectExact, expectExactResult } from '../layers/exactness.ts';
import type { Layer, ProducerNames } from '../layers/layer.ts';
import { type SramBits, sumOf } from '../layers/result.ts';
import { FusedSchedule } from '../schedule/fusedSchedule.ts';
import type { SaStepShape } from '../schedule/saSchedule.ts';
import type { SimdStepShape } from '../schedule/simdSchedule.ts';
import { InternalError } from '../schemas/inputError.ts';
import type { Dispatcher, LayerListener } from './dispatcher.ts';
import { fusedRun, type ProgramContext, type SaRun, type SimdRun, saRun, simdRun } from './layerRun.ts';
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
  memberResults,
  type SimulatedResult,
} from './statistics.ts';
import { noWaiting, totalWaiting, type Waiting, WaitingCounter } from './waiting.ts';

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
  /** Fused groups in program order: their cycles and waits, which no member has of its own. */
  readonly groups: readonly GroupResult[];
  readonly totalCycles: number;
  readonly units: Readonly<Record<'SA' | 'SIMD', UnitTime>>;
}

/** A fused group in its program. */
export interface GroupResult {
  readonly group: FusedGroup;
  /** Its last store less the latest of all earlier layers' last stores, at least 0. */
  readonly totalCycles: number;
  /** Its two sides; of a group that runs alone each side's cycles add up to the group's. */
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
  private readonly groups: readonly FusedGroup[];
  private readonly context: ProgramContext;
  private readonly dispatchers: Dispatchers;
  /** By place; undefined for the members of a group between its first and its last. */
  private readonly runs: (AnyRun | undefined)[] = [];
  private readonly saRuns: SaRun[] = [];
  private readonly simdRuns: SimdRun[] = [];
  /** Per layer, in program order. */
  private readonly consumers: Consumer[][];
  /** When each layer's last store ended; undefined before. */
  private readonly lastStores: (number | undefined)[];
  /** What the components had counted when a layer's last step was over. */
  private readonly counted: ComponentCounts[] = [];
  private readonly before: ComponentCounts;
  /** Layers that are done, as are all before them, and what banked memory has done for each in its cycles. */
  private finished = 0;
  private readonly memory: (SimulatedResult['memory'] | undefined)[] = [];
  private readonly places = new Map<string, number>();

  /** `groups`: which of the layers, by place, are fused. */
  constructor(
    layers: readonly Layer[],
    groups: readonly FusedGroup[],
    context: ProgramContext,
    dispatchers: Dispatchers,
  ) {
    this.layers = layers;
    this.groups = groups;
    this.context = context;
    this.dispatchers = dispatchers;
    this.before = componentCounts(context.components);
    this.consumers = layers.map(() => []);
    this.lastStores = layers.map(() => undefined);
    for (const [place, layer] of layers.entries()) this.places.set(layer.name, place);
    const firsts = new Map(groups.map((group) => [group.first, group] as const));
    for (const [place, layer] of layers.entries()) {
      const group = firsts.get(place);
      if (group !== undefined) this.addGroup(group);
      else if (!this.isMember(place)) this.add(layer, place);
    }
  }

  private isMember(place: number): boolean {
    return this.groups.some(({ first, last }) => first <= place && place <= last);
  }

  private add(layer: Layer, place: number): void {
    const producers = this.producersOf(layer.producers ?? {}, place);
    if (layer.unit === 'SA') {
      this.runs[place] = saRun(layer, place, producers, this.context);
      this.saRuns.push(this.runs[place] as SaRun);
    } else {
      this.runs[place] = simdRun(layer, place, producers, this.context);
      this.simdRuns.push(this.runs[place] as SimdRun);
    }
  }

  private addGroup(group: FusedGroup): void {
    const { first, last, sa, members } = group;
    const { saDispatcher: giver, simdDispatcher: taker } = this.dispatchers;
    const producers = this.producersOf(sa.producers ?? {}, first);
    const saSide = saRun(sa, first, producers, this.context, { group, giver, taker });
    const names: Record<string, readonly string[]> = {};
    for (const { layer, handedOver, inside } of members) {
      for (const [role, makers] of Object.entries(layer.producers ?? {})) {
        if (!handedOver.has(role) && !inside.has(role)) names[`${layer.name}.${role}`] = makers;
      }
    }
    const simdSide = fusedRun(group, saSide, this.producersOf(names, first), this.context);
    this.runs[first] = saSide;
    this.runs[last] = simdSide;
    this.saRuns.push(saSide);
    this.simdRuns.push(simdSide);
  }

  /** What a layer waits for: those who make its tensors, as far as they are layers of this program before its place. */
  private producersOf(names: ProducerNames, before: number): Producers {
    const tensorsOf = new Map<number, string[]>();
    const counts: Record<string, number> = {};
    for (const [tensor, makers] of Object.entries(names)) {
      const found = new Set(makers.flatMap((name) => this.placeOf(name, before)));
      counts[tensor] = found.size;
      for (const place of found) tensorsOf.set(place, [...(tensorsOf.get(place) ?? []), tensor]);
    }
    const producers = new Producers(counts);
    for (const [place, tensors] of tensorsOf) this.consumers[place]!.push({ producers, tensors });
    return producers;
  }

  private placeOf(name: string, before: number): number[] {
    const place = this.places.get(name);
    return place === undefined || place >= before ? [] : [place];
  }

  /** Asks for the first tiles of both units; the event queue does the rest. */
  start(): void {
    const { layers, context, saRuns, simdRuns } = this;
    const { saDispatcher, simdDispatcher } = this.dispatchers;
    context.components.dram?.programStarted(layers, context.assumptions.fullEdgeTiles, this.groups);
    for (const run of this.runs) {
      if (run !== undefined) context.announcer.observer?.layerStarted(run.layer, run.schedule, run.place);
    }
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
    // With a group's last member those between are done too.
    for (let before = place - 1; this.runs[before] === undefined && before >= 0; before--)
      this.lastStores[before] = cycle;
    announcer.observer?.layerEnded(cycle, place);
    for (; this.lastStores[this.finished] !== undefined; this.finished++) {
      this.memory[this.finished] = components.dram?.countsOfProgram();
    }
    for (const { producers, tensors } of this.consumers[place]!) producers.finish(tensors, cycle);
  }

  /** How far the program has come: layers that are done, as are all before them, and the share of the next one. */
  progress(): ProgramProgress {
    const run = this.runs.find((each, place) => place >= this.finished && each !== undefined);
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
    const units = {
      SA: this.timeOf(saDispatcher, this.saRuns, now),
      SIMD: this.timeOf(simdDispatcher, this.simdRuns, now),
    };
    const windows = this.windows();
    const groups = this.groupResults(windows, units);
    const result = { layers: this.results(windows), groups, totalCycles: now, units };
    this.check(result);
    return result;
  }

  /** What each layer adds to the run by its last store. */
  private windows(): number[] {
    let end = 0;
    return this.lastStores.map((lastStore) => {
      const cycles = Math.max(0, lastStore! - end);
      end += cycles;
      return cycles;
    });
  }

  private results(windows: readonly number[]): SimulatedResult[] {
    const latest = { SA: this.before, SIMD: this.before };
    const results: SimulatedResult[] = [];
    for (const [place, run] of this.runs.entries()) {
      if (run === undefined) continue;
      const { unit } = run.layer;
      const counted = this.counted[place]!;
      const { sramBits } = countsBetween(latest[unit], counted);
      latest[unit] = counted;
      const counts = { sramBits: ofUnit(unit, sramBits), interfaceBusyCycles: run.interfaceCycles };
      if (run.schedule instanceof FusedSchedule) {
        for (const [member, result] of memberResults(run as SimdRun, counts.interfaceBusyCycles).entries()) {
          results[run.schedule.group.first + 1 + member] = result;
        }
      } else {
        results[place] = layerResult(run, counts, this.context.hardware, run.events);
      }
      const result = results[place]!;
      if (run.gives !== undefined) withoutCycles(result);
      else if (run.takes === undefined) result.totalCycles = windows[place]!;
    }
    for (const [place, counts] of this.memory.entries()) if (counts !== undefined) results[place]!.memory = counts;
    return results;
  }

  private groupResults(windows: readonly number[], units: ProgramResult['units']): GroupResult[] {
    return this.groups.map((group) => {
      const { first, last } = group;
      const sides = { SA: this.runs[first]!, SIMD: this.runs[last]! };
      const isAlone = this.runs.length === last - first + 1;
      return {
        group,
        totalCycles: windows.slice(first, last + 1).reduce((sum, cycles) => sum + cycles, 0),
        units: isAlone ? units : { SA: ownTime(sides.SA), SIMD: ownTime(sides.SIMD) },
      };
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
  private check({ layers, groups, totalCycles, units }: ProgramResult): void {
    const { before } = this;
    const after = componentCounts(this.context.components);
    let [cycles, asked] = [groups.reduce((sum, group) => sum + group.totalCycles, 0), 0];
    for (const [place, result] of layers.entries()) {
      const run = this.runs[place];
      expectExactResult(this.layers[place]!.name, result);
      if (run !== undefined) checkMacsOf(run, result);
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

/** The accesses of a unit's own SRAMs; the SIMD side of a group reads OBuf too. */
function ofUnit(unit: 'SA' | 'SIMD', { wbuf, ibuf, obuf, bbuf, vmem, imm, imem }: SramBits): SramBits {
  return unit === 'SA'
    ? { wbuf, ibuf, obuf, bbuf, vmem: 0, imm: 0, imem: 0 }
    : { wbuf: 0, ibuf: 0, obuf: 0, bbuf: 0, vmem, imm, imem };
}

/** Members of a group have no cycles of their own. */
function withoutCycles(result: SimulatedResult): void {
  Object.assign(result, { computeCycles: 0, stallCycles: 0, totalCycles: 0, waiting: noWaiting() });
}

function ownTime({ busyCycles, waiting }: AnyRun): UnitTime {
  return { busyCycles, waiting: waiting.byCause() };
}
