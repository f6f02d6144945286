/**
 * A Perfetto trace as its public .proto files say that one is read, by a protobuf decoder that shares nothing with the
 * writer: sequences with their clocks, defaults and interned texts, slices by their begins and ends, counters, flows.
 */
import { PbfReader } from 'pbf';

/** A message's fields by number, in order; a message within is read when it is asked for. */
type Fields = Map<number, (number | Uint8Array)[]>;

const VARINT = 0;
const BIT64 = 1;
const BYTES = 2;

/** Doubles by field number: what 64 bits are is not said on the wire. */
function fieldsOf(bytes: Uint8Array, doubles: readonly number[] = []): Fields {
  const fields: Fields = new Map();
  const pbf = new PbfReader(bytes);
  for (let number = pbf.nextField(); number !== 0; number = pbf.nextField()) {
    let value: number | Uint8Array;
    if (pbf.type === VARINT) value = pbf.readVarint();
    else if (pbf.type === BYTES) value = pbf.readBytes();
    else if (pbf.type === BIT64 && doubles.includes(number)) value = pbf.readDouble();
    else if (pbf.type === BIT64) value = eightBytes(pbf);
    else throw new Error(`a field of wire type ${pbf.type}`);
    const values = fields.get(number);
    if (values === undefined) fields.set(number, [value]);
    else values.push(value);
  }
  return fields;
}

function eightBytes(pbf: PbfReader): Uint8Array {
  pbf.pos += 8;
  return pbf.buf.slice(pbf.pos - 8, pbf.pos);
}

function numberIn(fields: Fields, field: number): number | undefined {
  return fields.get(field)?.at(-1) as number | undefined;
}

function textIn(fields: Fields, field: number): string | undefined {
  const bytes = fields.get(field)?.at(-1) as Uint8Array | undefined;
  return bytes === undefined ? undefined : Buffer.from(bytes).toString();
}

function messagesIn(fields: Fields, field: number, doubles: readonly number[] = []): Fields[] {
  return ((fields.get(field) ?? []) as Uint8Array[]).map((bytes) => fieldsOf(bytes, doubles));
}

const idsIn = (fields: Fields, field: number): string[] =>
  ((fields.get(field) ?? []) as Uint8Array[]).map((bytes) => Buffer.from(bytes).toString('hex'));

export interface PerfettoTrack {
  readonly uuid: number;
  readonly name: string;
  readonly parent: number | undefined;
  readonly unit: string | undefined;
  readonly ordering: number | undefined;
  readonly rank: number | undefined;
}

export interface PerfettoEvent {
  readonly track: PerfettoTrack;
  readonly name: string;
  readonly category: string;
  /** Microseconds, which are cycles. */
  readonly start: number;
  end: number;
  readonly args: Readonly<Record<string, string | number>>;
  readonly flows: readonly string[];
  readonly terminated: readonly string[];
}

export interface PerfettoTrace {
  readonly tracks: ReadonlyMap<number, PerfettoTrack>;
  readonly slices: PerfettoEvent[];
  readonly marks: PerfettoEvent[];
  readonly samples: { readonly track: PerfettoTrack; readonly cycle: number; readonly value: number }[];
}

interface Sequence {
  texts: Map<string, string>;
  clock: { id: number; now: number; isIncremental: boolean; unit: number } | undefined;
  defaultClock: number | undefined;
  defaultTrack: number | undefined;
  open: PerfettoEvent[];
  isValid: boolean;
}

/** TracePacket.interned_data: the lists whose entries are a number and a text. */
const INTERNED = [1, 2, 3, 29];

function intern(sequence: Sequence, packet: Fields): void {
  for (const data of messagesIn(packet, 12)) {
    for (const list of INTERNED) {
      for (const entry of messagesIn(data, list)) {
        const key = `${list} ${numberIn(entry, 1)}`;
        if (sequence.texts.has(key)) throw new Error(`interned twice: ${key}`);
        sequence.texts.set(key, textIn(entry, 2)!);
      }
    }
  }
}

function internedText(sequence: Sequence, list: number, iid: number | undefined): string {
  if (iid === undefined) return '';
  const text = sequence.texts.get(`${list} ${iid}`);
  if (text === undefined) throw new Error(`nothing interned as ${iid} in list ${list}`);
  return text;
}

function setClock(sequence: Sequence, packet: Fields): void {
  for (const snapshot of messagesIn(packet, 6)) {
    const [own, boottime] = messagesIn(snapshot, 1);
    // Ours first, then the trace's: both at the same moment.
    if (numberIn(boottime!, 1) !== 6 || numberIn(boottime!, 2) !== 0) throw new Error('a clock that begins elsewhere');
    sequence.clock = {
      id: numberIn(own!, 1)!,
      now: numberIn(own!, 2)!,
      isIncremental: numberIn(own!, 3) === 1,
      unit: numberIn(own!, 4) ?? 1,
    };
  }
}

