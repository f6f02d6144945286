/** The requests of a rule, one by one. */
import type { RequestRule } from '../schemas/requestRule.ts';

/** A request to the memory; the same object is filled again for the next one. */
export interface Request {
  /** Earliest cycle of arrival. */
  cycle: number;
  isWrite: boolean;
  /** In bytes. */
  address: number;
  port: number;
}

/** Starts a walk over requests from the first one; each step fills `request`. */
export interface RequestSource {
  readonly requests: number;
  readonly ports: number;
  walk(request: Request): Iterator<void>;
}

const BURST_BYTES = 64;

/** The requests of a rule, in the rule's order. */
export function requestsOf(rule: RequestRule): RequestSource {
  const scale = rule.addr_scale ?? 1;
  return {
    requests: countOf(rule),
    ports: rule.kind === 'streams' ? rule.streams.length : 1,
    walk: (request) =>
      walkRule(rule, (cycle, isWrite, address, port) => {
        request.cycle = cycle;
        request.isWrite = isWrite;
        request.address = scale * address;
        request.port = port;
      }),
  };
}

function countOf(rule: RequestRule): number {
  switch (rule.kind) {
    case 'linear':
    case 'random':
      return rule.count;
    case 'streams':
      return rule.streams.length * rule.bursts_per_stream;
    case 'rw_tiles':
      return 2 * rule.tiles * Math.ceil(rule.tile_bytes / BURST_BYTES);
    case 'tile2d':
      return rule.tiles * rule.rows * Math.ceil(rule.row_bytes / BURST_BYTES);
    case 'list':
      return rule.items.length;
  }
}

type Fill = (cycle: number, isWrite: boolean, address: number, port: number) => void;

function* walkRule(rule: RequestRule, fill: Fill): Generator<void> {
  switch (rule.kind) {
    case 'linear':
      for (let i = 0; i < rule.count; i++) {
        fill(i * (rule.gap ?? 0), rule.op === 'W', rule.base + i * rule.stride, 0);
        yield;
      }
      return;
    case 'random':
      yield* walkRandom(rule, fill);
      return;
    case 'streams':
      yield* walkStreams(rule, fill);
      return;
    case 'rw_tiles':
      for (let tile = 0; tile < rule.tiles; tile++) {
        for (const isWrite of [false, true]) {
          const base = (isWrite ? rule.wbase : rule.rbase) + tile * rule.tile_bytes;
          for (let at = 0; at < rule.tile_bytes; at += BURST_BYTES) {
            fill(0, isWrite, base + at, 0);
            yield;
          }
        }
      }
      return;
    case 'tile2d':
      for (let tile = 0; tile < rule.tiles; tile++) {
        for (let row = 0; row < rule.rows; row++) {
          const base = rule.base + tile * rule.tile_step + row * rule.pitch;
          for (let at = 0; at < rule.row_bytes; at += BURST_BYTES) {
            fill(0, rule.op === 'W', base + at, 0);
            yield;
          }
        }
      }
      return;
    case 'list':
      for (const [cycle, op, address] of rule.items) {
        fill(cycle, op === 'W', address, 0);
        yield;
      }
  }
}

/** x ← 1664525·x + 1013904223 mod 2³²; a draw is x's upper 24 bits. */
function* walkRandom(rule: Extract<RequestRule, { kind: 'random' }>, fill: Fill): Generator<void> {
  let x = rule.seed;
  const draw = (): number => {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    return x >>> 8;
  };
  for (let i = 0; i < rule.count; i++) {
    const address = rule.base + BURST_BYTES * (draw() % rule.span_bursts);
    const isWrite = rule.writes_per_256 > 0 && draw() % 256 < rule.writes_per_256;
    fill(0, isWrite, address, 0);
    yield;
  }
}

function* walkStreams(rule: Extract<RequestRule, { kind: 'streams' }>, fill: Fill): Generator<void> {
  const { bursts_per_stream: bursts, gran } = rule;
  for (let chunk = 0; chunk < bursts; chunk += gran) {
    for (const [port, { base, op }] of rule.streams.entries()) {
      for (let burst = chunk; burst < Math.min(chunk + gran, bursts); burst++) {
        fill(burst * (rule.stream_gap ?? 0), op === 'W', base + BURST_BYTES * burst, port);
        yield;
      }
    }
  }
}
