/**
 * Turns what DRAM channels tell into slices: a stretch in which a channel serves bursts of one tensor of one layer in
 * one direction, and each refresh. A stretch goes on over short pauses, in which bursts wait for their link or the bus
 * turns around; anything else on the bus ends it.
 */
import type { BurstService } from '../../model/dram/channelListener.ts';
import { bookedTensor, type ChannelObserver, type TileMove } from '../../model/machine/observer.ts';
import type { DramSpec } from '../../model/schemas/dram.ts';
import type { Lane } from './lanes.ts';
import type { ChannelBursts, Slice, SliceKind, TracedLayer, TraceSink } from './slice.ts';

/** A longer pause ends a stretch: a row takes about as long to open. */
const LONGEST_PAUSE_CYCLES = 32;

type Counts = { -readonly [Key in keyof ChannelBursts]: number };
const COUNT_OF: Readonly<Record<BurstService, keyof Counts>> = {
  'row hit': 'rowHits',
  'row miss': 'rowMisses',
  forwarded: 'forwarded',
};

interface Stretch {
  readonly kind: SliceKind;
  readonly tensor: string;
  readonly layer: number;
  readonly start: number;
  end: number;
  readonly bursts: Counts;
}

interface Channel {
  readonly lane: Lane;
  stretch: Stretch | undefined;
  /** End of the last slice. */
  end: number;
}

export class ChannelRecorder implements ChannelObserver {
  private readonly channels: readonly Channel[];
  private readonly burstBits: number;
  private readonly traced: readonly TracedLayer[];
  private readonly current: () => TracedLayer;
  private readonly sink: TraceSink;

  /**
   * `traced`: the layers by number; those that run later are added to it as they begin. `current`: the one that runs, to
   * which a refresh belongs.
   */
  constructor(
    lanes: readonly Lane[],
    { organization }: DramSpec,
    traced: readonly TracedLayer[],
    current: () => TracedLayer,
    sink: TraceSink,
  ) {
    this.channels = lanes.map((lane) => ({ lane, stretch: undefined, end: 0 }));
    this.burstBits = 8 * organization.bytesPerAccess;
    this.traced = traced;
    this.current = current;
    this.sink = sink;
  }

  burstServed(place: number, layer: number, move: TileMove, service: BurstService, start: number, end: number): void {
    const channel = this.channels[place]!;
    const kind = move.direction === 'load' ? 'read' : 'write';
    const tensor = bookedTensor(move);
    let { stretch } = channel;
    const goesOn =
      stretch !== undefined &&
      stretch.kind === kind &&
      stretch.tensor === tensor &&
      stretch.layer === layer &&
      start - stretch.end <= LONGEST_PAUSE_CYCLES;
    if (stretch === undefined || !goesOn) {
      this.close(channel);
      // What is forwarded may be served while the bus is still taken; a burst may be shorter than a cycle.
      const from = Math.max(start, channel.end);
      const bursts = { rowHits: 0, rowMisses: 0, forwarded: 0 };
      stretch = { kind, tensor, layer, start: from, end: from + 1, bursts };
      channel.stretch = stretch;
    }
    stretch.end = Math.max(stretch.end, end);
    stretch.bursts[COUNT_OF[service]]++;
  }

  refreshed(place: number, start: number, end: number): void {
    const channel = this.channels[place]!;
    this.close(channel);
    const from = Math.max(start, channel.end);
    if (end > from) this.take(channel, { kind: 'refresh', start: from, end, traced: this.current() });
  }

  /** Passes on what is still open, at the end of the run. */
  finish(): void {
    for (const channel of this.channels) this.close(channel);
  }

  private close(channel: Channel): void {
    const { stretch } = channel;
    if (stretch === undefined) return;
    channel.stretch = undefined;
    const { kind, tensor, layer, start, end, bursts } = stretch;
    const bits = this.burstBits * (bursts.rowHits + bursts.rowMisses + bursts.forwarded);
    this.take(channel, { kind, tensor, bits, bursts, start, end, traced: this.traced[layer]! });
  }

  private take(
    channel: Channel,
    facts: Pick<Slice, 'kind' | 'start' | 'end' | 'traced'> & Partial<Pick<Slice, 'tensor' | 'bits' | 'bursts'>>,
  ): void {
    channel.end = facts.end;
    this.sink.slice({ lane: channel.lane, step: 0, lastStep: 0, tensor: '', bits: 0, cause: '', ...facts });
  }
}
