/** DDR: all commands share one bus, one at a time. */
import { DramChannel } from './channel.ts';
import type { RequestQueue } from './requestQueue.ts';
import { NONE } from './requestTable.ts';

export class SharedBusChannel extends DramChannel {
  /** The bus is free again from this cycle on. */
  private busFree = 0;

  protected override issueIn(c: number): boolean {
    if (c < this.busFree) {
      if (this.refresh.length > 0) this.noteWake(this.busFree);
      else this.chosenQueue();
      return false;
    }
    const command = this.issueOne(c);
    if (command === NONE) return false;
    this.busFree = c + this.timing.table.busCycles[command]!;
    return true;
  }

  protected override columnsFreeFrom(): number {
    return this.busFree;
  }

  protected override rowsFreeFrom(): number {
    return this.busFree;
  }

  protected override isColumnFree(c: number): boolean {
    return c >= this.busFree;
  }

  protected override columnIssued(command: number, c: number): number {
    this.busFree = c + this.timing.table.busCycles[command]!;
    return this.busFree;
  }

  /** An active request first, then a refresh that is due, then whichever queued request is the oldest that is ready. */
  private issueOne(c: number): number {
    const active = this.oldestActive(c);
    if (active !== NONE) {
      this.leaveActive(active);
      return this.issueColumn(active, c);
    }
    if (this.refresh.length > 0) return this.issueRefresh(c, true);
    return this.issueQueued(this.chosenQueue(), c);
  }

  private issueQueued(queue: RequestQueue, c: number): number {
    const { sequence } = this.table;
    const hit = this.oldestHit(queue, c);
    const miss = this.oldestMiss(queue, c, true);
    if (miss !== NONE && (hit === NONE || sequence[miss]! < sequence[hit]!)) return this.openOrClose(queue, miss, c);
    if (hit === NONE) return NONE;
    this.leaveQueue(queue, hit, c);
    return this.issueColumn(hit, c);
  }
}
