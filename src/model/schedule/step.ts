/**
 * The one form of step for both units. A step computes on a tile in the slot of its result: of OBuf on the PE array, of
 * VMem on the SIMD array. A visit to such a slot covers one step or several in a row: its loads come before the first,
 * its stores after the last. Operands with buffers of their own (WBuf, BBuf, IBuf) are streams of uses beside that
 * (saSchedule.ts). A step depends on its operands, on its visit's loads and on the visits that must be done before.
 */
import type { Stateful } from '../engine/stateList.ts';

/** A tile that a visit loads or stores. */
export interface StepTransfer {
  readonly operand: {
    readonly tensor: string;
    /** The DRAM column that it is booked under. */
    readonly booked: 'ifmap' | 'ofmap' | 'psum';
  };
  readonly bits: number;
}

/** What a visit without loads or stores moves. */
export const NO_TRANSFERS: readonly StepTransfer[] = [];

/** What every tile says of its compute, whichever unit it is for. */
export interface StepTile {
  /** 0 for a step that only moves data. */
  readonly computeCycles: number;
  /** On the SIMD side of a fused group: it needs a tile that the SA layer has left in OBuf. */
  readonly takesTile?: boolean;
}

/** The steps of a layer in order, as the unit takes them. */
export interface StepWalk<Tile extends StepTile> extends Stateful {
  /** The current step's shape: steps of one shape cost the same. */
  readonly shapeNumber: number;
  /** What the current step computes. */
  tile(): Tile;
  /** Whether it begins its result: it adds to nothing that was there before. */
  startsResult(): boolean;
  /** What is stored if its visit ends with it. */
  stores(): readonly StepTransfer[];
  /**
   * Goes to the next step. Returns the position of the loop that advanced, or −1 where another part of the operation
   * begins and after the last step, when it starts over.
   */
  advance(): number;
  /** Iterations that the loop at a position still has to begin. */
  iterationsLeft(position: number): number;
}

/** The visits of a layer to the slots of its results, in the order in which they are given one. */
export interface VisitWalk extends Stateful {
  /** The current visit, from 0, and its first step. */
  readonly number: number;
  readonly step: number;
  /** What is loaded into its slot. */
  readonly loads: readonly StepTransfer[];
  /** Visits of this layer that must be done before it is given its slot, and before its loads are asked for. */
  readonly grantAfter: number;
  readonly loadAfter: number;
  /** Whether all visits have been given their slots. */
  isOver(): boolean;
  advance(): void;
}
