/**
 * A layer's tiles of one operand with a buffer of its own: weights with their biases, or ifmaps. Loads are asked for in
 * step order, as far ahead as slots allow; a use of a tile covers consecutive steps.
 */
import { flag, type StateList } from '../engine/stateList.ts';
import { coversReduction } from '../schedule/loopMasks.ts';
import type { LoopNest } from '../schedule/loopNest.ts';
import type { SaSchedule, SaStepShape, UsePattern } from '../schedule/saSchedule.ts';
import type { Announcer } from './announcer.ts';
import type { TileMove } from './observer.ts';
import { NO_MOVES, type RequestPort } from './ports.ts';
import type { Producers } from './producers.ts';
import type { SlotUses } from './slotUses.ts';
import { TAG, tagOf } from './tags.ts';

/** What a stream is made of. */
export interface OperandWiring {
  readonly schedule: SaSchedule;
  /** The layer's place in its program. */
  readonly place: number;
  readonly port: RequestPort;
  readonly announcer: Announcer;
  readonly producers: Producers;
}

export class OperandStream {
  readonly uses: SlotUses;
  /** The biases that travel behind these tiles, with uses of their own. */
  readonly biases: SlotUses | undefined;
  /** Position of the innermost loop whose advance begins a new use. */
  readonly position: number;
  /** The first step of the use that is asked for next. */
  step = 0;
  /** Bits asked of DRAM. */
  tileBits = 0;
  biasBits = 0;

  private readonly tensor: 'weight' | 'ifmap';
  private readonly isWeight: boolean;
  private readonly isSimple: boolean;
  private readonly tag: number;
  private readonly biasTag: number;
  private readonly port: RequestPort;
  private readonly wiring: OperandWiring;
  private readonly shapes: readonly SaStepShape[];
  private readonly nest: LoopNest;
  private readonly stepsPerUse: number;
  private readonly steps: number;
  private readonly isWatched: boolean;
  private readonly waitsForProducers: boolean;
  /** The next use has its place, its bias is missing. */
  private isPlaced = false;
  private isBiasMissing = false;

  constructor(
    tensor: 'weight' | 'ifmap',
    pattern: UsePattern,
    uses: SlotUses,
    biases: SlotUses | undefined,
    wiring: OperandWiring,
  ) {
    const { schedule, announcer } = wiring;
    this.tensor = tensor;
    this.isWeight = tensor === 'weight';
    this.tag = tagOf(tensor === 'weight' ? TAG.weight : TAG.ifmap, wiring.place);
    this.biasTag = tagOf(TAG.bias, wiring.place);
    this.port = wiring.port;
    this.wiring = wiring;
    this.uses = uses;
    this.biases = biases;
    this.position = pattern.position;
    this.nest = schedule.useNest(pattern);
    this.stepsPerUse = pattern.stepsPerUse;
    this.steps = schedule.steps;
    this.shapes = schedule.shapes;
    this.isWatched = announcer.isWanted();
    this.waitsForProducers = !wiring.producers.hasNone;
    this.isSimple = biases === undefined && uses.isReloading && !this.isWatched && !this.waitsForProducers;
  }

  /** Whether all uses have been asked for. */
  isOver(): boolean {
    return this.step >= this.steps;
  }

  /** Asks for the tiles of steps up to `furthestStep` as far as there is room, after so many steps. */
  request(computed: number, furthestStep: number, cycle: number): void {
    const { uses, biases } = this;
    if (this.isSimple) {
      this.requestSimply(furthestStep, cycle);
      return;
    }
    while (this.step <= furthestStep) {
      if (!this.isPlaced) this.place();
      if (uses.isMissing && !uses.hasRoom(computed)) return;
      if (this.isBiasMissing && !biases!.hasRoom(computed)) return;
      if (uses.isMissing || this.isBiasMissing) this.loadMissing(cycle);
      this.nest.advance();
      this.step += this.stepsPerUse;
      this.isPlaced = false;
    }
  }

  /** The same, shorter: every use loads its tile, nothing travels behind it, nobody watches and nobody makes it. */
  private requestSimply(furthestStep: number, cycle: number): void {
    const { uses, nest, isWeight } = this;
    while (this.step <= furthestStep && uses.hasFreeSlot()) {
      const shape = this.shapes[nest.shape]!;
      const bits = isWeight ? shape.weightBits : shape.ifmapBits;
      uses.grantAny(cycle);
      this.tileBits += bits;
      this.port.request(this.tag, bits, 0, NO_MOVES);
      nest.advance();
      this.step += this.stepsPerUse;
    }
  }

