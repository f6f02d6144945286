/** What is current in the timeline: a row, and in it a slice or a stretch of a measure. */
import { firstEndingAfter, sliceAt } from '../pyramid.ts';
import { type TileFlow, tileFlowOf } from '../tileFlow.ts';
import { shownSlice, titleOf } from './data.ts';
import { mainRange } from './layerTimes.ts';
import { measuredBy, type Piece, pieceAt, pieceTip } from './measure.ts';
import { inDigits } from './numbers.ts';
import { sliceOfSegment } from './pathLane.ts';
import type { LaneRow, MeasureRow, Row } from './rows.ts';
import { inRun, onRuler, type RulerRun } from './rulerRun.ts';
import type { Tip } from './tip.ts';
import type { View } from './view.ts';

/** A slice of a lane, or a piece of a measure; from and to are cycles of the row's run. */
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

/** The way of a tile, and the run that it is in. */
export interface RunFlow extends TileFlow {
  readonly run: RulerRun;
}

/** A layer, by its place in its run. */
export interface LayerPlace {
  readonly run: RulerRun;
  readonly place: number;
}

/** Where something chosen is on the ruler. */
export function chosenOnRuler(chosen: Chosen): View {
  return onRuler(chosen.row.run, chosen);
}

export class Selection {
  row: Row;
  chosen: Chosen | undefined;
  private rows: readonly Row[];
  /** Where on the ruler going from slice to slice begins, as long as it is in view: a layer that was picked. */
  private origin = 0;
  /** Found once, because every drawing asks for them. */
  private readonly flows = new WeakMap<Chosen, { readonly flow: RunFlow | undefined }>();

