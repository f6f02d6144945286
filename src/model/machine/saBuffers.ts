/** The buffers of the systolic side. */
import type { Assumptions } from '../schedule/assumptions.ts';
import type { SaSchedule, UsePattern } from '../schedule/saSchedule.ts';
import type { Hardware } from '../schemas/hardware.ts';
import type { OperandSlots } from './observer.ts';
import { OutputSram } from './outputSram.ts';
import { KeepingSram, ReloadingSram, type TileSram } from './tileSram.ts';

/** WBuf, BBuf, IBuf and OBuf, with a layer's uses of them. */
export class SaBuffers {
  readonly wbuf: TileSram;
  readonly bbuf: KeepingSram;
  readonly ibuf: TileSram;
  readonly obuf: OutputSram;

  constructor(schedule: SaSchedule, { slots }: Hardware, { reloadOperands }: Assumptions) {
    const tileSram = (count: number, pattern: UsePattern): TileSram =>
      reloadOperands ? new ReloadingSram(count, pattern) : new KeepingSram(count, pattern.relevantMask, 'any slot');
    this.wbuf = tileSram(slots.wbuf, schedule.weight);
    this.ibuf = tileSram(slots.ibuf, schedule.ifmap);
    // A bias tile stays until the group or oc advances, however often the weights are loaded again.
    this.bbuf = new KeepingSram(slots.bbuf, schedule.biasMask, reloadOperands ? 'latest' : 'any slot');
    this.obuf = new OutputSram(slots.obuf);
  }

  /** Where the step that computes next finds its operands. */
  operandSlots(startsSum: boolean): OperandSlots {
    const { wbuf, bbuf, ibuf, obuf } = this;
    return {
      weight: wbuf.currentSlot(),
      ifmap: ibuf.currentSlot(),
      psum: obuf.slotOf(obuf.visited),
      bias: startsSum ? bbuf.currentSlot() : -1,
    };
  }
}
