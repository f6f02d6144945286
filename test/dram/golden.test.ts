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
  readonly commands?: Readonly<Record<string, number>>;
}

interface Config {
  readonly channels: number;
  readonly mapping: string;
  readonly refresh?: DramSpec['refresh'];
  readonly overrides?: { readonly rank?: number };
  readonly wck_sync_mode?: 'always_on';
}

interface GoldenFile {
  readonly meta: { readonly configs: Readonly<Record<string, Config>> };
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
  'ddr3-1600k': 'DDR3-1600K',
  'ddr5-4800b': 'DDR5-4800B',
  'gddr6-14000': 'GDDR6-14000',
  'lpddr5-6400': 'LPDDR5-6400',
  'hbm3-6400': 'HBM3-6400',
};

/** The preset as a reference run has changed it. */
function specOf(name: string, { channels, mapping, refresh, overrides, ...config }: Config): DramSpec {
  const preset = dramPreset(PRESETS[name.split('_')[0]!]!, channels);
  return {
    ...preset,
    mapping,
    refresh: refresh ?? (name.endsWith('noref') ? 'off' : 'all-bank'),
    organization: { ...preset.organization, ranks: overrides?.rank ?? preset.organization.ranks },
    dataClock: config.wck_sync_mode === 'always_on' ? 'always on' : preset.dataClock,
  };
}

const records = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.json') && !name.startsWith('active-list'))
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
    // Where a split ACT is counted, its first half is.
    if (record.commands !== undefined) {
      const { ACT1 = 0, ...others } = record.commands;
      expect(result.commands).toEqual(ACT1 === 0 ? others : { ...others, ACT: ACT1 });
    }
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
