/** Reads the data that the page carries. */
import type { WaitingCause } from '../../../model/machine/waiting.ts';
import type { PathReason, PathResource } from '../../../studies/criticalPath/dependencyGraph.ts';
import { REASONS_IN_WORDS, resourceInWords } from '../../report/pathNames.ts';
import { unpackCounter } from '../pageCounters.ts';
import {
  type LaneSlices,
  type PageHead,
  type PageLane,
  type RunElements,
  type Spans,
  unpackLanes,
} from '../pageData.ts';
import { PAINTS, type Paint, paintOf } from '../palette.ts';
import { type Amount, buildPyramid, type Pyramid, type SecondPaint } from '../pyramid.ts';
import { type ChannelBursts, type SliceKind, sliceFields, sliceName } from '../slice.ts';
import type { TraceSlices } from '../tileFlow.ts';
import { byId } from './elements.ts';
import { addedSpans, type LayerSpans, layersInLanes, unitCycles } from './layerTimes.ts';
import { cyclesOf, type Recorded, recordedOf } from './recorded.ts';

export interface PageData extends TraceSlices {
  readonly head: PageHead;
  /** Network cycles. */
  readonly cycles: number;
  /** What each layer adds to them. */
  readonly added: LayerSpans;
  /** Slices in the file. */
  readonly sliceCount: number;
  readonly recorded: Recorded;
  /** Per lane; its paints are places in the lane's palette. */
  readonly pyramids: readonly Pyramid[];
  readonly palettes: readonly (readonly Paint[])[];
  /** What of the PEs' time is issued and useful work, layer by layer. */
  readonly peUse: { readonly issued: Pyramid<Spans>; readonly useful: Pyramid<Spans> };
  /** Per counter of the head; there once readCounters has come to it. */
  readonly counters: CounterData[];
}

export interface CounterData {
  readonly pyramid: Pyramid<Spans>;
  /** The largest value. */
  readonly most: number;
}

/** A slice of a lane in words. */
export interface ShownSlice {
  readonly title: string;
  readonly kind: SliceKind | 'path';
  readonly fields: Readonly<Record<string, string | number>>;
}

/** As newer browsers have it. */
interface Base64Decoder {
  fromBase64?(text: string): Uint8Array;
}

function decodeBase64(text: string): Uint8Array {
  const decoder = Uint8Array as Uint8ArrayConstructor & Base64Decoder;
  if (decoder.fromBase64 !== undefined) return decoder.fromBase64(text);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let place = 0; place < binary.length; place++) bytes[place] = binary.charCodeAt(place);
  return bytes;
}

/** Takes the pieces of a class out of the page. */
function takePieces(kind: string): Uint8Array[] {
  const elements = [...document.getElementsByClassName(kind)];
  for (const each of elements) each.remove();
  return elements.map((each) => decodeBase64(each.textContent ?? ''));
}

/** How a lane is painted: the paints of each slice by their places in a palette. */
interface LanePaints {
  readonly palette: Paint[];
  readonly paints: Uint8Array;
  readonly second: SecondPaint | undefined;
}

/** The paints of a lane in the palette's order, and of each slice the place of its own among them. */
function paintsOf(slices: LaneSlices, { whats, layers }: PageHead): LanePaints {
  const units = ['SA', 'SIMD'] as const;
  const paintOfKey = whats.flatMap((what) => units.map((unit) => PAINTS.indexOf(paintOf(what, unit))));
  const unitOf = Uint8Array.from(layers, ({ layer }) => units.indexOf(layer.unit));
  const paints = new Uint8Array(slices.count);
  const isUsed = new Uint8Array(PAINTS.length);
  for (let place = 0; place < slices.count; place++) {
    const paint = paintOfKey[slices.whats[place]! * units.length + unitOf[slices.layers[place]!]!]!;
    paints[place] = paint;
    isUsed[paint] = 1;
  }
  const shares = rowMissShares(slices);
  if (shares?.some((share) => share > 0)) isUsed[PAINTS.indexOf('rowMiss')] = 1;
  const palette = PAINTS.filter((_, paint) => isUsed[paint] === 1);
  const places = Uint8Array.from(PAINTS, (paint) => Math.max(palette.indexOf(paint), 0));
  for (let place = 0; place < slices.count; place++) paints[place] = places[paints[place]!]!;
  const paint = palette.indexOf('rowMiss');
  return { palette, paints, second: shares === undefined || paint < 0 ? undefined : { paint, shares } };
}

/** Of a channel's slices, the share of bursts that had to open their row; of other lanes nothing. */
function rowMissShares({ count, bursts }: LaneSlices): Float32Array | undefined {
  if (bursts === undefined) return undefined;
  const shares = new Float32Array(count);
  for (let place = 0; place < count; place++) {
    const misses = bursts.rowMisses[place]!;
    if (misses > 0) shares[place] = misses / (misses + bursts.rowHits[place]!);
  }
  return shares;
}

/** The lanes of the layers, complete whatever was selected; `what` is the place of their kind in the head's list. */
function layersLanes({ layers, lanes }: PageHead, what: number): LaneSlices[] {
  const count = lanes.filter(({ kind }) => kind === 'layers').length;
  return layersInLanes(layers, count).map((spans) => ({
    ...spans,
    whats: new Uint8Array(spans.count).fill(what),
    steps: new Float64Array(spans.count),
  }));
}

