import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type ReplayResult, replay } from '../../src/model/dram/replay.ts';
import { requestsOf } from '../../src/model/dram/requestRules.ts';
import { type DramSpec, parseDram } from '../../src/model/schemas/dram.ts';
import { parseRequestFile } from '../../src/model/schemas/requestRule.ts';

interface GoldenRecord {
  readonly name: string;
  readonly config: string;
  readonly rule: unknown;
  readonly inject: unknown;
  readonly requests: number;
  readonly cycles: number;
  readonly activates: number;
  readonly refreshes: number;
  readonly avg_read_latency: number;
  readonly bandwidth_fraction: number;
  readonly row_hits: number;
  readonly row_misses: number;
}

const read = (path: string): unknown => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as unknown;
const golden = read('../golden/dram/ramulator.json') as {
  configs: Record<string, { channels: number; mapping: string }>;
  records: GoldenRecord[];
};

/** The preset with the channels and the mapping of a reference run. */
function specOf(config: string): DramSpec {
  const preset = config.startsWith('hbm2') ? 'HBM2' : 'DDR4-2400';
  const spec = parseDram(read(`../../hw/dram/${preset}.json`), preset);
  const { channels, mapping } = golden.configs[config]!;
  const timing = config.endsWith('noref') ? { ...spec.timing, REFI: 0 } : spec.timing;
  return { ...spec, mapping, timing, organization: { ...spec.organization, channels } };
}

function finish(run: Generator<number, ReplayResult>): ReplayResult {
  for (;;) {
    const step = run.next();
    if (step.done === true) return step.value;
  }
}

describe('the controller equals Ramulator 2.1 to the cycle', () => {
  it.each(golden.records)('$config: $name', (record) => {
    const { rule, inject } = parseRequestFile({ rule: record.rule, inject: record.inject }, record.name);
    const result = finish(replay(specOf(record.config), requestsOf(rule), inject));
    expect(result.requests).toBe(record.requests);
    expect(result.cycles).toBe(record.cycles);
    expect(result.activates).toBe(record.activates);
    expect(result.refreshes).toBe(record.refreshes);
    expect(result.rowHits).toBe(record.row_hits);
    expect(result.rowMisses).toBe(record.row_misses);
    // The reference prints four decimals of the latency and five of the fraction.
    expect(result.avgReadLatency).toBeCloseTo(record.avg_read_latency, 4);
    expect(result.bandwidthFraction).toBeCloseTo(record.bandwidth_fraction, 5);
  });
});
