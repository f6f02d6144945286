import { describe, expect, it } from 'vitest';
import type { DramSpec } from '../../src/model/schemas/dram.ts';
import type { RequestRule } from '../../src/model/schemas/requestRule.ts';
import { dramPreset, replayed } from '../support/dram.ts';

const hbm2 = dramPreset('HBM2', 1);
const ddr4 = dramPreset('DDR4-2400');
type Item = [number, 'R' | 'W', number];
const list = (...items: Item[]): RequestRule => ({ kind: 'list', items });
const sequential = (bytes: number): RequestRule => ({
  kind: 'linear',
  base: 0,
  stride: 64,
  count: bytes / 64,
  op: 'R',
});

describe('an idle read takes', () => {
  // Offered in cycle 0, the first command issues in cycle 1.
  // HBM2: ACT 1, RD 1 + 14 + 1 (ACT counts from the first of its two cycles), data until 16 + 14 + 2 = 32.
  // DDR4: ACT 1, RD 18, data until 18 + 17 + 4 = 39.
  it.each([
    ['HBM2', hbm2, 32],
    ['DDR4-2400', ddr4, 39],
  ] as const)('%s: a row to be opened', (_, spec, cycles) => {
    expect(replayed(spec, list([0, 'R', 0])).avgReadLatency).toBe(cycles);
  });

  // RD 1 cycle after arrival: HBM2 1 + 14 + 2, DDR4 1 + 17 + 4. The first read opens the row.
  it.each([
    ['HBM2', hbm2, 32, 17],
    ['DDR4-2400', ddr4, 39, 22],
  ] as const)('%s: an open row', (_, spec, first, hit) => {
    const { avgReadLatency, rowHits } = replayed(
      spec,
      list([0, 'R', 0], [500, 'R', 64 * spec.organization.bankGroups]),
    );
    expect([avgReadLatency, rowHits]).toEqual([(first + hit) / 2, 1]);
  });

  // PRE in between: HBM2 1 + 13 (RP less one) + 15 + 16, DDR4 1 + 17 + 17 + 21.
  it.each([
    ['HBM2', hbm2, 32, 45],
    ['DDR4-2400', ddr4, 39, 56],
  ] as const)('%s: another row in the way', (_, spec, first, conflict) => {
    const { accessesPerRow, bankGroups, banksPerGroup } = spec.organization;
    const sameBank = 64 * accessesPerRow * bankGroups * banksPerGroup;
    expect(replayed(spec, list([0, 'R', 0], [500, 'R', sameBank])).avgReadLatency).toBe((first + conflict) / 2);
  });
});

describe('whole tiles', () => {
  it.each([
    [1, 62],
    [16, 542],
  ])('a cold tile of %d KiB on HBM2 takes %d cycles', (kib, cycles) => {
    // 2 cycles a burst, and 30 before the first data: ACT at 1, RD at 16, data from 30.
    expect(replayed(hbm2, sequential(kib * 1024)).cycles).toBe(cycles);
    expect(cycles).toBe(2 * (kib * 16) + 30);
  });

  it('a sequential MiB reaches 0.924 of HBM2, 0.953 of DDR4 with bank groups interleaved and 0.747 without', () => {
    const plain: DramSpec = { ...ddr4, mapping: 'rochrababgco' };
    expect(replayed(hbm2, sequential(1 << 20)).bandwidthFraction).toBeCloseTo(0.924, 3);
    expect(replayed(ddr4, sequential(1 << 20)).bandwidthFraction).toBeCloseTo(0.953, 3);
    expect(replayed(ddr4, sequential(1 << 20)).cycles).toBe(68_784);
    expect(replayed(plain, sequential(1 << 20)).bandwidthFraction).toBeCloseTo(0.747, 3);
  });
});

describe('a waiting write', () => {
  // One bank is kept busy: the write's row waits behind the reads' row.
  const busy: Item[] = Array.from({ length: 8 }, (_, place) => [0, 'R', 64 * place]);

  it('answers a read of its burst in one cycle', () => {
    const other = 1 << 20;
    const without = replayed(hbm2, list(...busy, [20, 'W', other]));
    const answered = replayed(hbm2, list(...busy, [20, 'W', other], [21, 'R', other]));
    expect(answered.activates).toBe(without.activates);
    expect(answered.avgReadLatency * 9).toBeCloseTo(without.avgReadLatency * 8 + 1, 9);
  });

  it('takes in another write of its burst', () => {
    const other = 1 << 20;
    const twice = replayed(hbm2, list(...busy, [20, 'W', other], [21, 'W', other]));
    // Eight reads and one write reach the banks.
    expect([twice.writes, twice.rowHits + twice.rowMisses]).toEqual([2, 9]);
  });
});
