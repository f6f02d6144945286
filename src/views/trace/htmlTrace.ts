/** A trace as one HTML page: the built template with the data in it. */
import type { Layer } from '../../model/layers/layer.ts';
import { sumOf } from '../../model/layers/result.ts';
import { WAITING_CAUSES, type Waiting } from '../../model/machine/waiting.ts';
import { type Work, workInAll } from '../../model/network/work.ts';
import { type Hardware, usableWeightBitsPerCycle } from '../../model/schemas/hardware.ts';
import type { NetworkPath } from '../../studies/criticalPath/networkPath.ts';
import { COUNTERS } from './counters.ts';
import type { Lane } from './lanes.ts';
import { LimitedText } from './limitedText.ts';
import { MOST_NUMBER_BYTES } from './packing.ts';
import { SamplePacker } from './pageCounters.ts';
import {
  COUNTER_CLASS,
  DATA_MARK,
  HEAD_ID,
  LanePacker,
  PATH_KEY,
  type PackedSlice,
  type PageHead,
  type PageLane,
  type PageLayer,
  type PagePath,
  PIECE_CLASS,
  type What,
} from './pageData.ts';
import { PagePieces, pieceBytes } from './pagePieces.ts';
import type { CounterSample } from './slice.ts';
import type { LayerRun, TraceLimit, TraceSettings, TraceWriter, WriteText } from './traceFile.ts';
import { utf8Bytes } from './utf8.ts';

/** Of the counters the page needs only the requests outstanding: occupancy and bandwidth follow from the slices. */
const RECORDED_COUNTERS = COUNTERS.filter(({ unit }) => unit === 'requests');

/** Numbers that a slice and a sample take at the most. */
const SLICE_NUMBERS = 9;
const SAMPLE_NUMBERS = 2;

export interface HtmlOptions {
  readonly lanes: readonly Lane[];
  readonly settings: TraceSettings;
  readonly limit: TraceLimit;
  readonly hardware: Hardware;
  /** The built page, with DATA_MARK in it. */
  readonly template: string;
  readonly toBase64: (bytes: Uint8Array) => string;
  /** What the closed form says that a layer takes, where it says so of the layer on its own. */
  readonly closedFormCycles?: (layer: Layer) => number | undefined;
  /** The run's critical path; its segments are those that are shown. */
  readonly path?: NetworkPath | undefined;
}

function pageLayer(
  { layer, start, end, unitStart, unitEnd, result, work, isSecondSide }: LayerRun,
  closedFormCycles: number | undefined,
  path: PageLayer['path'],
): PageLayer {
  const { totalCycles, computeCycles, fillCycles, waiting, ops, tiles } = result;
  const dramBits = sumOf(result.dramBits);
  const closedForm = closedFormCycles === undefined ? {} : { closedFormCycles };
  const figures = { totalCycles, ...closedForm, computeCycles, fillCycles, waiting, dramBits, ops, tiles };
  const time = { start, end, unitStart, unitEnd };
  return { layer, ...time, ...figures, ...work, ...(isSecondSide && { isSecondSide }), ...(path && { path }) };
}

/** A fraction with as many characters as JSON gives one. */
const LONGEST_FRACTION = 1.2345678901234568e-300;

/** Issued and useful work at its longest. */
function longestWork(): Work {
  const most = Number.MAX_SAFE_INTEGER;
  const dramBits = { weight: most, ifmap: most, psum: most, ofmap: most, bias: most };
  const peUtilisation = LONGEST_FRACTION;
  return { issued: { peUtilisation }, useful: { macs: most, dramBits, peUtilisation } };
}

/** What the head says of a layer at its longest. */
function longestPageLayer(layer: Layer, path: PageLayer['path']): PageLayer {
  const most = Number.MAX_SAFE_INTEGER;
  const waiting = Object.fromEntries(WAITING_CAUSES.map((cause) => [cause, most])) as Waiting;
  const figures = { totalCycles: most, computeCycles: most, fillCycles: most, dramBits: most, ops: most, tiles: most };
  return {
    layer,
    ...{ start: most, end: most, unitStart: most, unitEnd: most },
    closedFormCycles: LONGEST_FRACTION,
    waiting,
    ...figures,
    ...longestWork(),
    isSecondSide: true,
    ...(path && { path }),
  };
}

/** JSON that may stand in an element: nothing in the data may end the element that holds it. */
function safeJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

/** The different whats of a trace, in the order in which they come; as many as the head has room for. */
class Whats {
  readonly items: What[] = [];
  private readonly places = new Map<string, number>();
  private readonly text: LimitedText;

  constructor(text: LimitedText) {
    this.text = text;
  }

