/**
 * Watches a run and works out, rule by rule (SEMANTICS.md), what each transfer, compute and grant has waited for. What it
 * sees is the public side of the machine: tiles with their slots, and the schedule that says which visit waits for which.
 */
import type { Layer } from '../../model/layers/layer.ts';
import type { InterfaceName, MachineObserver, StepSlots, TileMove } from '../../model/machine/observer.ts';
import type { Assumptions } from '../../model/schedule/assumptions.ts';
import { FusedSchedule } from '../../model/schedule/fusedSchedule.ts';
import { SaSchedule } from '../../model/schedule/saSchedule.ts';
import type { SimdSchedule } from '../../model/schedule/simdSchedule.ts';
import type { VisitWalk } from '../../model/schedule/visitWalk.ts';
import { type Hardware, usableWeightBitsPerCycle } from '../../model/schemas/hardware.ts';
import { DependencyGraph, NONE } from './dependencyGraph.ts';
import type { Hold, MemoryHolds } from './memoryHolds.ts';

/** A slot of an SRAM: who used it last, and what was loaded into it since it was granted. */
class Slot {
  /** The node that was over last of all that used it: the slot is free when it is. */
  touched = NONE;
  readonly loads: number[] = [];
  /** Of a result's slot: its grant, and the visit that has it. */
  grant = NONE;
  place = NONE;
  visit = NONE;
  /** Of a bias: the last step that it is kept for. */
  lastStep = NONE;
}

/** A layer of the program that runs. */
interface RunningLayer {
  readonly layer: Layer;
  readonly schedule: SaSchedule | SimdSchedule | FusedSchedule;
  readonly unit: 'peArray' | 'simdPipeline';
  /** The visit that is granted its slot next. */
  readonly visits: VisitWalk;
  /** Its last store, once it is over. */
  done: number;
}

type ResultSram = 'obuf' | 'vmem';

const slotsOf = (count: number): Slot[] => Array.from({ length: count }, () => new Slot());

export class DependencyRecorder implements MachineObserver {
  readonly graph = new DependencyGraph();
  /** Nodes that began later than all that is known of them says; none is expected. */
  unexplained = 0;

  /** Per load, what held it up in banked memory. */
  readonly holds = new Map<number, readonly Hold[]>();

  private readonly assumptions: Assumptions;
  private readonly memory: MemoryHolds | undefined;
  private readonly bitsPerCycle: Readonly<Record<InterfaceName, number>>;
  private readonly loadsInstructions: boolean;
  private readonly slots: Readonly<Record<'wbuf' | 'ibuf' | 'obuf' | 'bbuf' | 'vmem', Slot[]>>;
  private readonly layers: RunningLayer[] = [];
  /** The latest transfer asked for on each interface, and those that are not over, the oldest first. */
  private readonly latestTransfers: Record<InterfaceName, number> = {
    weight: NONE,
    ifmap: NONE,
    psum: NONE,
    vmem: NONE,
  };
  private readonly pending: Record<InterfaceName, { node: number; moves: readonly TileMove[] }[]> = {
    weight: [],
    ifmap: [],
    psum: [],
    vmem: [],
  };
  private readonly latestComputes = { peArray: NONE, simdPipeline: NONE };
  private readonly computing = { peArray: NONE, simdPipeline: NONE };
  private readonly usedSlots: Record<'peArray' | 'simdPipeline', StepSlots | undefined> = {
    peArray: undefined,
    simdPipeline: undefined,
  };
  /** The latest grant to a tile of either operand and to a result in either SRAM. */
  private readonly latestGrants = { weight: NONE, ifmap: NONE, obuf: NONE, vmem: NONE };
  /** Where psums wait for their own store: the slot granted last, until its loads are asked for. */
  private gated: { slot: Slot; loadAfter: number } | undefined;
  private lastEnded = NONE;
  /** The compute of the PE array that ended last. */
  private latestOnArray = NONE;
  /** In lockstep: what is under way, what has ended in this segment, and the end of the one before. */
  private underWay = 0;
  private segment: number[] = [];
  private barrier = NONE;

