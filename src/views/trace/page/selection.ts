/** What is current in the timeline: a row, and in it a slice or a stretch of a measure. */
import { firstEndingAfter, sliceAt } from '../pyramid.ts';
import { type TileFlow, tileFlowOf } from '../tileFlow.ts';
import { type PageData, shownSlice, titleOf } from './data.ts';
import { measuredBy, type Piece, pieceAt, pieceTip } from './measure.ts';
import { inDigits } from './numbers.ts';
import { sliceOfSegment } from './pathLane.ts';
import type { LaneRow, MeasureRow, Row } from './rows.ts';
import type { Tip } from './tip.ts';
import type { View } from './view.ts';

/** A slice of a lane, or a piece of a measure. */
export type Chosen =
  | {
      readonly kind: 'slice';
      readonly row: LaneRow;
      readonly place: number;
      readonly from: number;
      readonly to: number;
    }
  | {
      readonly kind: 'piece';
      readonly row: MeasureRow;
      readonly piece: Piece;
      readonly from: number;
      readonly to: number;
    };

export class Selection {
  row: Row;
  chosen: Chosen | undefined;
  private readonly data: PageData;
  private rows: readonly Row[];
  /** Where going from slice to slice begins, as long as it is in view: a layer that was picked. */
  private origin = 0;
  /** Found once, because every drawing asks for them. */
  private readonly flows = new WeakMap<Chosen, { readonly flow: TileFlow | undefined }>();

  constructor(data: PageData, rows: readonly Row[]) {
    this.data = data;
    this.rows = rows;
    this.row = this.firstRowWithin(data.recorded.ranges[0] ?? { from: 0, to: data.cycles });
  }

  /** The rows have been laid out anew: what is current stays so, as far as it is still shown. */
  setRows(rows: readonly Row[]): void {
    const { row, chosen } = this;
    const sameRow = ({ kind, label }: Row): Row | undefined =>
      rows.find((each) => each.kind === kind && each.label === label);
    this.rows = rows;
    this.row = sameRow(row) ?? rows.find(({ component }) => component === row.component) ?? rows[0]!;
    const chosenRow = chosen && sameRow(chosen.row);
    this.chosen = chosenRow && ({ ...chosen, row: chosenRow } as Chosen);
  }

  choose(chosen: Chosen | undefined): void {
    this.chosen = chosen;
    if (chosen !== undefined) this.row = chosen.row;
  }

  /** To the row above or below. */
  moveRow(by: 1 | -1): void {
    const place = this.rows.indexOf(this.row) + by;
    this.row = this.rows[Math.min(Math.max(place, 0), this.rows.length - 1)]!;
    this.chosen = undefined;
  }

  /**
   * A layer was picked: it is chosen in the lane of the layers, and its unit's row becomes the current one, if the
   * current one has nothing of the layer.
   */
  showLayer(place: number): void {
    const { start, totalCycles } = this.data.head.layers[place]!;
    const range = { from: start, to: start + totalCycles };
    const lane = this.rows.find((row) => row.kind === 'lane' && row.lane.kind === 'layers');
    this.chosen = lane && this.at(lane, start);
    this.origin = start;
    if (this.row === lane || !this.hasWithin(this.row, range)) this.row = this.firstRowWithin(range);
  }

  /** The next or previous slice or piece: from the chosen one, else from where the view or the picked layer begins. */
  step(by: 1 | -1, view: View): void {
    const origin = this.origin >= view.from && this.origin < view.to ? this.origin : Math.max(view.from, 0);
    const next = this.row.kind === 'lane' ? this.nextSlice(this.row, by, origin) : this.nextPiece(this.row, by, origin);
    if (next !== undefined) this.choose(next);
  }

  /** What is at a cycle of a row. */
  at(row: Row, cycle: number): Chosen | undefined {
    if (cycle < 0 || cycle >= this.data.cycles) return undefined;
    if (row.kind === 'measure') return this.pieceChosen(row, cycle);
    const place = sliceAt(this.data.slices[row.lane.index]!, cycle);
    return place < 0 ? undefined : this.sliceChosen(row, place);
  }

  /** What is chosen, or something else, in words. */
  tipOf(chosen: Chosen): Tip {
    if (chosen.kind === 'piece') return pieceTip(this.data, chosen.row, chosen.piece);
    return shownSlice(this.data, chosen.row.lane.index, chosen.place);
  }

