/**
 * The data inside the page: a head as JSON, and the slices of each lane as packed numbers, in pieces, so that the
 * writer needs little memory.
 */
import type { Layer } from '../../model/layers/layer.ts';
import type { InterfaceName } from '../../model/machine/observer.ts';
import type { Waiting } from '../../model/machine/waiting.ts';
import type { Work } from '../../model/network/work.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import type { LayerPath, NetworkPath } from '../../studies/criticalPath/networkPath.ts';
import type { Lane, LaneKind } from './lanes.ts';
import { NumberReader, PackedNumbers } from './packing.ts';
import type { ChannelBursts, Counter, Slice, SliceKind, TracedLayer } from './slice.ts';
import type { RunTime, TraceSettings } from './traceFile.ts';

/** Where the template has room for the data. */
export const DATA_MARK = '<!-- trace data -->';
/** Where the page keeps a run: the id of its head's element, and the classes of the pieces of slices and samples. */
export interface RunElements {
  readonly head: string;
  readonly slices: string;
  readonly counters: string;
}

/** Of the page's run, and of one beside it. */
export const RUN_ELEMENTS: RunElements = { head: 'trace-head', slices: 'trace-slices', counters: 'trace-counters' };
export const SECOND_RUN_ELEMENTS: RunElements = {
  head: 'second-head',
  slices: 'second-slices',
  counters: 'second-counters',
};
/** The id of the element that says how the two compare. */
export const COMPARISON_ID = 'trace-comparison';

/** The key of the critical path's lane. */
export const PATH_KEY = 'critical-path';

/** A lane of the page: one of the trace's, or that of the critical path. */
export interface PageLane extends Omit<Lane, 'kind'> {
  readonly kind: LaneKind | 'path';
}

/** What a slice is about; slices refer to it by its place in the head's list. */
export interface What {
  /** `path`: a segment of the critical path. */
  readonly kind: SliceKind | 'path';
  /** Of a segment of the path, its resource. */
  readonly tensor: string;
  /** Of a segment of the path, its reason. */
  readonly cause: string;
}

/** The critical path, whose segments are a lane's slices. */
export interface PagePath extends Pick<NetworkPath, 'totalCycles' | 'resources' | 'reasons'> {
  /** Whether its segments are in the page: not where they would take too much of its size. */
  readonly hasSegments: boolean;
}

/** When a layer ran and what it waited for. */
export interface LayerFigures extends RunTime {
  readonly layer: Pick<Layer, 'name' | 'unit'> & { readonly op: string };
  /** What it adds to the run. */
  readonly totalCycles: number;
  readonly computeCycles: number;
  /** Pipeline fill, part of computeCycles. */
  readonly fillCycles: number;
  /** Cycles by cause. */
  readonly waiting: Readonly<Record<string, number>>;
  /** The SIMD side of a fused group, whose cycles are those of the layer before it, the SA side. */
  readonly isSecondSide?: true;
}

/** A layer with the figures that the charts show: those of its issued work, with the useful part beside them. */
export interface PageLayer extends LayerFigures, Work {
  readonly layer: Layer;
  /** By the closed form; not there where it has none of the layer on its own. */
  readonly closedFormCycles?: number;
  readonly waiting: Waiting;
  readonly dramBits: number;
  readonly ops: number;
  readonly tiles: number;
  /** Cycles of the critical path by resource, where that is known. */
  readonly path?: LayerPath['byResource'];
}

export interface PageHead {
  readonly settings: TraceSettings;
  readonly hardware: Hardware;
  /** What each off-chip interface can move: of the weights' bandwidth what the array can take. */
  readonly bitsPerCycle: Readonly<Record<InterfaceName, number>>;
  readonly lanes: readonly PageLane[];
  /** The counters whose samples are in the page: those that do not follow from the slices. */
  readonly counters: readonly Counter[];
  readonly whats: readonly What[];
  readonly layers: readonly PageLayer[];
  /** Of all layers. */
  readonly total: Work;
  readonly path?: PagePath;
  readonly notice?: string;
}

/** A layer of the page's run, A, and its like in the run beside it, B, by their places among the layers of either. */
export interface ComparedLayer {
  /** Not there where only the other run has it. */
  readonly a?: number;
  readonly b?: number;
  /**
   * What B takes more than A, by cause, the largest first; nothing that is the same. They add up to the difference of
   * their cycles. A fused group stands for all its members, whose likes may be layers on their own.
   */
  readonly causes: Readonly<Record<string, number>>;
}

/** How two runs compare. */
export interface PageComparison {
  /** What A and B are called: what sets them apart. */
  readonly names: readonly [a: string, b: string];
  /** Every layer of either run; those that only B has come last. */
  readonly layers: readonly ComparedLayer[];
  /** The layers of B where it is no trace, but figures from a file. */
  readonly figures?: readonly LayerFigures[];
  /** Then the options that would run B again, where the file says them. */
  readonly optionsOfB?: string;
}

