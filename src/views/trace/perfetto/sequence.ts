/**
 * The packets of one track: its names are interned where they first occur, and each time is the cycles since the one
 * before, on a clock of the sequence's own of which one unit is a microsecond.
 */
import { printable } from '../../../model/schemas/printable.ts';
import {
  CLOCK,
  CLOCK_ID,
  CLOCK_SNAPSHOT,
  EVENT,
  INTERNED,
  INTERNED_ENTRY,
  PACKET,
  PACKET_DEFAULTS,
  SEQUENCE_FLAG,
  TRACE,
} from './fields.ts';
import type { Message } from './message.ts';
import type { Track } from './tracks.ts';

const NANOSECONDS_PER_CYCLE = 1000;

type Kind = keyof typeof INTERNED;
const KINDS = Object.keys(INTERNED) as Kind[];

/** Texts by the numbers under which they have been interned. */
class Interned {
  private readonly numbers = new Map<string, number>();
  /** Those that no packet has said yet. */
  private fresh: string[] = [];

  numberOf(text: string): number {
    const known = this.numbers.get(text);
    if (known !== undefined) return known;
    const number = this.numbers.size + 1;
    this.numbers.set(text, number);
    this.fresh.push(text);
    return number;
  }

  hasFresh(): boolean {
    return this.fresh.length > 0;
  }

  writeFresh(message: Message, field: number): void {
    for (const text of this.fresh) {
      message.message(field, () => {
        message.integer(INTERNED_ENTRY.iid, this.numbers.get(text)!);
        message.text(INTERNED_ENTRY.text, printable(text));
      });
    }
    this.fresh = [];
  }
}

export class PacketSequence {
  private readonly track: Track;
  private readonly interned: Readonly<Record<Kind, Interned>>;
  private isBegun = false;
  private cycle = 0;

  /** A track's sequence has the track's number. */
  constructor(track: Track) {
    this.track = track;
    this.interned = {
      categories: new Interned(),
      names: new Interned(),
      annotationNames: new Interned(),
      annotationTexts: new Interned(),
    };
  }

  /** The number of a text that the event of the next packet names. */
  numberOf(kind: Kind, text: string): number {
    return this.interned[kind].numberOf(text);
  }

  /** Everything of the next packet but its event: at a cycle no earlier than that of the one before. */
  writeFields(message: Message, cycle: number): void {
    message.integer(PACKET.timestamp, cycle - this.cycle);
    this.cycle = cycle;
    message.integer(PACKET.sequence, this.track.uuid);
    message.integer(PACKET.sequenceFlags, SEQUENCE_FLAG.needsState);
    const fresh = KINDS.filter((kind) => this.interned[kind].hasFresh());
    if (fresh.length === 0) return;
    message.message(PACKET.internedData, () => {
      for (const kind of fresh) this.interned[kind].writeFresh(message, INTERNED[kind]);
    });
  }

  /** Before the first packet, one that begins the sequence: its clock stands at 0, its events are of its track. */
  writeBegin(message: Message): void {
    if (this.isBegun) return;
    this.isBegun = true;
    const clock = (fill: () => void): void => message.message(CLOCK_SNAPSHOT.clock, fill);
    message.message(TRACE.packet, () => {
      message.message(PACKET.clockSnapshot, () => {
        clock(() => {
          message.integer(CLOCK.id, CLOCK_ID.own);
          message.integer(CLOCK.timestamp, 0);
          message.integer(CLOCK.isIncremental, 1);
          message.integer(CLOCK.nanosecondsPerUnit, NANOSECONDS_PER_CYCLE);
        });
        clock(() => {
          message.integer(CLOCK.id, CLOCK_ID.boottime);
          message.integer(CLOCK.timestamp, 0);
        });
      });
      message.integer(PACKET.sequence, this.track.uuid);
      message.integer(PACKET.sequenceFlags, SEQUENCE_FLAG.cleared);
      message.integer(PACKET.isFirstOnSequence, 1);
      message.message(PACKET.defaults, () => {
        message.message(PACKET_DEFAULTS.trackEvent, () => message.integer(EVENT.track, this.track.uuid));
        message.integer(PACKET_DEFAULTS.clock, CLOCK_ID.own);
      });
    });
  }
}
