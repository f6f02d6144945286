/** Bandwidths in words. */
import { integer } from './numbers.ts';

/** Hardware files may give fractions of a bit per cycle. */
export function amountInWords(amount: number): string {
  return Number.isInteger(amount) ? integer(amount) : `${amount}`;
}

/** What the array can take of the weight interface, whatever that could bring. */
export function weightCapInWords(takenBitsPerCycle: number): string {
  return `The array takes at most J · b_w = ${amountInWords(takenBitsPerCycle)} bits of weights per cycle`;
}
