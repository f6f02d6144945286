/** A range of whole numbers, both ends included. */
export interface Range {
  readonly first: number;
  readonly last: number;
}
