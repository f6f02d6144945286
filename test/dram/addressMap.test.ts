import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AddressMap, memoryBytes } from '../../src/model/dram/addressMap.ts';
import type { DramSpec } from '../../src/model/schemas/dram.ts';
import { ADDRESS_FIELDS } from '../../src/model/schemas/dramNames.ts';
import { sample } from '../support/arbitraries.ts';
import { dramPreset } from '../support/dram.ts';

/** Where a byte address goes. */
function placeOf(spec: DramSpec, address: number): Record<string, number> {
  const map = new AddressMap(spec);
  map.decode(address);
  const { channel, bank, row, access } = map;
  return { channel, bank, row, access };
}

describe('an address on HBM2: row, bank group, bank, channel, column', () => {
  const hbm2 = dramPreset('HBM2');
  const at = (address: number) => placeOf(hbm2, address);

  it('is one of 32 bursts of 64 bytes in a row: the column', () => {
    expect(at(0)).toEqual({ channel: 0, bank: 0, row: 0, access: 0 });
    expect(at(31 * 64 + 63)).toEqual({ channel: 0, bank: 0, row: 0, access: 31 });
  });

  it('goes to the next channel every 2 KiB, to the next bank every 16, to the next group every 64', () => {
    expect(at(2048)).toMatchObject({ channel: 1, bank: 0, row: 0 });
    expect(at(8 * 2048)).toMatchObject({ channel: 0, bank: 1, row: 0 });
    expect(at(4 * 8 * 2048)).toMatchObject({ channel: 0, bank: 4, row: 0 });
    expect(at(4 * 4 * 8 * 2048)).toMatchObject({ channel: 0, bank: 0, row: 1 });
  });

  it('ends where the memory ends: 8 channels of 16 banks of 32,768 rows of 2 KiB', () => {
    expect(memoryBytes(hbm2)).toBe(8 * 16 * 32_768 * 2048);
    expect(at(memoryBytes(hbm2) - 1)).toEqual({ channel: 7, bank: 15, row: 32_767, access: 2 ** 27 - 1 });
  });

  it('goes by another mapping where one is given', () => {
    // co, ch, ba, bg, ra, ro from the most significant: the lowest 15 bits of the burst are the row.
    const rowsFirst = { ...hbm2, mapping: 'cochbabgraro' };
    expect(placeOf(rowsFirst, 64 * 32_767)).toMatchObject({ channel: 0, bank: 0, row: 32_767 });
    expect(placeOf(rowsFirst, 64 * 32_768)).toMatchObject({ channel: 0, bank: 4, row: 0 });
  });
});

describe('any mapping', () => {
  const power = (max: number): fc.Arbitrary<number> => fc.nat({ max }).map((bits) => 2 ** bits);
  const specs = fc
    .record({
      organization: fc.record({
        channels: power(2),
        pseudoChannels: power(1),
        ranks: power(1),
        stacks: power(1),
        bankGroups: power(2),
        banksPerGroup: power(2),
        rowsPerBank: power(1),
        accessesPerRow: power(1),
        bytesPerAccess: power(7),
      }),
      mapping: fc
        .shuffledSubarray([...ADDRESS_FIELDS], { minLength: ADDRESS_FIELDS.length })
        .map((fields) => fields.join('')),
    })
    .map((changes): DramSpec => ({ ...dramPreset('HBM2'), ...changes }));

  it('sends each burst of the memory to a place of its own, as many to each row as it has columns', () => {
    fc.assert(
      fc.property(specs, (spec) => {
        const { bytesPerAccess, accessesPerRow } = spec.organization;
        const burstsOf = new Map<string, Set<number>>();
        for (let address = 0; address < memoryBytes(spec); address += bytesPerAccess) {
          const { channel, bank, row, access } = placeOf(spec, address);
          const key = `${channel} ${bank} ${row}`;
          burstsOf.set(key, (burstsOf.get(key) ?? new Set()).add(access!));
        }
        const { bytesPerAccess: _, accessesPerRow: __, ...tree } = spec.organization;
        expect(burstsOf.size).toBe(Object.values(tree).reduce((product, size) => product * size, 1));
        for (const bursts of burstsOf.values()) expect(bursts.size).toBe(accessesPerRow);
      }),
      sample(30),
    );
  });
});
