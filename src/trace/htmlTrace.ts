/** A trace as one HTML page: the built template with the data in it. */
import { sumOf } from '../layers/result.ts';
import { type Hardware, usableWeightBitsPerCycle } from '../spec/hardware.ts';
import type { Lane } from './lanes.ts';
import { SamplePacker } from './pageCounters.ts';
import {
  COUNTER_CLASS,
  DATA_MARK,
  HEAD_ID,
  LanePacker,
  type PageHead,
  type PageLayer,
  PIECE_CLASS,
  type What,
} from './pageData.ts';
import type { Counter } from './slice.ts';
import type { LayerRun, TraceSettings, TraceWriter, WriteText } from './traceFile.ts';

/** Slices of a lane, or samples of a counter, in one piece. */
const COUNT_PER_PIECE = 1 << 13;
/** Of the counters the page needs only the requests outstanding: occupancy and bandwidth follow from the slices. */
const UNIT_OF_RECORDED_COUNTERS = 'requests';

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

/** Gives each new key the next place in a list. */
class Places<Item> {
  readonly items: Item[] = [];
  private readonly places = new Map<string, number>();

  of(key: string, item: () => Item): number {
    let place = this.places.get(key);
    if (place === undefined) {
      place = this.items.push(item()) - 1;
      this.places.set(key, place);
    }
    return place;
  }
}

/** Writes the page; slices go out in pieces as they come, the head at the end. */
export function htmlWriter(options: HtmlOptions, write: WriteText): TraceWriter {
  const { lanes, settings, hardware, template, toBase64 } = options;
  const [before, after] = template.split(DATA_MARK) as [string, string];
  const packers = lanes.map((lane) => new LanePacker(lane));
  const samplePackers: SamplePacker[] = [];
  const whats = new Places<What>();
  const counters = new Places<Counter>();
  const writePiece = (kind: string, packer: LanePacker | SamplePacker): void =>
    write(`<script type="text/plain" class="${kind}">${toBase64(packer.take())}</script>\n`);
  write(before);
  return {
    slice: (slice) => {
      const packer = packers[slice.lane.index]!;
      const { kind, tensor, cause } = slice;
      packer.add(
        slice,
        whats.of(`${kind} ${tensor} ${cause}`, () => ({ kind, tensor, cause })),
      );
      if (packer.count === COUNT_PER_PIECE) writePiece(PIECE_CLASS, packer);
      return true;
    },
    // Arrows follow from the slices: the page works them out.
    flow: () => {},
    counter: ({ counter, cycle, value }) => {
      if (counter.unit !== UNIT_OF_RECORDED_COUNTERS) return;
      const place = counters.of(counter.name, () => counter);
      samplePackers[place] ??= new SamplePacker(place);
      const packer = samplePackers[place]!;
      packer.add(cycle, value);
      if (packer.count === COUNT_PER_PIECE) writePiece(COUNTER_CLASS, packer);
    },
    end: ({ runs, notice }) => {
      for (const packer of packers) if (packer.count > 0) writePiece(PIECE_CLASS, packer);
      for (const packer of samplePackers) if (packer.count > 0) writePiece(COUNTER_CLASS, packer);
      const bitsPerCycle = { ...hardware.bitsPerCycle, weight: usableWeightBitsPerCycle(hardware) };
      const common = { settings, hardware, bitsPerCycle, lanes, whats: whats.items, counters: counters.items };
      const layers = runs.map(pageLayer);
      const head: PageHead = notice === undefined ? { ...common, layers } : { ...common, layers, notice };
      // Nothing in the data may end the element that holds it.
      const json = JSON.stringify(head).replaceAll('<', '\\u003c');
      write(`<script type="application/json" id="${HEAD_ID}">${json}</script>\n`);
      write(after);
    },
  };
}
