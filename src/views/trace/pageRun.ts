/** What a page has of a run: slices and samples in pieces as they come, the head at the end. */
import type { Layer } from '../../model/layers/layer.ts';
import { sumOf } from '../../model/layers/result.ts';
import { WAITING_CAUSES, type Waiting } from '../../model/machine/waiting.ts';
import { type Work, workInAll } from '../../model/network/work.ts';
import { type Hardware, usableWeightBitsPerCycle } from '../../model/schemas/hardware.ts';
import type { NetworkPath } from '../../studies/criticalPath/networkPath.ts';
import { COUNTERS } from './counters.ts';
import type { Lane } from './lanes.ts';
import type { LimitedText } from './limitedText.ts';
import { MOST_NUMBER_BYTES } from './packing.ts';
import { SamplePacker } from './pageCounters.ts';
import {
  LanePacker,
  PATH_KEY,
  type PackedSlice,
  type PageHead,
  type PageLane,
  type PageLayer,
  type PagePath,
  type RunElements,
  type What,
} from './pageData.ts';
import { PagePieces } from './pagePieces.ts';
import type { CounterSample, Slice } from './slice.ts';
import type { LayerRun, TraceEnd, TraceLimit, TraceSettings, TraceWriter } from './traceFile.ts';
import { utf8Bytes } from './utf8.ts';

/** Of the counters the page needs only the requests outstanding: occupancy and bandwidth follow from the slices. */
const RECORDED_COUNTERS = COUNTERS.filter(({ unit }) => unit === 'requests');

/** Numbers that a slice and a sample take at the most. */
const SLICE_NUMBERS = 9;
const SAMPLE_NUMBERS = 2;

/** A run as the page shows it. */
export interface PageRunOptions {
  readonly lanes: readonly Lane[];
  readonly settings: TraceSettings;
  readonly limit: TraceLimit;
  readonly hardware: Hardware;
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

/** An element of the page with data as JSON. */
export function jsonElement(id: string, value: unknown): string {
  return `<script type="application/json" id="${id}">${safeJson(value)}</script>\n`;
}

/** The different whats of a trace, in the order in which they come; as many as the head has room for. */
class Whats {
  readonly items: What[] = [];
  private readonly places = new Map<string, number>();
  /** Room that is kept for them. */
  reserved = 0;
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
    const bytes = utf8Bytes(`,${safeJson(what)}`);
    if (!this.text.tryReserve(bytes)) return -1;
    this.reserved += bytes;
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

/** Writes a run into a page. `begin` comes first, `end` last; room for all that `end` writes is kept from the beginning. */
export class PageRun implements TraceWriter {
  private readonly text: LimitedText;
  private readonly elements: RunElements;
  private readonly options: PageRunOptions;
  private readonly pieces: PagePieces;
  private readonly whats: Whats;
  private readonly lanes: readonly PageLane[];
  private readonly lanePackers: readonly LanePacker[];
  private readonly samplePackers = RECORDED_COUNTERS.map((_, place) => new SamplePacker(place));
  /** Room that is kept for the end. */
  private readonly reserved: number;

  /** Throws an InputError if not even the end has room. */
  constructor(text: LimitedText, elements: RunElements, options: PageRunOptions) {
    const { lanes, limit, path, toBase64 } = options;
    this.text = text;
    this.elements = elements;
    this.options = options;
    this.pieces = new PagePieces(text, elements, toBase64);
    this.whats = new Whats(text);
    this.lanes = path === undefined ? lanes : [...lanes, pathLane(lanes.length)];
    this.lanePackers = this.lanes.map((lane) => new LanePacker(lane));
    const longestLayers = limit.layers.map((layer, place) => longestPageLayer(layer, this.pathOfLayer(place)));
    const head = this.headText(longestLayers, longestWork(), limit.longestNotice);
    // The samples that end the counters of a trace that was cut.
    const samples = RECORDED_COUNTERS.length * this.pieces.bytesWith(SAMPLE_NUMBERS * MOST_NUMBER_BYTES);
    this.reserved = utf8Bytes(head) + samples;
    text.reserve(this.reserved);
  }

  /** Writes what is known before the run: its critical path. */
  begin(): void {
    const { path } = this.options;
    const lane = this.lanes.at(-1)!;
    for (const { from, to, resource, reason, tile } of this.hasSegments ? (path?.segments ?? []) : []) {
      const slice = { start: from, end: to, traced: { index: tile.layer }, step: tile.step, bits: 0 };
      if (!this.add(lane, slice, { kind: 'path', tensor: resource, cause: reason })) break;
    }
  }

  slice(slice: Slice): boolean {
    return this.add(slice.lane, slice, slice);
  }

  /** Arrows follow from the slices: the page works them out. */
  flow(): boolean {
    return true;
  }

  counter(sample: CounterSample): boolean {
    if (!this.pieces.hasRoomFor(SAMPLE_NUMBERS)) return false;
    this.addSample(sample);
    return true;
  }

  end({ runs, notice, counterEnds }: TraceEnd): void {
    const { hardware, closedFormCycles } = this.options;
    counterEnds.forEach((sample) => {
      this.addSample(sample);
    });
    for (const packer of this.lanePackers) this.pieces.flush('slices', packer);
    for (const packer of this.samplePackers) this.pieces.flush('counters', packer);
    const layers = runs.map((run, place) => pageLayer(run, closedFormCycles?.(run.layer), this.pathOfLayer(place)));
    const head = this.headText(layers, workInAll(runs, hardware), notice);
    this.text.writeReserved(head, this.reserved + this.whats.reserved);
  }

  private get hasSegments(): boolean {
    const { path, limit } = this.options;
    return path !== undefined && pathBytes(path) <= PATH_SHARE * 1e6 * limit.megabytes;
  }

  private pathOfLayer(place: number): PageLayer['path'] {
    return this.options.path?.layers[place]?.byResource;
  }

  private add(lane: Pick<Lane, 'index'>, slice: PackedSlice, about: What): boolean {
    if (!this.pieces.hasRoomFor(SLICE_NUMBERS)) return false;
    const what = this.whats.placeOf(about);
    if (what < 0) return false;
    const packer = this.lanePackers[lane.index]!;
    this.pieces.put('slices', packer, () => packer.add(slice, what));
    return true;
  }

  private addSample({ counter, cycle, value }: CounterSample): void {
    const packer = this.samplePackers[RECORDED_COUNTERS.findIndex(({ name }) => name === counter.name)];
    if (packer !== undefined) this.pieces.put('counters', packer, () => packer.add(cycle, value));
  }

  private headText(layers: readonly PageLayer[], total: Work, notice: string | undefined): string {
    const { settings, hardware, path } = this.options;
    const head: PageHead = {
      settings,
      hardware,
      bitsPerCycle: { ...hardware.bitsPerCycle, weight: usableWeightBitsPerCycle(hardware) },
      lanes: this.lanes,
      whats: this.whats.items,
      counters: RECORDED_COUNTERS,
      layers,
      total,
      ...(path && { path: pagePath(path, this.hasSegments) }),
      ...(notice !== undefined && { notice }),
    };
    return jsonElement(this.elements.head, head);
  }
}

function pathLane(index: number): PageLane {
  return { index, kind: 'path', key: PATH_KEY, name: 'Critical path' };
}
