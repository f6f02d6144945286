import { NONE } from './requestTable.ts';

/** Some of a channel's banks, in no order. */
export class BankSet {
  length = 0;
  /** The first `length` entries. */
  readonly members: Int32Array;
  private readonly placeOf: Int32Array;

  constructor(banks: number) {
    this.members = new Int32Array(banks);
    this.placeOf = new Int32Array(banks).fill(NONE);
  }

  has(bank: number): boolean {
    return this.placeOf[bank] !== NONE;
  }

  add(bank: number): void {
    if (this.placeOf[bank] !== NONE) return;
    this.placeOf[bank] = this.length;
    this.members[this.length++] = bank;
  }

  remove(bank: number): void {
    const place = this.placeOf[bank]!;
    if (place === NONE) return;
    const last = this.members[--this.length]!;
    this.members[place] = last;
    this.placeOf[last] = place;
    this.placeOf[bank] = NONE;
  }
}
