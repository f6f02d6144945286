/** A trace as one HTML page: the built template with the data in it. */
import { sumOf } from '../layers/result.ts';
import { type Hardware, usableWeightBitsPerCycle } from '../spec/hardware.ts';
import type { Lane } from './lanes.ts';
import { DATA_MARK, HEAD_ID, LanePacker, type PageHead, type PageLayer, PIECE_CLASS, type What } from './pageData.ts';
import type { LayerRun, TraceSettings, TraceWriter, WriteText } from './traceFile.ts';

/** Slices of a lane in one piece. */
const SLICES_PER_PIECE = 1 << 13;

export interface HtmlOptions {
  readonly lanes: readonly Lane[];
  readonly settings: TraceSettings;
  readonly hardware: Hardware;
  /** The built page, with DATA_MARK in it. */
  readonly template: string;
  readonly toBase64: (bytes: Uint8Array) => string;
}

function pageLayer({ layer, start, result }: LayerRun): PageLayer {
  const { totalCycles, computeCycles, fillCycles, waiting, ops, tiles, dramBits } = result;
  return { layer, start, totalCycles, computeCycles, fillCycles, waiting, dramBits: sumOf(dramBits), ops, tiles };
}

/** Writes the page; slices go out in pieces as they come, the head at the end. */
export function htmlWriter(options: HtmlOptions, write: WriteText): TraceWriter {
  const { lanes, settings, hardware, template, toBase64 } = options;
  const [before, after] = template.split(DATA_MARK) as [string, string];
  const packers = lanes.map((lane) => new LanePacker(lane));
  const whats: What[] = [];
  const places = new Map<string, number>();
  const placeOf = ({ kind, tensor, cause }: What): number => {
    const key = `${kind} ${tensor} ${cause}`;
    let place = places.get(key);
    if (place === undefined) {
      place = whats.push({ kind, tensor, cause }) - 1;
      places.set(key, place);
    }
    return place;
  };
  const writePiece = (packer: LanePacker): void =>
    write(`<script type="text/plain" class="${PIECE_CLASS}">${toBase64(packer.take())}</script>\n`);
  write(before);
  return {
    slice: (slice) => {
      const packer = packers[slice.lane.index]!;
      packer.add(slice, placeOf(slice));
      if (packer.count === SLICES_PER_PIECE) writePiece(packer);
      return true;
    },
    // Arrows and counters follow from the slices: the page works them out.
    flow: () => {},
    counter: () => {},
    end: ({ runs, notice }) => {
      for (const packer of packers) if (packer.count > 0) writePiece(packer);
      const layers = runs.map(pageLayer);
      const { ifmap, psum, vmem } = hardware.bitsPerCycle;
      const bitsPerCycle = { SA: usableWeightBitsPerCycle(hardware) + ifmap + psum, SIMD: vmem };
      const common = { settings, hardware, bitsPerCycle, lanes, whats, layers };
      const head: PageHead = notice === undefined ? common : { ...common, notice };
      // Nothing in the data may end the element that holds it.
      const json = JSON.stringify(head).replaceAll('<', '\\u003c');
      write(`<script type="application/json" id="${HEAD_ID}">${json}</script>\n`);
      write(after);
    },
  };
}
