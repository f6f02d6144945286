/**
 * How the machine's state is looked at as a whole, and moved ahead in time. Every component shows all that it holds
 * to a visitor (engine/snapshot.ts), field by field, and takes back what the visitor returns: the same while the visitor
 * only takes the state, a later value while it moves the machine. One list of fields serves both.
 */
export interface StateList {
  /** Position of the loop whose iterations are compared. */
  readonly loop: number;
  /** What decides how the machine goes on and must be equal for it to go on in the same way. */
  same(value: number): void;
  /** A cycle, which counts by its distance from now. */
  cycle(value: number): number;
  /** A cycle that is past, and stands still where what it belongs to does nothing meanwhile; else it counts as above. */
  pastCycle(value: number): number;
  /** What only grows: statistics and places in sequences, from which their decisive differences are shown as `same`. */
  total(value: number): number;
  /** The same of several, each set in its place. */
  totals(values: number[]): void;
  /** The iteration of a walk through loop `loop`, and the one that it must not go beyond; the first is none to start from. */
  iteration(value: number, furthest: number): number;
  /** The same of a walk that goes along with the others, or stands still meanwhile. */
  followingIteration(value: number, furthest: number): number;
}

/** A part of the machine that shows its state. */
export interface Stateful {
  /** Shows every field that has a bearing on what comes, or on the results, and sets it to what is returned. */
  listState(state: StateList): void;
}

/** A flag as a number. */
export function flag(value: boolean): number {
  return value ? 1 : 0;
}
