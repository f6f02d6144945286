/** The loading side of a conv or gemm layer: asks for tiles in step order as slots come free. */
import { flag, type StateVisitor } from '../engine/stateVisitor.ts';
import type { Assumptions } from '../schedule/assumptions.ts';
import type { LoopNest } from '../schedule/loopNest.ts';
import { coversReduction, type SaSchedule } from '../schedule/saSchedule.ts';
import type { MachineObserver } from './observer.ts';
import type { OutputSram } from './outputSram.ts';
import type { SaBuffers } from './saBuffers.ts';
import type { SaTransfers } from './saTransfers.ts';
import type { KeepingSram, TileSram } from './tileSram.ts';
import { UseStream } from './useStream.ts';

const NO_VISIT = -1;

export class SaLoader {
  /** The last step whose tiles may be asked for: with lockstep the next one, else any. */
  furthestStep: number;
  readonly psums: UseStream;
  private readonly weights: UseStream;
  private isBiasMissing = false;
  private readonly ifmaps: UseStream;
  /** Whether a psum can find its own store still under way: else the slot it was given came free after that store. */
  private readonly canHazard: boolean;
  /** The visit whose store must end before the psum may be loaded. */
  private psumFollows = NO_VISIT;

  private readonly schedule: SaSchedule;
  private readonly wbuf: TileSram;
  private readonly bbuf: KeepingSram;
  private readonly ibuf: TileSram;
  private readonly obuf: OutputSram;
  private readonly transfers: SaTransfers;
  private readonly observer: MachineObserver | undefined;

  constructor(
    schedule: SaSchedule,
    assumptions: Assumptions,
    buffers: SaBuffers,
    transfers: SaTransfers,
    observer: MachineObserver | undefined,
  ) {
    this.schedule = schedule;
    this.wbuf = buffers.wbuf;
    this.bbuf = buffers.bbuf;
    this.ibuf = buffers.ibuf;
    this.obuf = buffers.obuf;
    this.transfers = transfers;
    this.observer = observer;
    this.furthestStep = assumptions.lockstep ? 0 : schedule.steps - 1;
    this.canHazard = !assumptions.noPsumHazard && schedule.fewestVisitsBetween() < buffers.obuf.slots;
    this.weights = new UseStream(schedule, schedule.weight);
    this.ifmaps = new UseStream(schedule, schedule.ifmap);
    this.psums = new UseStream(schedule, schedule.psum);
  }

  /** Asks for whatever has a slot after `computed` steps. */
  requestAll(computed: number, cycle: number): void {
    this.requestWeights(computed);
    this.requestIfmaps(computed);
    this.requestPsums(cycle);
  }

  /** A step has been computed: what it used may be free. OBuf's slots are when their store has ended. */
  stepComputed(computed: number): void {
    const { wbuf, ibuf } = this;
    if (computed >= wbuf.freeAfterSteps) this.requestWeights(computed);
    if (computed >= ibuf.freeAfterSteps) this.requestIfmaps(computed);
  }

  requestPsums(cycle: number): void {
    const { schedule, psums } = this;
    const { obuf } = this;
    while (psums.step <= this.furthestStep && (psums.isPlaced || obuf.hasFreeSlot())) {
      if (!psums.isPlaced) {
        const visit = obuf.granted;
        psums.isMissing = !coversReduction(psums.nest.firstMask);
        obuf.grant(cycle);
        if (this.observer !== undefined) this.observer.slotGranted?.('obuf', obuf.slotOf(visit), psums.step, cycle);
        if (psums.isMissing && this.canHazard) this.psumFollows = visit - schedule.visitsSincePrevious(psums.nest);
        psums.isPlaced = true;
      }
      if (psums.isMissing) {
        if (obuf.stores <= this.psumFollows) return;
        this.psumFollows = NO_VISIT;
        obuf.request(cycle);
        this.transfers.loadPsum(psums.step, schedule.shapes[psums.nest.shape]!.psumBits);
      }
      psums.next();
    }
  }

  private requestWeights(computed: number): void {
    const { weights } = this;
    const { wbuf, bbuf } = this;
    while (weights.step <= this.furthestStep) {
      if (!weights.isPlaced) {
        const lastStep = weights.lastStep();
        weights.isMissing = wbuf.place(weights.nest, lastStep);
        this.isBiasMissing = coversReduction(weights.nest.firstMask) && bbuf.place(weights.nest, lastStep);
        weights.isPlaced = true;
      }
      if (weights.isMissing && computed < wbuf.freeAfterSteps) return;
      if (this.isBiasMissing && computed < bbuf.freeAfterSteps) return;
      if (weights.isMissing || this.isBiasMissing) this.loadWeightAndBias();
      weights.next();
    }
  }

  private loadWeightAndBias(): void {
    const { weights, isBiasMissing } = this;
    const { wbuf, bbuf } = this;
    const shape = this.schedule.shapes[weights.nest.shape]!;
    const weightBits = weights.isMissing ? shape.weightBits : 0;
    this.transfers.loadWeightAndBias(weights.step, weightBits, isBiasMissing ? shape.biasBits : 0);
    if (weights.isMissing) wbuf.request();
    if (isBiasMissing) bbuf.request();
  }

  private requestIfmaps(computed: number): void {
    const { ifmaps } = this;
    const { ibuf } = this;
    while (ifmaps.step <= this.furthestStep && computed >= ibuf.freeAfterSteps) {
      if (!ifmaps.isPlaced) {
        ifmaps.isMissing = ibuf.place(ifmaps.nest, ifmaps.lastStep());
        ifmaps.isPlaced = true;
      }
      if (ifmaps.isMissing) {
        if (computed < ibuf.freeAfterSteps) return;
        this.transfers.loadIfmap(ifmaps.step, this.schedule.shapes[ifmaps.nest.shape]!.ifmapBits);
        ibuf.request();
      }
      ifmaps.next();
    }
  }

  /** Its own state and that of the buffers, given where the computing side is after `computed` steps. */
  visit(state: StateVisitor, stepNest: LoopNest, computed: number): void {
    const { weights, ifmaps, psumFollows } = this;
    const { wbuf, bbuf, ibuf, obuf } = this;
    weights.visit(state);
    if (weights.isPlaced) state.same(flag(this.isBiasMissing));
    ifmaps.visit(state);
    this.psums.visit(state);
    wbuf.visit(state, weights, stepNest, computed);
    bbuf.visit(state, weights, stepNest, computed);
    ibuf.visit(state, ifmaps, stepNest, computed);
    state.same(psumFollows === NO_VISIT ? NO_VISIT : psumFollows - obuf.stores);
    this.psumFollows = state.total(psumFollows);
    obuf.visit(state);
    this.furthestStep = state.total(this.furthestStep);
  }
}
