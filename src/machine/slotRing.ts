/** The slots of the loads under way, oldest first: loads arrive in the order in which they were asked for. */
export class SlotRing {
  private readonly slots: number[];
  private head = 0;
  private tail = 0;

  /** At most one load per slot is under way. */
  constructor(slots: number) {
    this.slots = new Array<number>(slots + 1).fill(0);
  }

  push(slot: number): void {
    this.slots[this.tail] = slot;
    this.tail = this.tail + 1 < this.slots.length ? this.tail + 1 : 0;
  }

  shift(): number {
    const slot = this.slots[this.head]!;
    this.head = this.head + 1 < this.slots.length ? this.head + 1 : 0;
    return slot;
  }
}
