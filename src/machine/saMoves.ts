/** Tells whoever must know which tiles move, and in which slots the operands of a step are. */
import type { Machine } from './machine.ts';
import type { OperandSlots, TileMove } from './observer.ts';
import type { OutputSram } from './outputSram.ts';
import type { TileSram } from './tileSram.ts';

/** The buffers of the systolic side. */
export interface SaBuffers {
  readonly wbuf: TileSram;
  readonly bbuf: TileSram;
  readonly ibuf: TileSram;
  readonly obuf: OutputSram;
}

export class SaMoves {
  private readonly machine: Machine;
  private readonly buffers: SaBuffers;

  constructor(machine: Machine, buffers: SaBuffers) {
    this.machine = machine;
    this.buffers = buffers;
  }

  /** What one job brings of a weight and a bias tile, each used from `step` on; 0 bits for none. */
  weightAndBias(step: number, weightBits: number, biasBits: number): void {
    const { wbuf, bbuf } = this.buffers;
    const moves: TileMove[] = [];
    const direction = 'load';
    if (weightBits > 0) moves.push({ tensor: 'weight', direction, step, slot: wbuf.placedSlot(), bits: weightBits });
    if (biasBits > 0) moves.push({ tensor: 'bias', direction, step, slot: bbuf.placedSlot(), bits: biasBits });
    this.machine.announce('weight', moves);
  }

  ifmap(step: number, bits: number): void {
    const slot = this.buffers.ibuf.placedSlot();
    this.machine.announce('ifmap', [{ tensor: 'ifmap', direction: 'load', step, slot, bits }]);
  }

  /** The psum of the visit granted last, which begins with `step`. */
  psumLoad(step: number, bits: number): void {
    const { obuf } = this.buffers;
    const slot = obuf.slotOf(obuf.granted - 1);
    this.machine.announce('psum', [{ tensor: 'psum', direction: 'load', step, slot, bits }]);
  }

  /** The psum of the visit that ended last, which began with `step`. */
  psumStore(step: number, bits: number): void {
    const { obuf } = this.buffers;
    const slot = obuf.slotOf(obuf.visited - 1);
    this.machine.announce('psum', [{ tensor: 'psum', direction: 'store', step, slot, bits }]);
  }

  /** Where the step that computes next finds its operands. */
  operandSlots(startsSum: boolean): OperandSlots {
    const { wbuf, bbuf, ibuf, obuf } = this.buffers;
    return {
      weight: wbuf.currentSlot(),
      ifmap: ibuf.currentSlot(),
      psum: obuf.slotOf(obuf.visited),
      bias: startsSum ? bbuf.currentSlot() : -1,
    };
  }
}