/** What the measures of a lane's component add up. */
function amountOf({ kind }: PageLane): Amount {
  switch (kind) {
    case 'slot':
      return 'held';
    case 'interface':
      return 'moved';
    default:
      return 'active';
  }
}

function readHead(id: string): PageHead {
  const head = JSON.parse(byId(id).textContent ?? '') as PageHead;
  return { ...head, whats: [...head.whats, { kind: 'layer', tensor: '', cause: '' }] };
}

/** Everything of a run that the first drawing needs. */
export function readData(elements: RunElements): PageData {
  const head = readHead(elements.head);
  const inFile = unpackLanes(head.lanes.length, takePieces(elements.slices));
  const ofLayers = layersLanes(head, head.whats.length - 1);
  const slices = inFile.map((each, lane) => (head.lanes[lane]!.kind === 'layers' ? ofLayers.shift()! : each));
  const painted = slices.map((each) => paintsOf(each, head));
  const pyramids = slices.map((each, lane) => {
    const { palette, paints, second } = painted[lane]!;
    return buildPyramid(each, { paints, paintCount: palette.length, second, amount: amountOf(head.lanes[lane]!) });
  });
  return {
    head,
    cycles: cyclesOf(head),
    added: addedSpans(head.layers),
    sliceCount: inFile.reduce((sum, { count }, lane) => sum + (head.lanes[lane]!.kind === 'path' ? 0 : count), 0),
    recorded: recordedOf(head, slices),
    slices,
    pyramids,
    palettes: painted.map(({ palette }) => palette),
    peUse: { issued: peUseOf(head, 'issued'), useful: peUseOf(head, 'useful') },
    counters: [],
  };
}

/** The use of the PEs over time: a span per layer of the array. */
function peUseOf({ layers }: PageHead, work: 'issued' | 'useful'): Pyramid<Spans> {
  const shown = layers.filter((each) => each.layer.unit === 'SA' && unitCycles(each) > 0);
  const spans = {
    count: shown.length,
    starts: Float64Array.from(shown, ({ unitStart }) => unitStart),
    ends: Float64Array.from(shown, ({ unitEnd }) => unitEnd),
    bits: Float64Array.from(shown, (each) => each[work].peUtilisation),
  };
  return buildPyramid(spans, { paints: new Uint8Array(), paintCount: 0, amount: 'held' });
}

/** Reads a run's counters one by one and pauses before each: the page is of use without them. */
export async function readCounters(
  { head, counters }: PageData,
  elements: RunElements,
  pause: () => Promise<unknown>,
): Promise<void> {
  await pause();
  const pieces = takePieces(elements.counters);
  const shown = { paints: new Uint8Array(), paintCount: 0, amount: 'held' } as const;
  for (let counter = 0; counter < head.counters.length; counter++) {
    await pause();
    const spans = unpackCounter(counter, pieces);
    const most = spans.bits.reduce((largest, value) => Math.max(largest, value), 1);
    counters.push({ pyramid: buildPyramid(spans, shown), most });
  }
}

/** What a slice is called. */
export function titleOf({ head, slices }: PageData, lane: number, place: number): string {
  const { whats, layers } = slices[lane]!;
  const index = layers[place]!;
  const { layer } = head.layers[index]!;
  const { kind, tensor, cause } = head.whats[whats[place]!]!;
  if (kind === 'path') return pathTitle(tensor);
  return sliceName({ kind, tensor, cause: cause as WaitingCause, traced: { index, layer } });
}

/** A segment of the critical path by its resource. */
function pathTitle(resource: string): string {
  return resourceInWords(resource as PathResource);
}

function isServed(kind: SliceKind): boolean {
  return kind === 'read' || kind === 'write';
}

function burstsAt({ rowHits, rowMisses, forwarded }: NonNullable<LaneSlices['bursts']>, place: number): ChannelBursts {
  return { rowHits: rowHits[place]!, rowMisses: rowMisses[place]!, forwarded: forwarded[place]! };
}

/** A slice with the same fields as in the JSON trace, and when it starts and ends. */
export function shownSlice({ head, slices }: PageData, lane: number, place: number): ShownSlice {
  const { whats, layers, steps, bits, starts, ends, bursts } = slices[lane]!;
  const { kind, tensor, cause } = head.whats[whats[place]!]!;
  const index = layers[place]!;
  const { layer } = head.layers[index]!;
  if (kind === 'path') {
    const fields = {
      lane: head.lanes[lane]!.name,
      start: starts[place]!,
      end: ends[place]!,
      layer: layer.name,
      'end waits for': resourceInWords(tensor as PathResource),
      'because before it': REASONS_IN_WORDS[cause as PathReason],
      step: steps[place]!,
      cycles: ends[place]! - starts[place]!,
    };
    return { title: pathTitle(tensor), kind, fields };
  }
  const slice = {
    kind,
    tensor,
    cause: cause as WaitingCause,
    traced: { index, layer },
    step: steps[place]!,
    bits: bits[place]!,
    start: starts[place]!,
    end: ends[place]!,
    ...(bursts !== undefined && isServed(kind) && { bursts: burstsAt(bursts, place) }),
  };
  const fields = { lane: head.lanes[lane]!.name, start: slice.start, end: slice.end, ...sliceFields(slice) };
  return { title: sliceName(slice), kind, fields };
}
