/**
 * The fields of Perfetto's trace format that we write, by their numbers in its public `protos/perfetto/trace/*.proto`: a
 * trace is a list of packets, each of them of one sequence, within which names are interned and times are differences.
 */

export const TRACE = { packet: 1 } as const;

export const PACKET = {
  clockSnapshot: 6,
  timestamp: 8,
  /** `trusted_packet_sequence_id`: never 0. */
  sequence: 10,
  trackEvent: 11,
  internedData: 12,
  sequenceFlags: 13,
  defaults: 59,
  trackDescriptor: 60,
  isFirstOnSequence: 87,
} as const;

/** Of a packet: everything interned so far is void; what it says needs what was interned. */
export const SEQUENCE_FLAG = { cleared: 1, needsState: 2 } as const;

export const PACKET_DEFAULTS = { trackEvent: 11, clock: 58 } as const;

export const CLOCK_SNAPSHOT = { clock: 1 } as const;
export const CLOCK = { id: 1, timestamp: 2, isIncremental: 3, nanosecondsPerUnit: 4 } as const;
/** The clock of all traces, in nanoseconds, and one of the sequence's own. */
export const CLOCK_ID = { boottime: 6, own: 64 } as const;

export const TRACK = { uuid: 1, name: 2, parent: 5, counter: 8, childOrdering: 11, rank: 12 } as const;
/** Children are shown by their ranks. */
export const EXPLICIT_ORDER = 3;
export const COUNTER = { unitName: 6 } as const;

export const EVENT = {
  categoryIid: 3,
  annotation: 4,
  type: 9,
  nameIid: 10,
  track: 11,
  integer: 30,
  double: 44,
  /** Neither list is packed: so the files that Perfetto reads have them. */
  flow: 47,
  lastOfFlow: 48,
} as const;
export const EVENT_TYPE = { sliceBegin: 1, sliceEnd: 2, instant: 3, counter: 4 } as const;

export const ANNOTATION = { nameIid: 1, integer: 4, double: 5, textIid: 17 } as const;

/** Each entry is a message of a number (1) and a text (2). */
export const INTERNED = { categories: 1, names: 2, annotationNames: 3, annotationTexts: 29 } as const;
export const INTERNED_ENTRY = { iid: 1, text: 2 } as const;
