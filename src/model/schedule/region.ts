/** A tensor of four dimensions and a block of it. */

/** A number per dimension, in the tensor's own order. */
export type Four = readonly [number, number, number, number];

/** A block of a tensor: where it begins and how far it reaches. */
export interface Region {
  readonly from: Four;
  readonly sizes: Four;
}