  /** `memory` watches the channels of a banked memory, of the machine that is watched. */
  constructor(hardware: Hardware, assumptions: Assumptions, memory?: MemoryHolds) {
    this.memory = memory;
    this.bitsPerCycle = { ...hardware.bitsPerCycle, weight: usableWeightBitsPerCycle(hardware) };
    const { wbuf, ibuf, obuf, bbuf, vmem } = hardware.slots;
    this.assumptions = assumptions;
    this.loadsInstructions = hardware.instructionLoading !== undefined;
    this.slots = {
      wbuf: slotsOf(wbuf),
      ibuf: slotsOf(ibuf),
      obuf: slotsOf(obuf),
      bbuf: slotsOf(bbuf),
      vmem: slotsOf(vmem),
    };
  }

  layerStarted(layer: Layer, schedule: SaSchedule | SimdSchedule | FusedSchedule, place: number): void {
    const isSa = schedule instanceof SaSchedule;
    this.layers[place] = {
      layer,
      schedule,
      unit: isSa ? 'peArray' : 'simdPipeline',
      visits: isSa ? schedule.visits(!this.assumptions.noPsumHazard) : schedule.visits(),
      done: NONE,
    };
  }

  slotGranted(sram: ResultSram, number: number, _step: number, cycle: number, place: number): void {
    const { graph } = this;
    const running = this.layers[place]!;
    const { visits } = running;
    const slot = this.slots[sram][number]!;
    if (sram === 'obuf') this.passGate();
    graph.waitFor(this.latestGrants[sram], undefined);
    graph.waitFor(slot.touched, 'slot');
    if (visits.grantAfter > 0) this.waitForVisits(sram, place, visits.grantAfter);
    if (sram === 'vmem' && this.loadsInstructions) this.loadInstructions(running, place, cycle);
    const grant = this.momentAt(cycle);
    this.latestGrants[sram] = grant;
    slot.loads.length = 0;
    slot.grant = grant;
    slot.place = place;
    slot.visit = visits.number;
    if (sram === 'obuf' && visits.loadAfter > 0) this.gated = { slot, loadAfter: visits.loadAfter };
    visits.advance();
  }

  transferRequested(name: InterfaceName, moves: readonly TileMove[], cycle: number): void {
    const { graph } = this;
    const [move] = moves;
    const { layer, step, direction } = move!;
    const isOperand = name === 'weight' || name === 'ifmap';
    if (direction === 'store') this.waitForResult(name as 'psum' | 'vmem', move!);
    else if (isOperand) this.waitForOperandSlots(name, moves, cycle);
    else this.waitForGrant(name as 'psum' | 'vmem', move!);
    if (direction === 'load') this.waitForProducers(move!);
    const request = this.momentAt(cycle);
    graph.waitForTransfer(this.latestTransfers[name]);
    graph.waitFor(request, undefined);
    const tensor = moves.map((each) => each.tensor).join('+');
    const node = graph.addWork(name, { layer, step, tensor, direction });
    this.latestTransfers[name] = node;
    this.pending[name].push({ node, moves });
    this.underWay++;
    if (direction === 'load') for (const each of moves) this.slotOf(name, each).loads.push(node);
  }

  transferStarted(): void {}

  transferEnded(name: InterfaceName, cycle: number): void {
    const { node, moves } = this.pending[name].shift()!;
    this.graph.end(node, cycle);
    this.lastEnded = node;
    for (const move of moves) if (move.direction === 'store') this.slotOf(name, move).touched = node;
    if (this.memory !== undefined) this.noteHolds(name, moves, node, this.memory.holdsOf(moves));
    this.ended(node);
  }

