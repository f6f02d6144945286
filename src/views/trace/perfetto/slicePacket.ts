/** A slice as packets: kept until the arrows that lead to it are known, which is before anything else is told of its lane. */
import { type Slice, sliceFields, sliceName } from '../slice.ts';
import { ANNOTATION, EVENT, EVENT_TYPE, PACKET, TRACE } from './fields.ts';
import { type FlowId, idsFrom } from './flowIds.ts';
import type { Message } from './message.ts';
import type { PacketSequence } from './sequence.ts';

/** Bytes that an arrow takes at most: two of tag, eight of id, and two lengths that it may make a byte longer. */
export const ARROW_BYTES = 12;
/** Tags and lengths around what `PendingSlice` keeps. */
const FRAME_BYTES = 12;

export interface PendingSlice {
  readonly start: number;
  /** Bytes that are reserved for it. */
  reserved: number;
  /** What comes before its packets, if anything; the first packet's fields but its event's, the event's, and its end. */
  readonly before: Uint8Array;
  readonly fields: Uint8Array;
  readonly event: Uint8Array;
  readonly end: Uint8Array;
  readonly arrows: FlowId[];
}

/** Fields under their names: as numbers, and texts interned. */
export function writeAnnotations(
  message: Message,
  sequence: PacketSequence,
  fields: Readonly<Record<string, string | number>>,
): void {
  for (const [name, value] of Object.entries(fields)) {
    message.message(EVENT.annotation, () => {
      message.integer(ANNOTATION.nameIid, sequence.numberOf('annotationNames', name));
      if (typeof value === 'string') {
        message.integer(ANNOTATION.textIid, sequence.numberOf('annotationTexts', value));
      } else if (Number.isSafeInteger(value)) message.integer(ANNOTATION.integer, value);
      else message.double(ANNOTATION.double, value);
    });
  }
}

/** The next slice of a sequence; `isFused`: of a run with fused groups. */
export function pendingSlice(message: Message, sequence: PacketSequence, slice: Slice, isFused: boolean): PendingSlice {
  sequence.writeBegin(message);
  const before = message.finish();
  message.integer(EVENT.type, EVENT_TYPE.sliceBegin);
  message.integer(EVENT.categoryIid, sequence.numberOf('categories', slice.kind));
  message.integer(EVENT.nameIid, sequence.numberOf('names', sliceName(slice)));
  // How many cycles it takes is its length.
  const { cycles, ...annotations } = sliceFields(slice);
  writeAnnotations(message, sequence, annotations);
  for (const { low, high } of idsFrom(slice, isFused)) message.fixed64(EVENT.flow, low, high);
  const event = message.finish();
  sequence.writeFields(message, slice.start);
  const fields = message.finish();
  message.message(TRACE.packet, () => {
    sequence.writeFields(message, slice.end);
    message.message(PACKET.trackEvent, () => message.integer(EVENT.type, EVENT_TYPE.sliceEnd));
  });
  const end = message.finish();
  const reserved = before.length + FRAME_BYTES + fields.length + event.length + end.length;
  return { start: slice.start, reserved, before, fields, event, end, arrows: [] };
}

/** The slice with the arrows that lead to it. */
export function slicePackets(message: Message, { before, fields, event, end, arrows }: PendingSlice): Uint8Array {
  message.raw(before);
  message.message(TRACE.packet, () => {
    message.raw(fields);
    message.message(PACKET.trackEvent, () => {
      message.raw(event);
      for (const { low, high } of arrows) message.fixed64(EVENT.lastOfFlow, low, high);
    });
  });
  message.raw(end);
  return message.finish();
}
