/** The requests of a rule, one by one. */
import type { DramSpec } from '../schemas/dram.ts';
import { InputError } from '../schemas/inputError.ts';
import type { RequestRule } from '../schemas/requestRule.ts';
import { memoryBytes } from './addressMap.ts';

/** A request to the memory; the same object is filled again for the next one. */
export interface Request {
  /** Earliest cycle of arrival. */
  cycle: number;
  isWrite: boolean;
  /** In bytes. */
  address: number;
  port: number;
}

/** A walk over requests. */
export interface RequestWalk {
  /** Fills `request` with the next one; false, and nothing filled, behind the last. */
  next(request: Request): boolean;
}

/** Requests that can be walked over again and again. */
export interface RequestSource {
  /** How many; undefined where they are read as they are walked over, once. */
  readonly requests: number | undefined;
  readonly ports: number;
  /** Bits that a port has asked for, once all is walked over; left out where every request is for a whole access. */
  readonly askedBits?: ((port: number) => { readonly read: number; readonly write: number }) | undefined;
  /** Starts with the first request, of all or of one port. */
  walk(port?: number): RequestWalk;
}

/** Arrivals are before this cycle, so that whatever comes after them is still exact in 2⁵³. */
export const LATEST_CYCLE = 2 ** 52;

/** Bytes of a burst in rules that scale their addresses. */
const SCALED_BURST_BYTES = 64;

/** What a rule means on a memory: bursts as long as its accesses, unless the rule scales its addresses. */
interface Scale {
  readonly burstBytes: number;
  readonly scale: number;
}

function scaleOf(rule: RequestRule, spec: DramSpec): Scale {
  if (rule.addr_scale === undefined) return { burstBytes: spec.organization.bytesPerAccess, scale: 1 };
  return { burstBytes: SCALED_BURST_BYTES, scale: rule.addr_scale };
}

/**
 * The requests of a rule, in the rule's order. Throws an InputError that names `file` and the field if an address lies
 * beyond the memory or an arrival beyond LATEST_CYCLE.
 */
export function requestsOf(rule: RequestRule, spec: DramSpec, file = 'rule'): RequestSource {
  const scale = scaleOf(rule, spec);
  for (const { path, address, cycle } of extremes(rule, scale.burstBytes)) {
    const bytes = memoryBytes(spec);
    if (!(address >= 0 && address * scale.scale < bytes)) {
      const expected = `addresses from 0 to ${bytes - 1}, the last byte of ${spec.name}`;
      throw new InputError({ file, path: `rule.${path}`, value: address * scale.scale, expected });
    }
    if (cycle > LATEST_CYCLE) {
      throw new InputError({ file, path: `rule.${path}`, value: cycle, expected: 'arrivals before cycle 2⁵²' });
    }
  }
  return {
    requests: countOf(rule, scale.burstBytes),
    ports: rule.kind === 'streams' ? rule.streams.length : 1,
    ...askedOf(rule),
    walk: (port) => walkOf(rule, scale, port),
  };
}

/** What tiles of so many bytes ask for, where these are bytes of the memory. */
function askedOf(rule: RequestRule): Pick<RequestSource, 'askedBits'> {
  if (rule.addr_scale !== undefined) return {};
  switch (rule.kind) {
    case 'rw_tiles': {
      const bits = 8 * rule.tiles * rule.tile_bytes;
      return { askedBits: () => ({ read: bits, write: bits }) };
    }
    case 'tile2d': {
      const bits = 8 * rule.tiles * rule.rows * rule.row_bytes;
      return { askedBits: () => (rule.op === 'W' ? { read: 0, write: bits } : { read: bits, write: 0 }) };
    }
    default:
      return {};
  }
}

function countOf(rule: RequestRule, burstBytes: number): number {
  switch (rule.kind) {
    case 'linear':
    case 'random':
      return rule.count;
    case 'streams':
      return rule.streams.length * rule.bursts_per_stream;
    case 'rw_tiles':
      return 2 * rule.tiles * Math.ceil(rule.tile_bytes / burstBytes);
    case 'tile2d':
      return rule.tiles * rule.rows * Math.ceil(rule.row_bytes / burstBytes);
    case 'list':
      return rule.items.length;
  }
}