  private place(): void {
    const { nest, biases } = this;
    const lastStep = this.step + this.stepsPerUse - 1;
    this.uses.place(nest, lastStep);
    this.isBiasMissing = false;
    if (biases !== undefined && coversReduction(nest.firstMask)) {
      biases.place(nest, lastStep);
      this.isBiasMissing = biases.isMissing;
    }
    this.isPlaced = true;
  }

  /** One job for a tile and its bias, either of which may be here already. */
  private loadMissing(cycle: number): void {
    const { uses, isBiasMissing } = this;
    const shape = this.shapes[this.nest.shape]!;
    const tileBits = this.isWeight ? shape.weightBits : shape.ifmapBits;
    this.load(uses.isMissing ? tileBits : 0, isBiasMissing ? shape.biasBits : 0, cycle);
  }

  private load(firstBits: number, secondBits: number, cycle: number): void {
    const { wiring } = this;
    let { tag } = this;
    if (firstBits > 0) {
      this.uses.grant(cycle);
      this.tileBits += firstBits;
    }
    if (secondBits > 0) {
      this.biases!.grant(cycle);
      this.biasBits += secondBits;
      tag = this.biasTag;
    }
    const moves = this.isWatched ? this.movesOf(firstBits, secondBits) : NO_MOVES;
    if (!this.waitsForProducers || wiring.producers.areDone(this.tensor))
      this.port.request(tag, firstBits, secondBits, moves);
    else this.sendLater(tag, firstBits, secondBits, moves, cycle);
  }

  /** On its own, so that only a load that waits makes a closure. */
  private sendLater(
    tag: number,
    firstBits: number,
    secondBits: number,
    moves: readonly TileMove[],
    cycle: number,
  ): void {
    this.wiring.announcer.observer?.loadWaits?.(moves, cycle);
    this.wiring.producers.whenDone(this.tensor, () => this.port.request(tag, firstBits, secondBits, moves));
  }

  private movesOf(firstBits: number, secondBits: number): TileMove[] {
    const { tensor, step } = this;
    const shared = { direction: 'load', step, layer: this.wiring.place } as const;
    const moves: TileMove[] = [];
    if (firstBits > 0) moves.push({ ...shared, tensor, slot: this.uses.placedSlot(), bits: firstBits });
    if (secondBits > 0) moves.push({ ...shared, tensor: 'bias', slot: this.biases!.placedSlot(), bits: secondBits });
    return moves;
  }

  /** A tile is here, and then its bias, or the bias alone; returns whether the current step has waited for either. */
  arriveWithBias(tileCycle: number, tileBits: number, biasCycle: number, biasBits: number): boolean {
    const isTileAwaited = tileBits > 0 && this.uses.arrive(tileCycle, tileBits);
    return this.biases!.arrive(biasCycle, biasBits) || isTileAwaited;
  }

  /** Turns to the first step's tile and bias. */
  begin(nest: LoopNest): void {
    this.uses.turnTo(nest);
    this.biases?.turnTo(nest);
  }

  /** One use is over: turns to the tile of the step at which the nest is, and to its bias if it begins a psum. */
  turnTo(nest: LoopNest, startsResult: boolean, cycle: number): void {
    if (this.isSimple) {
      this.uses.turn(cycle);
      return;
    }
    this.uses.turnFrom(nest, cycle);
    if (startsResult && this.biases !== undefined) this.biases.turnTo(nest);
  }

  /** The layer's last use, after so many steps, is over. */
  end(computed: number, cycle: number): void {
    if (this.isSimple) {
      this.uses.endAny(cycle);
      return;
    }
    this.uses.end(cycle);
    this.releaseUnused(computed, cycle);
  }

  /** Once all uses are asked for: gives back what no later step, after so many, uses. */
  releaseUnused(computed: number, cycle: number): void {
    if (!this.isOver()) return;
    this.uses.releaseUnused(computed, cycle);
    this.biases?.releaseUnused(computed, cycle);
  }

  /** Lists its state, given where the computing side is after `computed` steps. */
  listState(state: StateList, stepNest: LoopNest, computed: number): void {
    const isOver = this.isOver();
    state.same(flag(isOver));
    if (!isOver) {
      state.same(flag(this.isPlaced));
      if (this.isPlaced) {
        state.same(flag(this.uses.isMissing));
        state.same(flag(this.isBiasMissing));
      }
      this.nest.listState(state);
    }
    const nest = isOver ? undefined : this.nest;
    this.uses.listState(state, nest, this.step, stepNest, computed);
    this.biases?.listState(state, nest, this.step, stepNest, computed);
    this.step = state.total(this.step);
    this.tileBits = state.total(this.tileBits);
    this.biasBits = state.total(this.biasBits);
  }
}
