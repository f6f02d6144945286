/**
 * Perfetto's own format: track events in protobuf, a sequence of packets for each track. One microsecond stands for one
 * cycle. Written as it comes: of each lane one slice is kept, for the arrows that lead to it.
 */
import { InternalError } from '../../model/schemas/inputError.ts';
import { printable } from '../../model/schemas/printable.ts';
import { COUNTERS } from './counters.ts';
import { isFusedSide } from './fusedSide.ts';
import type { Lane } from './lanes.ts';
import { LimitedBytes } from './limitedText.ts';
import { COUNTER, EVENT, EVENT_TYPE, EXPLICIT_ORDER, PACKET, SEQUENCE_FLAG, TRACE, TRACK } from './perfetto/fields.ts';
import { FlowIds } from './perfetto/flowIds.ts';
import { Message } from './perfetto/message.ts';
import { PacketSequence } from './perfetto/sequence.ts';
import {
  ARROW_BYTES,
  type PendingSlice,
  pendingSlice,
  slicePackets,
  writeAnnotations,
} from './perfetto/slicePacket.ts';
import { type Track, type Tracks, tracksOf } from './perfetto/tracks.ts';
import type { CounterSample, Flow, Slice } from './slice.ts';
import type { TraceEnd, TraceLimit, TraceSettings, TraceWriter, WriteBytes } from './traceFile.ts';
import { utf8Bytes } from './utf8.ts';

/** More than a sample takes that ends a counter, and than the notice takes beside its text. */
const END_BYTES = 256;

class PerfettoWriter implements TraceWriter {
  private readonly file: LimitedBytes;
  private readonly message = new Message();
  private readonly tracks: Tracks;
  private readonly run: PacketSequence;
  private readonly laneSequences: readonly PacketSequence[];
  private readonly counterSequences: ReadonlyMap<string, PacketSequence>;
  /** Per lane. */
  private readonly pending: (PendingSlice | undefined)[];
  private readonly flowIds = new FlowIds();
  private readonly isFused: boolean;
  /** Cycles up to where slices have been written. */
  private reached = 0;

  constructor(lanes: readonly Lane[], settings: TraceSettings, limit: TraceLimit, write: WriteBytes) {
    const { workload, phase, batch, hardware } = settings;
    this.isFused = limit.layers.some(isFusedSide);
    this.file = new LimitedBytes(write, limit.megabytes);
    this.tracks = tracksOf(printable(`${workload} ${phase}, batch ${batch}, on ${hardware}`), lanes);
    const { all, ofLane, ofCounter, run } = this.tracks;
    this.run = new PacketSequence(run);
    this.laneSequences = ofLane.map((track) => new PacketSequence(track));
    this.counterSequences = new Map([...ofCounter].map(([name, track]) => [name, new PacketSequence(track)]));
    this.pending = lanes.map(() => undefined);
    this.run.writeBegin(this.message);
    for (const track of all) this.writeDescriptor(track);
    this.writeMark('settings', 0, annotationsOf(settings));
    this.file.write(this.message.finish());
    this.file.reserve(utf8Bytes(limit.longestNotice) + END_BYTES * (COUNTERS.length + 1));
  }

  slice(slice: Slice): boolean {
    const lane = slice.lane.index;
    this.writePending(lane);
    const pending = pendingSlice(this.message, this.laneSequences[lane]!, slice, this.isFused);
    if (!this.file.tryReserve(pending.reserved)) return false;
    this.pending[lane] = pending;
    if (slice.end > this.reached) this.reached = slice.end;
    return true;
  }

  flow({ from, to }: Flow): boolean {
    const target = this.pending[to.lane.index];
    if (target?.start !== to.cycle) throw new InternalError(`an arrow to no slice of the ${to.lane.name}`);
    if (!this.file.tryReserve(ARROW_BYTES)) return false;
    target.reserved += ARROW_BYTES;
    target.arrows.push(this.flowIds.nextFrom(from));
    return true;
  }

  counter(sample: CounterSample): boolean {
    return this.file.tryWrite(this.sampleBytes(sample));
  }

  end({ notice, counterEnds }: TraceEnd): void {
    for (let lane = 0; lane < this.pending.length; lane++) this.writePending(lane);
    for (const sample of counterEnds) this.file.write(this.sampleBytes(sample));
    if (notice === undefined) return;
    this.writeMark('cut here', this.reached, { notice });
    this.file.write(this.message.finish());
  }

  private writePending(lane: number): void {
    const pending = this.pending[lane];
    if (pending === undefined) return;
    this.pending[lane] = undefined;
    this.file.writeReserved(slicePackets(this.message, pending), pending.reserved);
  }

  private sampleBytes({ counter, cycle, value }: CounterSample): Uint8Array {
    const { message } = this;
    const sequence = this.counterSequences.get(counter.name)!;
    sequence.writeBegin(message);
    message.message(TRACE.packet, () => {
      sequence.writeFields(message, cycle);
      message.message(PACKET.trackEvent, () => {
        message.integer(EVENT.type, EVENT_TYPE.counter);
        if (Number.isSafeInteger(value)) message.integer(EVENT.integer, value);
        else message.double(EVENT.double, value);
      });
    });
    return message.finish();
  }

  private writeDescriptor({ uuid, name, parent, rank, unit }: Track): void {
    const { message } = this;
    message.message(TRACE.packet, () => {
      message.integer(PACKET.sequence, this.tracks.run.uuid);
      message.integer(PACKET.sequenceFlags, SEQUENCE_FLAG.needsState);
      message.message(PACKET.trackDescriptor, () => {
        message.integer(TRACK.uuid, uuid);
        message.text(TRACK.name, name);
        if (parent !== undefined) message.integer(TRACK.parent, parent);
        if (unit !== undefined) message.message(TRACK.counter, () => message.text(COUNTER.unitName, unit));
        message.integer(TRACK.childOrdering, EXPLICIT_ORDER);
        message.integer(TRACK.rank, rank);
      });
    });
  }

  /** An event without length that holds for the whole run. */
  private writeMark(name: string, cycle: number, fields: Readonly<Record<string, string | number>>): void {
    const { message, run } = this;
    const number = run.numberOf('names', name);
    for (const [key, value] of Object.entries(fields)) {
      run.numberOf('annotationNames', key);
      if (typeof value === 'string') run.numberOf('annotationTexts', value);
    }
    message.message(TRACE.packet, () => {
      run.writeFields(message, cycle);
      message.message(PACKET.trackEvent, () => {
        message.integer(EVENT.type, EVENT_TYPE.instant);
        message.integer(EVENT.nameIid, number);
        writeAnnotations(message, run, fields);
      });
    });
  }
}

/** What was run, for whoever clicks the mark at its beginning. */
function annotationsOf({ assumptions, selection, ...settings }: TraceSettings): Record<string, string | number> {
  const selected = Object.entries(selection).map(([option, value]) => `--${option} ${value}`);
  return {
    ...settings,
    assumptions: assumptions.join(', '),
    ...(selected.length > 0 && { selection: selected.join(' ') }),
    timeUnit: '1 µs here is 1 cycle',
  };
}

/** Writes the tracks at once, then slices and samples as they come. */
export function perfettoWriter(
  lanes: readonly Lane[],
  settings: TraceSettings,
  limit: TraceLimit,
  write: WriteBytes,
): TraceWriter {
  return new PerfettoWriter(lanes, settings, limit, write);
}