/** The fields that decide how far addresses (before scaling) and arrivals go, and where they lead. */
function* extremes(
  rule: RequestRule,
  burstBytes: number,
): Generator<{ readonly path: string; readonly address: number; readonly cycle: number }> {
  switch (rule.kind) {
    case 'linear':
      yield { path: 'base', address: rule.base, cycle: 0 };
      yield { path: 'stride', address: rule.base + rule.stride * (rule.count - 1), cycle: 0 };
      yield { path: 'gap', address: rule.base, cycle: (rule.gap ?? 0) * (rule.count - 1) };
      return;
    case 'random':
      yield { path: 'base', address: rule.base, cycle: 0 };
      yield { path: 'span_bursts', address: rule.base + burstBytes * (rule.span_bursts - 1), cycle: 0 };
      return;
    case 'streams': {
      const last = rule.bursts_per_stream - 1;
      for (const [place, { base }] of rule.streams.entries()) {
        yield { path: `streams[${place}].base`, address: base, cycle: 0 };
        yield { path: 'bursts_per_stream', address: base + burstBytes * last, cycle: 0 };
      }
      yield { path: 'stream_gap', address: 0, cycle: (rule.stream_gap ?? 0) * last };
      return;
    }
    case 'rw_tiles':
      for (const base of ['rbase', 'wbase'] as const) {
        yield { path: base, address: rule[base], cycle: 0 };
        yield { path: 'tiles', address: rule[base] + rule.tiles * rule.tile_bytes - 1, cycle: 0 };
      }
      return;
    case 'tile2d': {
      const { base, tiles, tile_step: step, rows, pitch, row_bytes: bytes } = rule;
      yield { path: 'base', address: base, cycle: 0 };
      yield { path: 'tile_step', address: base + (tiles - 1) * step + (rows - 1) * pitch + bytes - 1, cycle: 0 };
      return;
    }
    case 'list':
      for (const [place, [cycle, , address]] of rule.items.entries()) {
        yield { path: `items[${place}]`, address, cycle };
      }
  }
}

function walkOf(rule: RequestRule, { burstBytes, scale }: Scale, port?: number): RequestWalk {
  switch (rule.kind) {
    case 'linear':
      return new LinearWalk(rule, scale);
    case 'random':
      return new RandomWalk(rule, burstBytes, scale);
    case 'streams':
      return new StreamsWalk(rule, burstBytes, scale, port);
    case 'rw_tiles': {
      const bursts = Math.ceil(rule.tile_bytes / burstBytes);
      return new NestedWalk(rule.tiles, 2, bursts, scale, (tile, side, burst, request) => {
        request.isWrite = side === 1;
        request.address = (side === 1 ? rule.wbase : rule.rbase) + tile * rule.tile_bytes + burst * burstBytes;
      });
    }
    case 'tile2d': {
      const bursts = Math.ceil(rule.row_bytes / burstBytes);
      return new NestedWalk(rule.tiles, rule.rows, bursts, scale, (tile, row, burst, request) => {
        request.isWrite = rule.op === 'W';
        request.address = rule.base + tile * rule.tile_step + row * rule.pitch + burst * burstBytes;
      });
    }
    case 'list':
      return new ListWalk(rule.items, scale);
  }
}

type RuleOf<Kind extends RequestRule['kind']> = Extract<RequestRule, { kind: Kind }>;

class LinearWalk implements RequestWalk {
  private readonly count: number;
  private readonly strideBytes: number;
  private readonly gap: number;
  private readonly isWrite: boolean;
  private address: number;
  private place = 0;

  constructor({ base, stride, count, op, gap }: RuleOf<'linear'>, scale: number) {
    this.count = count;
    this.strideBytes = stride * scale;
    this.gap = gap ?? 0;
    this.isWrite = op === 'W';
    this.address = base * scale;
  }

  next(request: Request): boolean {
    if (this.place === this.count) return false;
    request.cycle = this.place * this.gap;
    request.isWrite = this.isWrite;
    request.address = this.address;
    request.port = 0;
    this.address += this.strideBytes;
    this.place++;
    return true;
  }
}

