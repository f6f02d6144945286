import { describe, expect, it } from 'vitest';
import { requestsOf } from '../../src/model/dram/requestRules.ts';
import { TraceRequests } from '../../src/model/dram/traceRequests.ts';
import type { RequestRule } from '../../src/model/schemas/requestRule.ts';
import { dramPreset, listed } from '../support/dram.ts';

const hbm2 = dramPreset('HBM2');
const lpddr4 = dramPreset('LPDDR4');

/** Addresses and ports of a rule's requests. */
const walked = (rule: RequestRule, spec = hbm2, port?: number): [number, number][] =>
  listed(requestsOf(rule, spec), port).map(({ address, port }) => [address, port]);

describe('streams in turns', () => {
  const rule: RequestRule = {
    kind: 'streams',
    streams: [
      { base: 0, op: 'R' },
      { base: 4096, op: 'W' },
    ],
    bursts_per_stream: 3,
    gran: 2,
  };

  it('come chunk by chunk, the last chunk being shorter', () => {
    // Two bursts of each, then the third of each.
    const addresses = [0, 64, 4096, 4160, 128, 4224];
    expect(walked(rule).map(([address]) => address)).toEqual(addresses);
    expect(requestsOf(rule, hbm2).requests).toBe(addresses.length);
  });

  it('come one by one at a port each', () => {
    expect(walked(rule, hbm2, 1)).toEqual([
      [4096, 1],
      [4160, 1],
      [4224, 1],
    ]);
  });
});

describe('a burst of a rule', () => {
  const tile: RequestRule = { kind: 'tile2d', base: 0, tiles: 1, tile_step: 0, rows: 2, row_bytes: 256, pitch: 1024 };

  it('is as long as the memory’s accesses', () => {
    expect(walked(tile).map(([address]) => address)).toEqual([0, 64, 128, 192, 1024, 1088, 1152, 1216]);
    expect(walked(tile, lpddr4).map(([address]) => address)).toEqual([0, 128, 1024, 1152]);
  });

  it('is 64 bytes where the rule scales its addresses', () => {
    const scaled = { ...tile, row_bytes: 128, addr_scale: 2 };
    expect(walked(scaled, lpddr4).map(([address]) => address)).toEqual([0, 128, 2048, 2176]);
  });
});

describe('a rule is refused whose', () => {
  // One HBM2 stack: 8 GiB.
  const size = 2 ** 33;
  const linear = { kind: 'linear', base: 0, stride: 64, count: 2, op: 'R' } as const;
  const tiles = { kind: 'rw_tiles', tile_bytes: 64, tiles: 2, rbase: 0, wbase: 0 } as const;
  const tile2d = { kind: 'tile2d', base: 0, tiles: 2, tile_step: 64, rows: 1, row_bytes: 64, pitch: 64 } as const;
  const streams = { kind: 'streams', bursts_per_stream: 2, gran: 1 } as const;
  const random = { kind: 'random', seed: 1, base: 0, span_bursts: 2, count: 1, writes_per_256: 0 } as const;
  const within: RequestRule[] = [
    { ...linear, base: size - 128 },
    { ...linear, base: 64, stride: -64 },
    { ...tiles, wbase: size - 128 },
    { ...tile2d, base: size - 128 },
    { ...streams, streams: [{ base: size - 128, op: 'R' }] },
    { ...random, base: size - 128 },
    { kind: 'list', items: [[2 ** 52, 'R', size - 1]] },
  ];

  it('… unless all lie within it', () => {
    for (const rule of within) expect(requestsOf(rule, hbm2).requests).toBeGreaterThan(0);
  });

  it.each<[string, RequestRule]>([
    ['rule.stride', { ...linear, base: size - 64 }],
    ['rule.tiles', { ...tiles, wbase: size - 64 }],
    ['rule.tile_step', { ...tile2d, base: size - 64 }],
    ['rule.bursts_per_stream', { ...streams, streams: [{ base: size - 64, op: 'R' }] }],
    ['rule.span_bursts', { ...random, base: size - 64 }],
    ['rule.items[0]', { kind: 'list', items: [[0, 'R', size]] }],
    ['rule.base', { ...linear, base: size / 2, addr_scale: 2 }],
  ])('addresses go beyond the memory: %s', (path, rule) => {
    expect(() => requestsOf(rule, hbm2, 'r.json')).toThrow(`r.json: ${path}: got`);
  });

  it.each<[string, RequestRule]>([
    ['rule.gap', { ...linear, gap: 2 ** 52 + 1 }],
    ['rule.stream_gap', { ...streams, streams: [{ base: 0, op: 'R' }], stream_gap: 2 ** 53 }],
    ['rule.items[0]', { kind: 'list', items: [[2 ** 52 + 1, 'R', 0]] }],
  ])('arrivals go beyond 2⁵²: %s', (path, rule) => {
    expect(() => requestsOf(rule, hbm2, 'r.json')).toThrow(`r.json: ${path}: got`);
  });
});

describe('the requests of a trace', () => {
  it('are walked in order, all of them or those of a port', () => {
    const trace = new TraceRequests();
    // More than the arrays hold at first, so that they grow.
    for (let place = 0; place < 5000; place++) trace.add(place, place % 2 === 1, 64 * place, place % 3);
    const source = trace.source();
    expect([source.requests, source.ports]).toEqual([5000, 3]);
    expect(listed(source).map(({ address }) => address / 64)).toEqual(Array.from({ length: 5000 }, (_, i) => i));
    const ofPort1 = listed(source, 1);
    expect(ofPort1.length).toBe(1667);
    expect(ofPort1.at(-1)).toEqual({ cycle: 4999, isWrite: true, address: 64 * 4999, port: 1 });
  });
});
