/** The loop orders as whole numbers, 0 the paper's: what is nearer to it has, by and large, the smaller number. */
import { CONV_DIMS, type ConvDim, WEIGHT_STATIONARY } from '../../model/layers/layer.ts';

/** How many orders there are. */
export const LOOP_ORDERS = CONV_DIMS.reduce((product, _, place) => product * (place + 1), 1);

/** The order of a number from 0 to `LOOP_ORDERS` − 1, in the lexicographic order of the permutations. */
export function loopOrderOf(number: number): ConvDim[] {
  const left = [...WEIGHT_STATIONARY];
  let [rest, permutations] = [number, LOOP_ORDERS];
  const order: ConvDim[] = [];
  while (left.length > 0) {
    permutations /= left.length;
    order.push(...left.splice(Math.floor(rest / permutations), 1));
    rest %= permutations;
  }
  return order;
}