  /** The place of a slice's what in the list, or −1 if there is no room for it. */
  placeOf({ kind, tensor, cause }: What): number {
    const key = `${kind} ${tensor} ${cause}`;
    const known = this.places.get(key);
    if (known !== undefined) return known;
    const what = { kind, tensor, cause };
    if (!this.text.tryReserve(utf8Bytes(`,${safeJson(what)}`))) return -1;
    const place = this.items.push(what) - 1;
    this.places.set(key, place);
    return place;
  }
}

/** The critical path may take this share of the file, so that the slices keep the most of it. */
const PATH_SHARE = 0.25;
const BYTES_PER_SEGMENT = 8;

/** About what the segments take. */
function pathBytes({ segments = [] }: NetworkPath): number {
  return BYTES_PER_SEGMENT * segments.length;
}

function pagePath({ totalCycles, resources, reasons }: NetworkPath, hasSegments: boolean): PagePath {
  return { totalCycles, resources, reasons, hasSegments };
}

/** Writes the page; slices and samples go out in pieces as they come, the head at the end. */
export function htmlWriter(options: HtmlOptions, write: WriteText): TraceWriter {
  const { settings, limit, hardware, template, toBase64, closedFormCycles, path } = options;
  const [before, after] = template.split(DATA_MARK) as [string, string];
  const text = new LimitedText(write, limit.megabytes);
  const pieces = new PagePieces(text, toBase64);
  const whats = new Whats(text);
  const pathLane: PageLane = { index: options.lanes.length, kind: 'path', key: PATH_KEY, name: 'Critical path' };
  const lanes = path === undefined ? options.lanes : [...options.lanes, pathLane];
  const lanePackers = lanes.map((lane) => new LanePacker(lane));
  const samplePackers = RECORDED_COUNTERS.map((_, place) => new SamplePacker(place));
  const addSample = ({ counter, cycle, value }: CounterSample): void => {
    const packer = samplePackers[RECORDED_COUNTERS.findIndex(({ name }) => name === counter.name)];
    if (packer !== undefined) pieces.put(COUNTER_CLASS, packer, () => packer.add(cycle, value));
  };
  const tailText = (layers: readonly PageLayer[], total: Work, notice: string | undefined): string => {
    const bitsPerCycle = { ...hardware.bitsPerCycle, weight: usableWeightBitsPerCycle(hardware) };
    const counters = RECORDED_COUNTERS;
    const common = {
      ...{ settings, hardware, bitsPerCycle, lanes, whats: whats.items, counters, layers, total },
      ...(path && { path: pagePath(path, hasSegments) }),
    };
    const head: PageHead = notice === undefined ? common : { ...common, notice };
    return `<script type="application/json" id="${HEAD_ID}">${safeJson(head)}</script>\n${after}`;
  };
  const pathOfLayer = (place: number): PageLayer['path'] => path?.layers[place]?.byResource;
  const hasSegments = path !== undefined && pathBytes(path) <= PATH_SHARE * 1e6 * limit.megabytes;
  text.write(before);
  const longestLayers = limit.layers.map((layer, place) => longestPageLayer(layer, pathOfLayer(place)));
  text.reserve(utf8Bytes(tailText(longestLayers, longestWork(), limit.longestNotice)));
  // The samples that end the counters of a trace that was cut.
  text.reserve(RECORDED_COUNTERS.length * pieceBytes(SAMPLE_NUMBERS * MOST_NUMBER_BYTES));
  const addSlice = (lane: Pick<Lane, 'index'>, slice: PackedSlice, about: What): boolean => {
    if (!pieces.hasRoomFor(SLICE_NUMBERS)) return false;
    const what = whats.placeOf(about);
    if (what < 0) return false;
    const packer = lanePackers[lane.index]!;
    pieces.put(PIECE_CLASS, packer, () => packer.add(slice, what));
    return true;
  };
  for (const { from, to, resource, reason, tile } of hasSegments ? (path.segments ?? []) : []) {
    const slice = { start: from, end: to, traced: { index: tile.layer }, step: tile.step, bits: 0 };
    if (!addSlice(pathLane, slice, { kind: 'path', tensor: resource, cause: reason })) break;
  }
  return {
    slice: (slice) => addSlice(slice.lane, slice, slice),
    // Arrows follow from the slices: the page works them out.
    flow: () => true,
    counter: (sample) => {
      if (!pieces.hasRoomFor(SAMPLE_NUMBERS)) return false;
      addSample(sample);
      return true;
    },
    end: ({ runs, notice, counterEnds }) => {
      counterEnds.forEach(addSample);
      for (const packer of lanePackers) pieces.flush(PIECE_CLASS, packer);
      for (const packer of samplePackers) pieces.flush(COUNTER_CLASS, packer);
      const layers = runs.map((run, place) => pageLayer(run, closedFormCycles?.(run.layer), pathOfLayer(place)));
      text.write(tailText(layers, workInAll(runs, hardware), notice));
    },
  };
}