  /** The first row becomes the current one that has anything in a stretch of the ruler. */
  constructor(rows: readonly Row[], stretch: View) {
    this.rows = rows;
    this.row = this.firstRowWithin(stretch);
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
  showLayer({ run, place }: LayerPlace): void {
    const layer = run.data.head.layers[place]!;
    const range = onRuler(run, mainRange(layer));
    const start = onRuler(run, { from: layer.start, to: layer.end }).from;
    const lanes = this.rows.filter((row) => row.run === run && row.kind === 'lane' && row.lane.kind === 'layers');
    // A fused group is there as its SA side.
    const shown = layer.isSecondSide ? place - 1 : place;
    this.chosen = lanes.map((lane) => this.at(lane, start)).find((chosen) => layerOf(chosen)?.place === shown);
    this.origin = range.from;
    if (lanes.includes(this.row) || !this.hasWithin(this.row, range)) this.row = this.firstRowWithin(range);
  }

  /** The next or previous slice or piece: from the chosen one, else from where the view or the picked layer begins. */
  step(by: 1 | -1, view: View): void {
    const begin = this.origin >= view.from && this.origin < view.to ? this.origin : view.from;
    const origin = Math.max(begin - this.row.run.shift, 0);
    const next = this.row.kind === 'lane' ? this.nextSlice(this.row, by, origin) : this.nextPiece(this.row, by, origin);
    if (next !== undefined) this.choose(next);
  }

  /** What of a row is at a cycle of the ruler. */
  at(row: Row, rulerCycle: number): Chosen | undefined {
    return this.atOwn(row, rulerCycle - row.run.shift);
  }

  /** What is at a cycle of a row's run. */
  private atOwn(row: Row, cycle: number): Chosen | undefined {
    const { cycles, slices } = row.run.data;
    if (cycle < 0 || cycle >= cycles) return undefined;
    if (row.kind === 'measure') return this.pieceChosen(row, cycle);
    const place = sliceAt(slices[row.lane.index]!, cycle);
    return place < 0 ? undefined : this.sliceChosen(row, place);
  }

  /** What is chosen, or something else, in words. */
  tipOf(chosen: Chosen): Tip {
    const { run } = chosen.row;
    const { title, fields } =
      chosen.kind === 'piece'
        ? pieceTip(chosen.row, chosen.piece)
        : shownSlice(run.data, chosen.row.lane.index, chosen.place);
    return { title, fields: run.name === '' ? fields : { run: run.name, ...fields } };
  }

  /** The way of the tile that something chosen is about. */
  flowOf(chosen: Chosen | undefined): RunFlow | undefined {
    if (chosen?.kind !== 'slice') return undefined;
    let found = this.flows.get(chosen);
    if (found === undefined) {
      const { run, lane } = chosen.row;
      const flow = tileFlowOf(run.data, { lane: lane.index, place: chosen.place });
      found = { flow: flow && { ...flow, run } };
      this.flows.set(chosen, found);
    }
    return found.flow;
  }

  /** From the critical path to what it goes through; along the arrows: from a load to the compute, to its stores, and back to the first load. */
  follow(): void {
    const { chosen } = this;
    if (chosen?.kind !== 'slice') return;
    const { run, lane: own } = chosen.row;
    const onPath = sliceOfSegment(run.data, own.index, chosen.place);
    const pathRow = onPath && this.rowOfLane(run, onPath.lane);
    if (onPath !== undefined && pathRow !== undefined) {
      this.choose(this.sliceChosen(pathRow, onPath.place));
      return;
    }
    const flow = this.flowOf(chosen);
    if (flow === undefined) return;
    const way = [...flow.loads, flow.compute, ...flow.stores].filter(({ lane }) => this.rowOfLane(run, lane));
    const here = way.findIndex(({ lane, place }) => lane === own.index && place === chosen.place);
    const next = way[(here + 1) % way.length];
    if (next !== undefined) this.choose(this.sliceChosen(this.rowOfLane(run, next.lane)!, next.place));
  }

  /** The layer that is chosen itself. */
  chosenLayer(): LayerPlace | undefined {
    return layerOf(this.chosen);
  }

  /** The layer of the slice that is chosen. */
  layerOfChosen(): LayerPlace | undefined {
    const { chosen } = this;
    return chosen?.kind === 'slice' ? layerOfSlice(chosen.row, chosen.place) : undefined;
  }

  /** The way of the chosen tile as a sentence; empty where there is none. */
  flowInWords(): string {
    const flow = this.flowOf(this.chosen);
    if (flow === undefined) return '';
    const { data } = flow.run;
    const words = ({ lane, place }: TileFlow['compute']): string => {
      const { starts, ends } = data.slices[lane]!;
      const [start, end] = [starts[place]!, ends[place]!].map(inDigits);
      return `${titleOf(data, lane, place)} ${start}–${end}`;
    };
    const parts = [flow.loads.map(words).join(', '), words(flow.compute), flow.stores.map(words).join(', ')];
    return parts.filter((part) => part !== '').join(' → ');
  }

  private rowOfLane(run: RulerRun, lane: number): LaneRow | undefined {
    return this.rows.find((row): row is LaneRow => row.run === run && row.kind === 'lane' && row.lane.index === lane);
  }

  private sliceChosen(row: LaneRow, place: number): Chosen {
    const { starts, ends } = row.run.data.slices[row.lane.index]!;
    return { kind: 'slice', row, place, from: starts[place]!, to: ends[place]! };
  }

  private pieceChosen(row: MeasureRow, cycle: number): Chosen {
    const piece = pieceAt(row, cycle);
    return { kind: 'piece', row, piece, from: piece.from, to: piece.to };
  }

  private nextSlice(row: LaneRow, by: 1 | -1, origin: number): Chosen | undefined {
    const slices = row.run.data.slices[row.lane.index]!;
    const { chosen } = this;
    const place = chosen?.kind === 'slice' && chosen.row === row ? chosen.place + by : firstEndingAfter(slices, origin);
    return place < 0 || place >= slices.count ? undefined : this.sliceChosen(row, place);
  }

  private nextPiece(row: MeasureRow, by: 1 | -1, origin: number): Chosen | undefined {
    const { chosen } = this;
    if (chosen?.kind !== 'piece' || chosen.row !== row) return this.atOwn(row, origin);
    return this.atOwn(row, by === 1 ? chosen.to : chosen.from - 1);
  }

  private hasWithin(row: Row, stretch: View): boolean {
    const { from, to } = inRun(row.run, stretch);
    const parts = row.kind === 'lane' ? [row.run.data.pyramids[row.lane.index]!] : measuredBy(row);
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

/** The layer that something chosen is. */
function layerOf(chosen: Chosen | undefined): LayerPlace | undefined {
  return chosen?.kind === 'slice' && chosen.row.lane.kind === 'layers'
    ? layerOfSlice(chosen.row, chosen.place)
    : undefined;
}

function layerOfSlice({ run, lane }: LaneRow, place: number): LayerPlace {
  return { run, place: run.data.slices[lane.index]!.layers[place]! };
}