/** x ← 1664525·x + 1013904223 mod 2³²; a draw is x's upper 24 bits. */
class RandomWalk implements RequestWalk {
  private readonly rule: RuleOf<'random'>;
  private readonly burstBytes: number;
  private readonly base: number;
  private x: number;
  private left: number;

  constructor(rule: RuleOf<'random'>, burstBytes: number, scale: number) {
    this.rule = rule;
    this.burstBytes = burstBytes * scale;
    this.base = rule.base * scale;
    this.x = rule.seed;
    this.left = rule.count;
  }

  next(request: Request): boolean {
    if (this.left === 0) return false;
    const { span_bursts: span, writes_per_256: writes } = this.rule;
    this.left--;
    request.cycle = 0;
    request.address = this.base + this.burstBytes * (this.draw() % span);
    request.isWrite = writes > 0 && this.draw() % 256 < writes;
    request.port = 0;
    return true;
  }

  private draw(): number {
    this.x = (Math.imul(this.x, 1664525) + 1013904223) >>> 0;
    return this.x >>> 8;
  }
}

/** Chunks of the streams in turns, or one stream alone. */
class StreamsWalk implements RequestWalk {
  private readonly rule: RuleOf<'streams'>;
  private readonly burstBytes: number;
  private readonly scale: number;
  private readonly isOne: boolean;
  private stream: number;
  private chunk = 0;
  private burst = 0;

  constructor(rule: RuleOf<'streams'>, burstBytes: number, scale: number, stream: number | undefined) {
    this.rule = rule;
    this.burstBytes = burstBytes;
    this.scale = scale;
    this.isOne = stream !== undefined;
    this.stream = stream ?? 0;
  }

  next(request: Request): boolean {
    const { streams, bursts_per_stream: bursts, gran, stream_gap: gap = 0 } = this.rule;
    if (this.burst === Math.min(this.chunk + gran, bursts)) this.nextChunk(streams.length, gran);
    if (this.chunk >= bursts) return false;
    const { base, op } = streams[this.stream]!;
    request.cycle = this.burst * gap;
    request.isWrite = op === 'W';
    request.address = this.scale * (base + this.burstBytes * this.burst);
    request.port = this.stream;
    this.burst++;
    return true;
  }

  private nextChunk(streams: number, gran: number): void {
    if (!this.isOne) this.stream = (this.stream + 1) % streams;
    if (this.isOne || this.stream === 0) this.chunk += gran;
    this.burst = this.chunk;
  }
}

/** Bursts of rows of tiles, outermost first. */
class NestedWalk implements RequestWalk {
  private readonly tiles: number;
  private readonly rows: number;
  private readonly bursts: number;
  private readonly scale: number;
  private readonly fill: (tile: number, row: number, burst: number, request: Request) => void;
  private tile = 0;
  private row = 0;
  private burst = 0;

  constructor(
    tiles: number,
    rows: number,
    bursts: number,
    scale: number,
    fill: (tile: number, row: number, burst: number, request: Request) => void,
  ) {
    this.tiles = tiles;
    this.rows = rows;
    this.bursts = bursts;
    this.scale = scale;
    this.fill = fill;
  }

  next(request: Request): boolean {
    if (this.tile === this.tiles) return false;
    request.cycle = 0;
    request.port = 0;
    this.fill(this.tile, this.row, this.burst, request);
    request.address *= this.scale;
    if (++this.burst < this.bursts) return true;
    this.burst = 0;
    if (++this.row < this.rows) return true;
    this.row = 0;
    this.tile++;
    return true;
  }
}

class ListWalk implements RequestWalk {
  private readonly items: RuleOf<'list'>['items'];
  private readonly scale: number;
  private place = 0;

  constructor(items: RuleOf<'list'>['items'], scale: number) {
    this.items = items;
    this.scale = scale;
  }

  next(request: Request): boolean {
    const item = this.items[this.place++];
    if (item === undefined) return false;
    request.cycle = item[0];
    request.isWrite = item[1] === 'W';
    request.address = item[2] * this.scale;
    request.port = 0;
    return true;
  }
}