/** Stretches of time with a number each, column by column, in order of time; they do not overlap. */
export interface Spans {
  readonly count: number;
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  /** Of a tile; of a counter's spans its value. */
  readonly bits: Float64Array;
}

/** The slices of one lane. */
export interface LaneSlices extends Spans {
  /** Places in the head's lists. */
  readonly layers: Uint32Array;
  readonly whats: Uint8Array;
  readonly steps: Float64Array;
  /** Of a DRAM channel's lane: how the bursts of each slice were served. */
  readonly bursts?: Readonly<Record<keyof ChannelBursts, Float64Array>>;
}

/** What changes from slice to slice: seldom the layer, often not the bits. The place in `whats` is packed with it. */
const LAYER_CHANGES = 1;
const BITS_CHANGE = 2;
const HAS_BURSTS = 4;
const CHANGES = 8;

const BURSTS: readonly (keyof ChannelBursts)[] = ['rowHits', 'rowMisses', 'forwarded'];

/** What of a slice is packed. */
export type PackedSlice = Pick<Slice, 'start' | 'end' | 'step' | 'bits' | 'bursts'> & {
  readonly traced: Pick<TracedLayer, 'index'>;
};

/** Packs the slices of one lane: each number as the difference from the slice before, what does not change not at all. */
export class LanePacker {
  /** Slices since the last piece. */
  count = 0;
  private readonly lane: Pick<Lane, 'index'>;
  private readonly numbers = new PackedNumbers();
  private end = 0;
  private layer = 0;
  private step = 0;
  private bits = 0;

  constructor(lane: Pick<Lane, 'index'>) {
    this.lane = lane;
  }

  add({ start, end, traced, step, bits, bursts }: PackedSlice, what: number): void {
    const { numbers } = this;
    const changes =
      (traced.index === this.layer ? 0 : LAYER_CHANGES) +
      (bits === this.bits ? 0 : BITS_CHANGE) +
      (bursts === undefined ? 0 : HAS_BURSTS);
    numbers.add(start - this.end);
    numbers.add(end - start);
    numbers.add(what * CHANGES + changes);
    numbers.addSigned(step - this.step);
    // On a DRAM channel a write may come behind a read of the next layer.
    if ((changes & LAYER_CHANGES) !== 0) numbers.addSigned(traced.index - this.layer);
    if ((changes & BITS_CHANGE) !== 0) numbers.addSigned(bits - this.bits);
    if (bursts !== undefined) for (const name of BURSTS) numbers.add(bursts[name]);
    this.end = end;
    this.layer = traced.index;
    this.step = step;
    this.bits = bits;
    this.count++;
  }

  /** Bytes since the last piece. */
  get bytes(): number {
    return this.numbers.length;
  }

  /** The slices since the last piece: lane and count, then a record per slice. */
  take(): Uint8Array {
    const piece = this.numbers.takeBehind(this.lane.index, this.count);
    this.count = 0;
    return piece;
  }
}

/** The slices of all lanes from their pieces, in the order in which they were packed. */
export function unpackLanes(lanes: number, pieces: readonly Uint8Array[]): LaneSlices[] {
  const readers = pieces.map((piece) => {
    const reader = new NumberReader(piece);
    return { lane: reader.next(), count: reader.next(), reader };
  });
  return Array.from({ length: lanes }, (_, lane) => unpackLane(readers.filter((each) => each.lane === lane)));
}

function noBursts(count: number): Record<keyof ChannelBursts, Float64Array> {
  return {
    rowHits: new Float64Array(count),
    rowMisses: new Float64Array(count),
    forwarded: new Float64Array(count),
  };
}

function unpackLane(pieces: readonly { readonly count: number; readonly reader: NumberReader }[]): LaneSlices {
  const count = pieces.reduce((sum, piece) => sum + piece.count, 0);
  const slices = {
    count,
    starts: new Float64Array(count),
    ends: new Float64Array(count),
    layers: new Uint32Array(count),
    whats: new Uint8Array(count),
    steps: new Float64Array(count),
    bits: new Float64Array(count),
  };
  let bursts: Record<keyof ChannelBursts, Float64Array> | undefined;
  let [end, layer, step, bits, place] = [0, 0, 0, 0, 0];
  for (const { reader } of pieces) {
    for (; !reader.isAtEnd(); place++) {
      slices.starts[place] = end + reader.next();
      end = slices.starts[place]! + reader.next();
      slices.ends[place] = end;
      const changes = reader.next();
      slices.whats[place] = Math.floor(changes / CHANGES);
      slices.steps[place] = step += reader.nextSigned();
      if ((changes & LAYER_CHANGES) !== 0) layer += reader.nextSigned();
      if ((changes & BITS_CHANGE) !== 0) bits += reader.nextSigned();
      slices.layers[place] = layer;
      slices.bits[place] = bits;
      if ((changes & HAS_BURSTS) === 0) continue;
      bursts ??= noBursts(count);
      for (const name of BURSTS) bursts[name][place] = reader.next();
    }
  }
  return bursts === undefined ? slices : { ...slices, bursts };
}
