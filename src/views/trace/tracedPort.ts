/** An interface as a trace sees it: its transfers, of which some may be under way at a time, and its lanes. */
import type { TileMove } from '../../model/machine/observer.ts';
import { InternalError } from '../../model/schemas/inputError.ts';
import type { Lane } from './lanes.ts';

/** A transfer that has been asked for. */
export interface TracedTransfer {
  readonly moves: readonly TileMove[];
  /** When the interface began with it and, where tiles overlap, with its second tile. */
  start: number;
  secondStart: number | undefined;
}

export class TracedPort {
  private readonly lanes: readonly Lane[];
  /** Per lane the end of its last slice. */
  private readonly ends: number[];
  /** The oldest first; the interface has begun with so many of them. */
  private readonly transfers: TracedTransfer[] = [];
  private begun = 0;

  constructor(lanes: readonly Lane[]) {
    this.lanes = lanes;
    this.ends = lanes.map(() => 0);
  }

  requested(moves: readonly TileMove[]): void {
    this.transfers.push({ moves, start: 0, secondStart: undefined });
  }

  started(cycle: number): void {
    this.transfers[this.begun]!.start = cycle;
    this.begun++;
  }

  secondTileStarted(cycle: number): void {
    this.transfers[this.begun - 1]!.secondStart = cycle;
  }

  /** The oldest transfer has ended. */
  ended(): TracedTransfer {
    this.begun--;
    return this.transfers.shift()!;
  }

  /** When the oldest transfer under way began, if there is any. */
  nextStart(): number | undefined {
    return this.begun > 0 ? this.transfers[0]!.start : undefined;
  }

  /** The first lane that is free from `start` on; it is taken up to `end`. */
  takeLane(start: number, end: number): Lane {
    const { lanes, ends } = this;
    const place = ends.findIndex((each) => each <= start);
    if (place < 0) throw new InternalError(`more tiles under way than lanes of the ${lanes[0]!.name}`);
    ends[place] = end;
    return lanes[place]!;
  }
}
