/** The transfers of a conv or gemm layer: asks the interfaces for them, counts bits, tells who must know which tiles move. */
import type { Stateful, StateVisitor } from '../engine/stateVisitor.ts';
import type { Machine } from './machine.ts';
import type { TileMove } from './observer.ts';
import type { OffChip } from './offChipInterface.ts';
import type { SaBuffers } from './saBuffers.ts';

/** What a transfer brings or takes away. */
export const TAG = { weight: 0, bias: 1, weightAndBias: 2, ifmap: 3, psumLoad: 4, psumStore: 5 } as const;

export class SaTransfers implements Stateful {
  /** Bits asked of DRAM, per tensor as it is booked. */
  weightBits = 0;
  biasBits = 0;
  ifmapBits = 0;
  psumBits = 0;
  ofmapBits = 0;
  private readonly machine: Machine;
  private readonly weightInterface: OffChip;
  private readonly ifmapInterface: OffChip;
  private readonly psumInterface: OffChip;
  private readonly buffers: SaBuffers;
  private readonly wantsMoves: boolean;

  constructor(machine: Machine, buffers: SaBuffers) {
    this.machine = machine;
    this.weightInterface = machine.weightInterface;
    this.ifmapInterface = machine.ifmapInterface;
    this.psumInterface = machine.psumInterface;
    this.buffers = buffers;
    this.wantsMoves = machine.wantsMoves();
  }

  /** Whether none is under way. */
  areDone(): boolean {
    const { weightInterface, ifmapInterface, psumInterface } = this;
    return weightInterface.isIdle() && ifmapInterface.isIdle() && psumInterface.isIdle();
  }

  /** One job for a weight and a bias tile, used from `step` on, weight first; 0 bits for none. */
  loadWeightAndBias(step: number, weightBits: number, biasBits: number): void {
    this.weightBits += weightBits;
    this.biasBits += biasBits;
    const tag = biasBits === 0 ? TAG.weight : weightBits === 0 ? TAG.bias : TAG.weightAndBias;
    if (this.wantsMoves) this.announceWeightAndBias(step, weightBits, biasBits);
    this.weightInterface.request(tag, weightBits, biasBits);
  }

  loadIfmap(step: number, bits: number): void {
    this.ifmapBits += bits;
    if (this.wantsMoves) this.announceLoad('ifmap', step, this.buffers.ibuf.placedSlot(), bits);
    this.ifmapInterface.request(TAG.ifmap, bits, 0);
  }

  /** The psum of the visit granted last, which begins with `step`. */
  loadPsum(step: number, bits: number): void {
    const { obuf } = this.buffers;
    this.psumBits += bits;
    if (this.wantsMoves) this.announceLoad('psum', step, obuf.slotOf(obuf.granted - 1), bits);
    this.psumInterface.request(TAG.psumLoad, bits, 0);
  }

  /** The psum of the visit that ended last, which began with `step`; a complete one is booked as ofmap. */
  storePsum(step: number, bits: number, isComplete: boolean): void {
    if (isComplete) this.ofmapBits += bits;
    else this.psumBits += bits;
    if (this.wantsMoves) this.announceStore(step, bits, isComplete);
    this.psumInterface.request(TAG.psumStore, bits, 0);
  }

  visit(state: StateVisitor): void {
    const { weightInterface, ifmapInterface, psumInterface } = this;
    weightInterface.visit(state);
    ifmapInterface.visit(state);
    psumInterface.visit(state);
    this.weightBits = state.total(this.weightBits);
    this.biasBits = state.total(this.biasBits);
    this.ifmapBits = state.total(this.ifmapBits);
    this.psumBits = state.total(this.psumBits);
    this.ofmapBits = state.total(this.ofmapBits);
  }

  private announceLoad(tensor: 'ifmap' | 'psum', step: number, slot: number, bits: number): void {
    this.machine.announce(tensor, [{ tensor, direction: 'load', step, slot, bits }]);
  }

  private announceStore(step: number, bits: number, isComplete: boolean): void {
    const { obuf } = this.buffers;
    const slot = obuf.slotOf(obuf.visited - 1);
    this.machine.announce('psum', [{ tensor: 'psum', direction: 'store', step, slot, bits, isComplete }]);
  }

  private announceWeightAndBias(step: number, weightBits: number, biasBits: number): void {
    const { wbuf, bbuf } = this.buffers;
    const moves: TileMove[] = [];
    const direction = 'load';
    if (weightBits > 0) moves.push({ tensor: 'weight', direction, step, slot: wbuf.placedSlot(), bits: weightBits });
    if (biasBits > 0) moves.push({ tensor: 'bias', direction, step, slot: bbuf.placedSlot(), bits: biasBits });
    this.machine.announce('weight', moves);
  }
}
