/** The rule file: which requests a memory is given, and how they are offered. */
import { z } from 'zod';
import { BOUNDS, countUpTo, naturalUpTo, wholeWithin } from './bounds.ts';
import { InputError } from './inputError.ts';
import { validate } from './parse.ts';

const address = naturalUpTo(BOUNDS.address);
const arrival = naturalUpTo(BOUNDS.arrival);
const count = countUpTo(BOUNDS.requests);
const bytes = countUpTo(BOUNDS.address);
const op = z.enum(['R', 'W']);

const common = {
  addr_scale: bytes.optional().describe('Every address is multiplied by this.'),
};

export const requestRuleSchema = z
  .discriminatedUnion('kind', [
    z
      .strictObject({
        kind: z.literal('linear'),
        base: address,
        stride: wholeWithin(BOUNDS.stride),
        count,
        op,
        gap: arrival.optional().describe('Request i arrives in cycle i · gap, or later.'),
        ...common,
      })
      .describe('Sequential or strided requests.'),
    z
      .strictObject({
        kind: z.literal('random'),
        seed: naturalUpTo(BOUNDS.seed),
        base: address,
        span_bursts: count,
        count,
        writes_per_256: naturalUpTo(BOUNDS.outOf256),
        ...common,
      })
      .describe('Bursts drawn from a span by a linear congruential generator.'),
    z
      .strictObject({
        kind: z.literal('streams'),
        streams: z.array(z.strictObject({ base: address, op })).min(1),
        bursts_per_stream: count,
        gran: count.describe('Bursts in a row of one stream.'),
        stream_gap: arrival.optional().describe('Burst j of a stream arrives in cycle j · stream_gap, or later.'),
        ...common,
      })
      .describe('Streams in turns, stream s on port s.'),
    z
      .strictObject({
        kind: z.literal('rw_tiles'),
        tile_bytes: bytes,
        tiles: count,
        rbase: address,
        wbase: address,
        ...common,
      })
      .describe('Tiles read and written in turns.'),
    z
      .strictObject({
        kind: z.literal('tile2d'),
        base: address,
        tiles: count,
        tile_step: address,
        rows: count,
        row_bytes: bytes,
        pitch: address,
        op: op.optional(),
        ...common,
      })
      .describe('Tiles cut from a matrix: rows of row_bytes, pitch bytes apart.'),
    z
      .strictObject({ kind: z.literal('list'), items: z.array(z.tuple([arrival, op, address])).min(1), ...common })
      .describe('Requests one by one: cycle, operation, byte address.'),
  ])
  .describe('Byte addresses.');

/** What is requested. */
export type RequestRule = Readonly<z.infer<typeof requestRuleSchema>>;

const injectionSchema = z.strictObject({
  mode: z.enum(['inorder', 'ports']).describe('One queue for all, or one per port served round robin.'),
  max_per_cycle: countUpTo(BOUNDS.requestsPerCycle),
});

/** How requests are offered. */
export type Injection = Readonly<z.infer<typeof injectionSchema>>;

export const requestFileSchema = z
  .strictObject({
    $schema: z.string().optional().describe('Where editors find this schema.'),
    name: z.string().optional(),
    rule: requestRuleSchema,
    inject: injectionSchema.optional().describe('Default: in order, one request a cycle.'),
  })
  .meta({ title: 'Systole memory requests' });

/** A rule and how its requests are offered. */
export interface RequestFile {
  readonly rule: RequestRule;
  readonly inject: Injection;
}

/** So many queues are asked in turn for every request. */
export const MOST_PORTS = 1024;

/** One request a cycle, in order. */
export const IN_ORDER: Injection = { mode: 'inorder', max_per_cycle: 1 };

/** Validates a parsed rule file; throws an InputError that names the first thing wrong. */
export function parseRequestFile(value: unknown, file: string): RequestFile {
  const { rule, inject } = validate(requestFileSchema, value, file);
  if (rule.kind === 'linear' && rule.base + rule.stride * (rule.count - 1) < 0) {
    throw new InputError({ file, path: 'rule.stride', value: rule.stride, expected: 'addresses ≥ 0' });
  }
  if (rule.kind === 'streams' && inject?.mode === 'ports' && rule.streams.length > MOST_PORTS) {
    const expected = `at most ${MOST_PORTS} streams, each at a port of its own`;
    throw new InputError({ file, path: 'rule.streams', value: rule.streams.length, expected });
  }
  return { rule, inject: inject ?? IN_ORDER };
}