  /** The way of the tile that something chosen is about. */
  flowOf(chosen: Chosen | undefined): TileFlow | undefined {
    if (chosen?.kind !== 'slice') return undefined;
    let found = this.flows.get(chosen);
    if (found === undefined) {
      found = { flow: tileFlowOf(this.data, { lane: chosen.row.lane.index, place: chosen.place }) };
      this.flows.set(chosen, found);
    }
    return found.flow;
  }

  /** From the critical path to what it goes through; along the arrows: from a load to the compute, to its stores, and back to the first load. */
  follow(): void {
    const { chosen } = this;
    const onPath =
      chosen?.kind === 'slice' ? sliceOfSegment(this.data, chosen.row.lane.index, chosen.place) : undefined;
    const pathRow = onPath && this.rowOfLane(onPath.lane);
    if (onPath !== undefined && pathRow !== undefined) {
      this.choose(this.sliceChosen(pathRow, onPath.place));
      return;
    }
    const flow = this.flowOf(chosen);
    if (flow === undefined || chosen?.kind !== 'slice') return;
    const way = [...flow.loads, flow.compute, ...flow.stores].filter(({ lane }) => this.rowOfLane(lane) !== undefined);
    const here = way.findIndex(({ lane, place }) => lane === chosen.row.lane.index && place === chosen.place);
    const next = way[(here + 1) % way.length];
    if (next !== undefined) this.choose(this.sliceChosen(this.rowOfLane(next.lane)!, next.place));
  }

  /** The layer that is chosen itself, by its place. */
  chosenLayer(): number | undefined {
    const { chosen } = this;
    if (chosen?.kind !== 'slice' || chosen.row.lane.kind !== 'layers') return undefined;
    return this.data.slices[chosen.row.lane.index]!.layers[chosen.place];
  }

  /** The way of the chosen tile as a sentence; empty where there is none. */
  flowInWords(): string {
    const flow = this.flowOf(this.chosen);
    if (flow === undefined) return '';
    const words = ({ lane, place }: TileFlow['compute']): string => {
      const { starts, ends } = this.data.slices[lane]!;
      const [start, end] = [starts[place]!, ends[place]!].map(inDigits);
      return `${titleOf(this.data, lane, place)} ${start}–${end}`;
    };
    const parts = [flow.loads.map(words).join(', '), words(flow.compute), flow.stores.map(words).join(', ')];
    return parts.filter((part) => part !== '').join(' → ');
  }

  private rowOfLane(lane: number): LaneRow | undefined {
    return this.rows.find((row): row is LaneRow => row.kind === 'lane' && row.lane.index === lane);
  }

  private sliceChosen(row: LaneRow, place: number): Chosen {
    const { starts, ends } = this.data.slices[row.lane.index]!;
    return { kind: 'slice', row, place, from: starts[place]!, to: ends[place]! };
  }

  private pieceChosen(row: MeasureRow, cycle: number): Chosen {
    const piece = pieceAt(this.data, row, cycle);
    return { kind: 'piece', row, piece, from: piece.from, to: piece.to };
  }

  private nextSlice(row: LaneRow, by: 1 | -1, origin: number): Chosen | undefined {
    const slices = this.data.slices[row.lane.index]!;
    const { chosen } = this;
    const place = chosen?.kind === 'slice' && chosen.row === row ? chosen.place + by : firstEndingAfter(slices, origin);
    return place < 0 || place >= slices.count ? undefined : this.sliceChosen(row, place);
  }

  private nextPiece(row: MeasureRow, by: 1 | -1, origin: number): Chosen | undefined {
    const { chosen } = this;
    if (chosen?.kind !== 'piece' || chosen.row !== row) return this.at(row, origin);
    return this.at(row, by === 1 ? chosen.to : chosen.from - 1);
  }

  private hasWithin(row: Row, { from, to }: View): boolean {
    const parts = row.kind === 'lane' ? [this.data.pyramids[row.lane.index]!] : measuredBy(this.data, row);
    return parts.some(({ slices }) => {
      const place = firstEndingAfter(slices, from);
      return place < slices.count && slices.starts[place]! < to;
    });
  }

  /** The row of a unit that has something there, else any other with something. */
  private firstRowWithin(range: View): Row {
    const found = this.rows.filter((row) => this.hasWithin(row, range));
    return found.find((row) => row.kind === 'lane' && row.lane.kind === 'unit') ?? found.at(-1) ?? this.rows[0]!;
  }
}