  computeStarted(step: number, cycle: number, slots: StepSlots, place: number): void {
    const { graph } = this;
    const { unit } = this.layers[place]!;
    const { wbuf, ibuf, bbuf, obuf, vmem } = this.slots;
    graph.waitFor(this.latestComputes[unit], 'unit');
    const result = (unit === 'peArray' ? obuf : vmem)[slots.result]!;
    graph.waitFor(result.grant, undefined);
    if (slots.tile >= 0) graph.waitFor(obuf[slots.tile]!.touched, 'tile');
    this.waitForLoads(result);
    for (const [sram, slot] of [
      [ibuf, slots.ifmap],
      [wbuf, slots.weight],
      [bbuf, slots.bias],
    ] as const) {
      if (slot >= 0) this.waitForLoads(sram[slot]!);
    }
    this.explain(cycle);
    const node = graph.addWork(unit, { layer: place, step, tensor: '', direction: 'compute' });
    this.computing[unit] = node;
    this.latestComputes[unit] = node;
    this.usedSlots[unit] = slots;
    this.underWay++;
  }

  computeEnded(step: number, cycle: number, place: number): void {
    const { unit, schedule } = this.layers[place]!;
    const { wbuf, ibuf, bbuf, obuf, vmem } = this.slots;
    const node = this.computing[unit];
    const { weight, ifmap, bias, tile, result } = this.usedSlots[unit]!;
    this.graph.end(node, cycle);
    this.lastEnded = node;
    (unit === 'peArray' ? obuf : vmem)[result]!.touched = node;
    if (tile >= 0) obuf[tile]!.touched = node;
    if (schedule instanceof SaSchedule) {
      this.latestOnArray = node;
      wbuf[weight]!.touched = node;
      ibuf[ifmap]!.touched = node;
      // A bias stays as long as the weights that came with it.
      const { stepsPerUse } = schedule.weight;
      if (bias >= 0) bbuf[bias]!.lastStep = step - (step % stepsPerUse) + stepsPerUse - 1;
      for (const slot of bbuf) if (slot.lastStep === step) slot.touched = node;
    }
    this.ended(node);
  }

  layerEnded(_cycle: number, place: number): void {
    const running = this.layers[place];
    if (running !== undefined) running.done = this.lastEnded;
  }

  /** A load is held up by no more cycles than it takes beyond what its interface needs: by the latest ones. */
  private noteHolds(name: InterfaceName, moves: readonly TileMove[], node: number, holds: readonly Hold[]): void {
    const { graph, bitsPerCycle } = this;
    const needed = moves.reduce((cycles, { bits }) => cycles + Math.ceil(bits / bitsPerCycle[name]), 0);
    const start = graph.startOf(node);
    let left = graph.endOf(node) - start - needed;
    const within: Hold[] = [];
    for (const { from, to, reason } of [...holds].reverse()) {
      const cycles = Math.min(left, to - Math.max(from, start));
      if (cycles <= 0) continue;
      within.unshift({ from: to - cycles, to, reason });
      left -= cycles;
    }
    if (within.length > 0) this.holds.set(node, within);
  }

  /** Something is over; in lockstep, when nothing is under way, so is the segment. */
  private ended(node: number): void {
    this.underWay--;
    if (!this.assumptions.lockstep) return;
    this.segment.push(node);
    if (this.underWay > 0) return;
    for (const each of this.segment) this.graph.waitFor(each, undefined);
    this.barrier = this.graph.addMoment();
    this.segment = [];
  }

  /** A moment of what waits for all that has just been said. */
  private momentAt(cycle: number): number {
    this.explain(cycle);
    return this.graph.addMoment();
  }

  /** In lockstep the segment's begin is waited for; what is not known to wait otherwise follows the event at hand. */
  private explain(cycle: number): void {
    const { graph, lastEnded } = this;
    if (this.assumptions.lockstep) graph.waitFor(this.barrier, 'barrier');
    if (graph.awaitedCycle() === cycle) return;
    this.unexplained++;
    graph.waitFor(lastEnded, 'order');
  }

  private waitForLoads({ loads }: Slot): void {
    for (const load of loads) this.graph.waitFor(load, 'operand');
  }

  private slotOf(name: InterfaceName, { tensor, slot }: TileMove): Slot {
    const { wbuf, ibuf, obuf, bbuf, vmem } = this.slots;
    if (name === 'weight') return (tensor === 'bias' ? bbuf : wbuf)[slot]!;
    return (name === 'ifmap' ? ibuf : name === 'psum' ? obuf : vmem)[slot]!;
  }

