/**
 * The one form of step for both units. A step computes on a tile in the slot of its result: of OBuf on the PE array, of
 * VMem on the SIMD array. A visit to such a slot covers one step or several in a row: its loads come before the first,
 * its stores after the last. Operands with buffers of their own (WBuf, BBuf, IBuf) are streams of uses beside that
 * (saSchedule.ts). A step depends on its operands, on its visit's loads and on the visits that must be done before.
 */

/** The DRAM columns that tiles of results are booked under. */
export const BOOKED = ['ifmap', 'psum', 'ofmap'] as const;

/** What a tile of a result is to its operation. */
export interface TransferOperand {
  readonly tensor: string;
  /** The DRAM column that it is booked under. */
  readonly booked: (typeof BOOKED)[number];
}

/** A tile that a visit loads or stores. */
export interface StepTransfer<Operand extends TransferOperand = TransferOperand> {
  readonly operand: Operand;
  readonly bits: number;
  /** The place of its column in `BOOKED`. */
  readonly column: number;
}

/** A tile of an operand that a visit moves. */
export function transferOf<Operand extends TransferOperand>(operand: Operand, bits: number): StepTransfer<Operand> {
  return { operand, bits, column: BOOKED.indexOf(operand.booked) };
}

/** What a visit without loads or stores moves. */
export const NO_TRANSFERS: readonly StepTransfer<never>[] = [];

/** What every tile says of its compute, whichever unit it is for. */
export interface StepTile {
  /** 0 for a step that only moves data. */
  readonly computeCycles: number;
  /** On the SIMD side of a fused group: it needs a tile that the SA layer has left in OBuf. */
  readonly takesTile?: boolean;
}

/**
 * A step as its unit's dispatcher takes it; steps that differ in their place alone share one. All fields are there
 * whichever unit it is for: what every event reads has one form.
 */
export interface Step<Tile extends StepTile> {
  /** What the unit computes. */
  readonly tile: Tile;
  readonly computeCycles: number;
  /** Steps of one shape cost the same. */
  readonly shapeNumber: number;
  /** It begins its result: it adds to nothing that was there before. */
  readonly startsResult: boolean;
  readonly takesTile: boolean;
  /** What is loaded if its visit begins with it, and stored if its visit ends with it. */
  readonly loads: readonly StepTransfer[];
  readonly stores: readonly StepTransfer[];
}

/** The step of a tile. */
export function stepOf<Tile extends StepTile>(
  tile: Tile,
  shapeNumber: number,
  startsResult: boolean,
  loads: readonly StepTransfer[],
  stores: readonly StepTransfer[],
): Step<Tile> {
  const { computeCycles, takesTile = false } = tile;
  return { tile, computeCycles, shapeNumber, startsResult, takesTile, loads, stores };
}

/** Steps of one shape differ in whether they begin their result and whether they complete it. */
export const STARTS = 1;
export const COMPLETES = 2;
const KINDS = 4;

/** The different steps of a layer by shape and kind, each made when it first comes. */
export class StepTable<Tile extends StepTile> {
  private readonly steps: (Step<Tile> | undefined)[];
  private readonly make: (shapeNumber: number, kind: number) => Step<Tile>;

  /** `make` makes the step of a shape; its kind is `STARTS` or `COMPLETES`, both or neither. */
  constructor(shapes: number, make: (shapeNumber: number, kind: number) => Step<Tile>) {
    this.steps = new Array<undefined>(KINDS * shapes).fill(undefined);
    this.make = make;
  }

  at(shapeNumber: number, kind: number): Step<Tile> {
    return this.steps[KINDS * shapeNumber + kind] ?? this.add(shapeNumber, kind);
  }

  private add(shapeNumber: number, kind: number): Step<Tile> {
    const step = this.make(shapeNumber, kind);
    this.steps[KINDS * shapeNumber + kind] = step;
    return step;
  }
}
