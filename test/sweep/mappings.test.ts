/** The preset that searches mappings and layouts: what it covers, and that what differs in words alone is the same. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { AddressMap, memoryBytes } from '../../src/model/dram/addressMap.ts';
import { LAYOUTS } from '../../src/model/dram/layout.ts';
import { DRAM_PRESETS, dramPreset } from '../support/dram.ts';

const preset = JSON.parse(
  readFileSync(new URL('../../hw/sweeps/mappings-and-layouts.json', import.meta.url), 'utf8'),
) as { parameters: { 'dram.mapping': string[]; 'dram.layout': string[] } };
const [given, ...mappings] = preset.parameters['dram.mapping'] as [string, ...string[]];

describe('mappings-and-layouts', () => {
  it('has every order of bank, bank group, channel and column below the row, and every layout', () => {
    const orders = mappings.map((mapping) => mapping.replace('rasiba', 'A').replace('pcch', 'C').replace('co', 'O'));
    for (const order of orders) expect([...order.replace('ro', '').replace('bg', 'G')].sort().join('')).toBe('ACGO');
    expect([given, new Set(orders).size]).toEqual(['as given', 4 * 3 * 2]);
    expect(preset.parameters['dram.layout']).toEqual([...LAYOUTS]);
  });

  it.each(DRAM_PRESETS)('has the mapping that %s comes with', (name) => {
    const spec = dramPreset(name);
    const bytes = memoryBytes(spec);
    const own = new AddressMap(spec);
    const isAlike = (mapping: string): boolean => {
      const other = new AddressMap({ ...spec, mapping });
      return Array.from({ length: 64 }, (_, place) => Math.floor((bytes / 64) * (place + place / 97))).every((at) => {
        own.decode(at);
        other.decode(at);
        return own.channel === other.channel && own.bank === other.bank && own.row === other.row;
      });
    };
    // HBM3 alone has its stack ids above the bank groups: `as given` stands for that.
    expect(mappings.some(isAlike)).toBe(name !== 'HBM3-6400');
  });
});
