/** Draws the way of a tile: an arrow from each load to the compute, and from the compute to each store. */
import type { LaneSlices } from '../pageData.ts';
import type { SlicePlace, TileFlow } from '../tileFlow.ts';
import { scheme } from './scheme.ts';

const HEAD_LENGTH = 7;
const HEAD_WIDTH = 4;
const LINE_WIDTH = 1.5;
/** Around a line, so that it stands out from any paint. */
const HALO_WIDTH = 4.5;
/** How far a line leaves its slice before it bends. */
const MOST_BEND = 60;

/** Where slices are on the canvas. */
export interface Geometry {
  readonly slices: readonly LaneSlices[];
  readonly x: (cycle: number) => number;
  /** The middle of a lane's row; undefined where the lane is not shown. */
  readonly middleOf: (lane: number) => number | undefined;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Draws all arrows of a flow. */
export function drawArrows(context: CanvasRenderingContext2D, flow: TileFlow, geometry: Geometry): void {
  const { compute, loads, stores } = flow;
  const pairs = [
    ...loads.map((load) => [endOf(load, geometry), startOf(compute, geometry)]),
    ...stores.map((store) => [endOf(compute, geometry), startOf(store, geometry)]),
  ];
  const { text, panel } = scheme().page;
  const passes = [
    { colour: panel, width: HALO_WIDTH },
    { colour: text, width: LINE_WIDTH },
  ];
  for (const { colour, width } of passes) {
    for (const [from, to] of pairs) if (from !== undefined && to !== undefined) arrow(context, from, to, colour, width);
  }
}

function startOf({ lane, place }: SlicePlace, { slices, x, middleOf }: Geometry): Point | undefined {
  const y = middleOf(lane);
  return y === undefined ? undefined : { x: x(slices[lane]!.starts[place]!), y };
}

function endOf({ lane, place }: SlicePlace, { slices, x, middleOf }: Geometry): Point | undefined {
  const y = middleOf(lane);
  return y === undefined ? undefined : { x: x(slices[lane]!.ends[place]!), y };
}

function arrow(context: CanvasRenderingContext2D, from: Point, to: Point, colour: string, width: number): void {
  const bend = Math.min(MOST_BEND, Math.max(14, Math.abs(to.x - from.x) / 2));
  context.strokeStyle = colour;
  context.fillStyle = colour;
  context.lineWidth = width;
  context.beginPath();
  context.moveTo(from.x, from.y);
  context.bezierCurveTo(from.x + bend, from.y, to.x - bend - HEAD_LENGTH, to.y, to.x - HEAD_LENGTH, to.y);
  context.stroke();
  const grown = (width - LINE_WIDTH) / 2;
  context.beginPath();
  context.moveTo(to.x + grown, to.y);
  context.lineTo(to.x - HEAD_LENGTH - grown, to.y - HEAD_WIDTH - grown);
  context.lineTo(to.x - HEAD_LENGTH - grown, to.y + HEAD_WIDTH + grown);
  context.fill();
  context.beginPath();
  context.arc(from.x, from.y, width === LINE_WIDTH ? 2.5 : 2.5 + grown, 0, 2 * Math.PI);
  context.fill();
}