/** Microseconds of the trace. */
function timeOf(sequence: Sequence, packet: Fields): number {
  const { clock } = sequence;
  const id = numberIn(packet, 58) ?? sequence.defaultClock;
  if (clock === undefined || id !== clock.id) throw new Error(`a time on clock ${id}`);
  const time = numberIn(packet, 8)!;
  clock.now = clock.isIncremental ? clock.now + time : time;
  return (clock.now * clock.unit) / 1000;
}

function argsOf(sequence: Sequence, event: Fields): Record<string, string | number> {
  return Object.fromEntries(
    messagesIn(event, 4, [5]).map((annotation) => {
      const name = internedText(sequence, 3, numberIn(annotation, 1));
      const text = numberIn(annotation, 17);
      const value = numberIn(annotation, 4) ?? numberIn(annotation, 5);
      return [name, text === undefined ? value! : internedText(sequence, 29, text)];
    }),
  );
}

const TYPE = { begin: 1, end: 2, instant: 3, counter: 4 };

/** Reads a whole trace; throws where it is none. */
export function readPerfetto(bytes: Uint8Array): PerfettoTrace {
  const tracks = new Map<number, PerfettoTrack>();
  const trace: PerfettoTrace = { tracks, slices: [], marks: [], samples: [] };
  const sequences = new Map<number, Sequence>();
  for (const packet of messagesIn(fieldsOf(bytes), 1)) {
    const id = numberIn(packet, 10);
    if (id === undefined || id === 0) throw new Error('a packet of no sequence');
    const flags = numberIn(packet, 13) ?? 0;
    let sequence = sequences.get(id);
    if (sequence === undefined || (flags & 1) !== 0) {
      const isValid = (flags & 1) !== 0;
      sequence = {
        texts: new Map(),
        clock: undefined,
        defaultClock: undefined,
        defaultTrack: undefined,
        open: [],
        isValid,
      };
      sequences.set(id, sequence);
    }
    if (!sequence.isValid) throw new Error(`sequence ${id} does not begin`);
    setClock(sequence, packet);
    for (const defaults of messagesIn(packet, 59)) {
      sequence.defaultClock = numberIn(defaults, 58);
      for (const event of messagesIn(defaults, 11)) sequence.defaultTrack = numberIn(event, 11);
    }
    intern(sequence, packet);
    for (const track of messagesIn(packet, 60)) {
      const uuid = numberIn(track, 1)!;
      if (tracks.has(uuid)) throw new Error(`two tracks ${uuid}`);
      const counter = messagesIn(track, 8)[0];
      tracks.set(uuid, {
        uuid,
        name: textIn(track, 2)!,
        parent: numberIn(track, 5),
        unit: counter && textIn(counter, 6),
        ordering: numberIn(track, 11),
        rank: numberIn(track, 12),
      });
    }
    for (const event of messagesIn(packet, 11, [44])) readEvent(trace, sequence, packet, event);
  }
  for (const { open } of sequences.values())
    if (open.length > 0) throw new Error(`${open.length} slices without an end`);
  return trace;
}

function readEvent(trace: PerfettoTrace, sequence: Sequence, packet: Fields, event: Fields): void {
  if (((numberIn(packet, 13) ?? 0) & 2) === 0) throw new Error('an event that needs no state');
  const cycle = timeOf(sequence, packet);
  const track = trace.tracks.get(numberIn(event, 11) ?? sequence.defaultTrack!)!;
  const type = numberIn(event, 9);
  if (type === TYPE.end) {
    sequence.open.pop()!.end = cycle;
    return;
  }
  if (type === TYPE.counter) {
    trace.samples.push({ track, cycle, value: (numberIn(event, 30) ?? numberIn(event, 44))! });
    return;
  }
  const read: PerfettoEvent = {
    track,
    name: internedText(sequence, 2, numberIn(event, 10)),
    category: internedText(sequence, 1, numberIn(event, 3)),
    start: cycle,
    end: cycle,
    args: argsOf(sequence, event),
    flows: idsIn(event, 47),
    terminated: idsIn(event, 48),
  };
  if (type === TYPE.instant) trace.marks.push(read);
  else if (type === TYPE.begin) {
    trace.slices.push(read);
    sequence.open.push(read);
  } else throw new Error(`an event of type ${type}`);
}

/** The arrows by Perfetto's rule: from each event that lists an id to the next one in time, until one ends the flow. */
export function arrowsOf({ slices }: PerfettoTrace): { readonly from: PerfettoEvent; readonly to: PerfettoEvent }[] {
  const open = new Map<string, PerfettoEvent>();
  const arrows: { from: PerfettoEvent; to: PerfettoEvent }[] = [];
  for (const slice of [...slices].sort((a, b) => a.start - b.start)) {
    for (const id of [...slice.flows, ...slice.terminated]) {
      const from = open.get(id);
      if (from !== undefined) arrows.push({ from, to: slice });
      open.set(id, slice);
    }
    for (const id of slice.terminated) open.delete(id);
  }
  return arrows;
}
