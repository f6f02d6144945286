/** The segments of a layer's closed form, named for who wants to read them. */
import type { SaLayer } from '../layers/layer.ts';
import type { Hardware } from '../schemas/hardware.ts';
import { multipliersOf, publishedSegments, type SegmentForm, segmentForm, tileTimes } from './conv.ts';
import { MOVES } from './loopReuse.ts';
import type { Variant } from './multipliers.ts';
import { stallOf } from './segments.ts';

/** The cases of section IV-C and table IV, those of a gemm with one row, the two ends, and any other segment. */
export type SegmentKind =
  | 'first'
  | 'second'
  | 'case1'
  | 'case2'
  | 'case3'
  | 'case4'
  | 'case5'
  | 'nextOc'
  | 'nextOcAndStore'
  | 'nextIc'
  | 'nextIcAndStore'
  | 'other'
  | 'secondLast'
  | 'last';

/** What a segment moves while its tile computes. */
export type Move = keyof typeof MOVES;

/** Segments of one kind. */
export interface Segment {
  readonly kind: SegmentKind;
  readonly moves: readonly Move[];
  /** How many the closed form counts: fractional where it does not round, negative where tiles are few. */
  readonly count: number;
  /** Cycles by which one lasts longer than its compute. */
  readonly stallCycles: number;
}

const { ifmap, weight, bias, psumLoad, psumStore } = MOVES;

/** The kinds of a form's segments, in the order in which they are told; what is not listed is `other`. */
const KINDS: Readonly<Record<SegmentForm, readonly (readonly [number, SegmentKind])[]>> = {
  'weight stationary': [
    [ifmap, 'second'],
    [ifmap + psumStore, 'case1'],
    [ifmap + psumLoad + psumStore, 'case2'],
    [ifmap + weight + psumStore, 'case3'],
    [ifmap + weight + psumLoad + psumStore, 'case4'],
    [ifmap + weight + bias + psumStore, 'case5'],
    [psumStore, 'secondLast'],
  ],
  'output stationary': [
    [ifmap + weight + bias, 'nextOc'],
    [weight + bias, 'nextOc'],
    [weight + bias + psumStore, 'nextOcAndStore'],
    [ifmap + weight, 'nextIc'],
    [ifmap + weight + psumStore, 'nextIcAndStore'],
    [psumStore, 'secondLast'],
    [0, 'secondLast'],
  ],
  'loop nest': [],
};

/** The names of what is moved. */
export function movesOf(moves: number): Move[] {
  return (Object.keys(MOVES) as Move[]).filter((move) => (moves & MOVES[move]) !== 0);
}

/** The segments of a layer as the closed form counts them; count · stallCycles add up to its stall cycles. */
export function convSegments(layer: SaLayer, hardware: Hardware, variant: Variant): Segment[] {
  const times = tileTimes(layer, hardware);
  const counts = publishedSegments(layer, multipliersOf(layer, variant));
  const named = KINDS[segmentForm(layer)];
  const segment = (moves: number, kind: SegmentKind): Segment => ({
    kind,
    moves: movesOf(moves),
    count: counts[moves]!,
    stallCycles: stallOf(moves, times),
  });
  const isNamed = new Set(named.map(([moves]) => moves));
  const others = [...counts.keys()].filter((moves) => !isNamed.has(moves));
  const computing = [
    ...named.map(([moves, kind]) => segment(moves, kind)),
    ...others.map((moves) => segment(moves, 'other')),
  ];
  const first = Math.max(times.ifmap, times.weight + times.bias);
  return [
    { kind: 'first', moves: ['ifmap', 'weight', 'bias'], count: 1, stallCycles: first },
    ...computing.filter(({ count }) => count !== 0),
    { kind: 'last', moves: ['psumStore'], count: 1, stallCycles: times.psum },
  ];
}
