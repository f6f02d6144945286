import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { DramSpec } from '../../src/model/schemas/dram.ts';
import { parseRequestFile } from '../../src/model/schemas/requestRule.ts';
import { dramPreset, replayed } from '../support/dram.ts';

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
  readonly bandwidth_fraction?: number;
  readonly row_hits: number;
  readonly row_misses: number;
}

interface GoldenFile {
  readonly meta: { readonly configs: Readonly<Record<string, { channels: number; mapping: string }>> };
  readonly records: readonly GoldenRecord[];
}

interface Tie {
  readonly preset: string;
  readonly mapping: string;
  readonly channels: number;
  readonly rule: unknown;
  readonly inject: unknown;
  readonly ramulator: { readonly cycles: number; readonly avg_read_latency: number };
}

const FOLDER = new URL('../golden/dram/', import.meta.url);
const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8'));

/** The preset whose name a configuration begins with. */
const PRESETS: Readonly<Record<string, string>> = {
  hbm1: 'HBM1',
  hbm2: 'HBM2',
  ddr4: 'DDR4-2400',
  lpddr4: 'LPDDR4',
};

/** The preset with the channels and the mapping of a reference run. */
function specOf(config: string, { channels, mapping }: { channels: number; mapping: string }): DramSpec {
  const preset = PRESETS[config.split('_')[0]!]!;
  return { ...dramPreset(preset, channels, !config.endsWith('noref')), mapping };
}

const records = readdirSync(FOLDER)
  .filter((name) => !name.startsWith('active-list'))
  .flatMap((name) => {
    const { meta, records } = read(name) as GoldenFile;
    return records.map((record) => ({ ...record, spec: specOf(record.config, meta.configs[record.config]!) }));
  });

/** The reference prints so many decimals; where the last is a tie, it may go either way. */
function expectRounded(value: number, printed: number, decimals: number): void {
  expect(Math.abs(value - printed)).toBeLessThanOrEqual(0.5 * 10 ** -decimals + 1e-9);
}

describe('the controller equals Ramulator 2.1 to the cycle', () => {
  it.each(records)('$config: $name', ({ spec, ...record }) => {
    const { rule, inject } = parseRequestFile({ rule: record.rule, inject: record.inject }, record.name);
    const result = replayed(spec, rule, inject);
    expect({
      requests: result.requests,
      cycles: result.cycles,
      activates: result.activates,
      refreshes: result.refreshes,
      rowHits: result.rowHits,
      rowMisses: result.rowMisses,
    }).toEqual({
      requests: record.requests,
      cycles: record.cycles,
      activates: record.activates,
      refreshes: record.refreshes,
      rowHits: record.row_hits,
      rowMisses: record.row_misses,
    });
    expectRounded(result.avgReadLatency, record.avg_read_latency, 4);
    if (record.bandwidth_fraction !== undefined) {
      expectRounded(result.bandwidthFraction, record.bandwidth_fraction, 5);
    }
  });
});

describe('requests accepted in one cycle', () => {
  const { cases } = read('active-list-tie.json') as { cases: readonly Tie[] };

  it.each(cases)('are served in the order of their ACTs once they are active: $preset', (tie) => {
    const spec = { ...dramPreset(tie.preset, tie.channels, false), mapping: tie.mapping };
    const { rule, inject } = parseRequestFile({ rule: tie.rule, inject: tie.inject }, tie.preset);
    const { cycles, avgReadLatency } = replayed(spec, rule, inject);
    expect({ cycles, avg_read_latency: avgReadLatency }).toEqual(tie.ramulator);
  });
});