  /** A store follows the last compute of its visit. */
  private waitForResult(name: 'psum' | 'vmem', move: TileMove): void {
    this.graph.waitFor(this.slotOf(name, move).touched, 'result');
  }

  /** Tiles of an operand are given their slots in order; those of weights and their bias together. */
  private waitForOperandSlots(name: 'weight' | 'ifmap', moves: readonly TileMove[], cycle: number): void {
    const { graph, latestGrants, latestOnArray } = this;
    graph.waitFor(latestGrants[name], undefined);
    for (const move of moves) {
      const slot = this.slotOf(name, move);
      graph.waitFor(slot.touched, 'slot');
      slot.loads.length = 0;
    }
    // What a layer keeps (biases, with keep-resident all tiles) it gives back when the array turns to another tile.
    if (this.mayBeKept(moves) && graph.awaitedCycle() < cycle) graph.waitFor(latestOnArray, 'slot');
    latestGrants[name] = graph.addMoment();
    graph.waitFor(latestGrants[name], undefined);
  }

  /** Whether an earlier layer may have kept one of these slots. */
  private mayBeKept(moves: readonly TileMove[]): boolean {
    return moves[0]!.layer > 0 && (!this.assumptions.reloadOperands || moves.some(({ tensor }) => tensor === 'bias'));
  }

  /** A visit's loads follow its grant; a psum's own store must have ended. */
  private waitForGrant(name: 'psum' | 'vmem', move: TileMove): void {
    const { graph } = this;
    const slot = this.slotOf(name, move);
    if (this.gated?.slot === slot) this.passGate();
    graph.waitFor(slot.grant, undefined);
  }

  /** The psum loads of the visit granted last are asked for: the next grant waits for that too. */
  private passGate(): void {
    const { gated, graph } = this;
    if (gated === undefined) return;
    this.gated = undefined;
    graph.waitFor(gated.slot.grant, undefined);
    const stored = this.slots.obuf.find(
      ({ place, visit }) => place === gated.slot.place && visit === gated.loadAfter - 1,
    );
    if (stored !== undefined) graph.waitFor(stored.touched, 'hazard');
    gated.slot.grant = graph.addMoment();
    this.latestGrants.obuf = gated.slot.grant;
  }

  /** All visits of a layer before this one are done; those that had their slots before the last few were earlier. */
  private waitForVisits(sram: ResultSram, place: number, before: number): void {
    for (const slot of this.slots[sram]) {
      if (slot.place === place && slot.visit < before) this.graph.waitFor(slot.touched, 'phase');
    }
  }

  private waitForProducers({ layer: place, tensor }: TileMove): void {
    const { layer, schedule } = this.layers[place]!;
    for (const name of producersOf(layer, schedule, tensor)) {
      const maker = this.layers.find((running) => running?.layer.name === name);
      if (maker !== undefined) this.graph.waitFor(maker.done, 'producer');
    }
  }

  /** What IMem must hold is loaded once nothing else is waited for, and the unit has turned to the layer. */
  private loadInstructions({ unit }: RunningLayer, place: number, cycle: number): void {
    const { graph } = this;
    if (graph.awaitedCycle() === cycle) return;
    graph.waitFor(this.latestComputes[unit], undefined);
    const load = graph.addWork('imem', { layer: place, step: 0, tensor: 'instructions', direction: 'load' });
    graph.end(load, cycle);
    graph.waitFor(load, 'instructions');
  }
}

/** The layers that make a tensor of a layer, by its role; a fused group names its members' tensors `member.role`. */
function producersOf(layer: Layer, schedule: RunningLayer['schedule'], tensor: string): readonly string[] {
  if (!(schedule instanceof FusedSchedule)) return layer.producers?.[tensor] ?? [];
  for (const { layer: member } of schedule.group.members) {
    const prefix = `${member.name}.`;
    if (tensor.startsWith(prefix)) return member.producers?.[tensor.slice(prefix.length)] ?? [];
  }
  return [];
}
