/** Tags of transfers: what one brings or takes away, for which layer of the program, into which slot. */

/** What a transfer moves: `bias` with or without the weights before it; `load` and `store` are those of a result's slot. */
export const TAG = { weight: 0, bias: 1, ifmap: 2, load: 3, store: 4 } as const;

const KIND_BITS = 3;
const KINDS = (1 << KIND_BITS) - 1;
const DETAIL = 0x80000000;

/** The tag of what is moved for the layer at a place of the program: a small integer, as most tags are. */
export function tagOf(kind: number, place: number): number {
  return kind | (place << KIND_BITS);
}

/** A tag with what tells loads apart that may overtake each other. */
export function detailedTag(tag: number, detail: number): number {
  return tag + detail * DETAIL;
}

export function kindOf(tag: number): number {
  return tag & KINDS;
}

export function placeOf(tag: number): number {
  return (tag % DETAIL) >> KIND_BITS;
}

export function detailOf(tag: number): number {
  return Math.floor(tag / DETAIL);
}
