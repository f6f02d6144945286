/** A trace as one HTML page: the built template with the data in it. */
import type { Layer } from '../layers/layer.ts';
import { sumOf } from '../layers/result.ts';
import { WAITING_CAUSES, type Waiting } from '../machine/waiting.ts';
import { type Hardware, usableWeightBitsPerCycle } from '../spec/hardware.ts';
import type { Lane } from './lanes.ts';
import { LimitedText } from './limitedText.ts';
import { MOST_NUMBER_BYTES } from './packing.ts';
import { DATA_MARK, HEAD_ID, LanePacker, type PageHead, type PageLayer, PIECE_CLASS, type What } from './pageData.ts';
import type { LayerRun, TraceLimit, TraceSettings, TraceWriter, WriteText } from './traceFile.ts';
import { utf8Bytes } from './utf8.ts';

/** Slices of a lane in one piece. */
const SLICES_PER_PIECE = 1 << 13;

/** A slice's numbers and, if it is the first of its piece, the piece's own, at their longest. */
const MOST_SLICE_BYTES = 6 * MOST_NUMBER_BYTES;
const MOST_PIECE_HEAD_BYTES = 2 * MOST_NUMBER_BYTES;

export interface HtmlOptions {
  readonly lanes: readonly Lane[];
  readonly settings: TraceSettings;
  readonly limit: TraceLimit;
  readonly hardware: Hardware;
  /** The built page, with DATA_MARK in it. */
  readonly template: string;
  readonly toBase64: (bytes: Uint8Array) => string;
}

function pageLayer({ layer, start, result }: LayerRun): PageLayer {
  const { totalCycles, computeCycles, fillCycles, waiting, ops, tiles, dramBits } = result;
  return { layer, start, totalCycles, computeCycles, fillCycles, waiting, dramBits: sumOf(dramBits), ops, tiles };
}

/** What the head says of a layer at its longest. */
function longestPageLayer(layer: Layer): PageLayer {
  const most = Number.MAX_SAFE_INTEGER;
  const waiting = Object.fromEntries(WAITING_CAUSES.map((cause) => [cause, most])) as Waiting;
  const figures = { totalCycles: most, computeCycles: most, fillCycles: most, dramBits: most, ops: most, tiles: most };
  return { layer, start: most, waiting, ...figures };
}

/** JSON that may stand in an element: nothing in the data may end the element that holds it. */
function safeJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

function pieceText(base64: string): string {
  return `<script type="text/plain" class="${PIECE_CLASS}">${base64}</script>\n`;
}

/** What a piece takes in the file, with so many bytes of slices in it. */
function pieceBytes(bytes: number): number {
  return pieceText('').length + 4 * Math.ceil((bytes + MOST_PIECE_HEAD_BYTES) / 3);
}

/** Writes the page; slices go out in pieces as they come, the head at the end. */
export function htmlWriter(options: HtmlOptions, write: WriteText): TraceWriter {
  const { lanes, settings, limit, hardware, template, toBase64 } = options;
  const [before, after] = template.split(DATA_MARK) as [string, string];
  const text = new LimitedText(write, limit.megabytes);
  const packers = lanes.map((lane) => new LanePacker(lane));
  const whats: What[] = [];
  const places = new Map<string, number>();
  /** What the pieces that are not written yet will take. */
  let pendingBytes = 0;
  /** The place of a slice's what in the head's list, or −1 if there is no room for it. */
  const placeOf = ({ kind, tensor, cause }: What): number => {
    const key = `${kind} ${tensor} ${cause}`;
    let place = places.get(key);
    if (place === undefined) {
      const what = { kind, tensor, cause };
      if (!text.tryReserve(utf8Bytes(`,${safeJson(what)}`))) return -1;
      place = whats.push(what) - 1;
      places.set(key, place);
    }
    return place;
  };
  const sizeOf = ({ count, bytes }: LanePacker): number => (count === 0 ? 0 : pieceBytes(bytes));
  const writePiece = (packer: LanePacker): void => {
    pendingBytes -= sizeOf(packer);
    text.write(pieceText(toBase64(packer.take())));
  };
  const tailText = (layers: readonly PageLayer[], notice: string | undefined): string => {
    const { ifmap, psum, vmem } = hardware.bitsPerCycle;
    const bitsPerCycle = { SA: usableWeightBitsPerCycle(hardware) + ifmap + psum, SIMD: vmem };
    const common = { settings, hardware, bitsPerCycle, lanes, whats, layers };
    const head: PageHead = notice === undefined ? common : { ...common, notice };
    return `<script type="application/json" id="${HEAD_ID}">${safeJson(head)}</script>\n${after}`;
  };
  text.write(before);
  text.reserve(utf8Bytes(tailText(limit.layers.map(longestPageLayer), limit.longestNotice)));
  return {
    slice: (slice) => {
      const packer = packers[slice.lane.index]!;
      if (!text.hasRoom(pendingBytes + pieceBytes(MOST_SLICE_BYTES))) return false;
      const what = placeOf(slice);
      if (what < 0) return false;
      pendingBytes -= sizeOf(packer);
      packer.add(slice, what);
      pendingBytes += sizeOf(packer);
      if (packer.count === SLICES_PER_PIECE) writePiece(packer);
      return true;
    },
    // Arrows and counters follow from the slices: the page works them out.
    flow: () => true,
    counter: () => true,
    end: ({ runs, notice }) => {
      for (const packer of packers) if (packer.count > 0) writePiece(packer);
      text.write(tailText(runs.map(pageLayer), notice));
    },
  };
}
