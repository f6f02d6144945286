import { describe, expect, it } from 'vitest';
import { columnsOf } from '../../src/model/layers/result.ts';
import { Machine } from '../../src/model/machine/machine.ts';
import { HARDWARE } from '../../src/model/schedule/assumptions.ts';
import { layerOf } from '../../src/studies/hunt/huntCase.ts';
import { boundsOf, builtIn, findingsOf, planted, specOf } from '../support/hunt.ts';

const runsAll = process.env['SYSTOLE_VERIFY'] === '1';

/** Two slots or more, in which the paper's assumptions make no difference. */
const MORE_SLOTS = Object.fromEntries(
  ['wbuf', 'ibuf', 'obuf', 'bbuf'].map((buffer) => [`slots.${buffer}`, { least: 2, most: 16 }]),
);

describe('where a formula is known to be right, a hunt', () => {
  it('finds nothing against corner under the paper’s assumptions, in any loop order, tile and number of slots', () => {
    const bounds = { numbers: MORE_SLOTS, where: {} };
    const cases = runsAll ? 200_000 : 1500;
    const { operations, prey } = findingsOf(builtIn('corner'), specOf({ bounds, cases, seed: 'corner' }));
    expect(prey).toBeUndefined();
    // Each operation has been tried, and corner says something of each.
    expect(operations.filter(({ cases: tried }) => tried === 0)).toEqual([]);
  }, 3_600_000);

  it('finds nothing against published where tiles divide and a weight tile stays', () => {
    const cases = runsAll ? 100_000 : 1500;
    const spec = specOf({ bounds: boundsOf('whole-tiles'), cases });
    expect(findingsOf(builtIn('published'), spec).prey).toBeUndefined();
  }, 3_600_000);
});

describe('an error planted in the published formula file', () => {
  const { bounds } = specOf({ bounds: boundsOf('whole-tiles') });
  const found = (text: string, becomes: string, operations: readonly string[], cases = 600) =>
    findingsOf(planted(text, becomes), specOf({ bounds, operations, cases })).prey!;
  /** The numbers of the smallest case that are not 1, slots left out. */
  const numbersOf = ({ smallest }: ReturnType<typeof found>): Record<string, number> =>
    Object.fromEntries(
      Object.entries(smallest.point).filter(([name, value]) => value > 1 && !name.startsWith('slots.')),
    );

  it('is found and made as small as two groups: a forgotten bias', () => {
    const prey = found('"wb": "transfer_w + transfer_b - C_segment"', '"wb": "transfer_w - C_segment"', ['gemm']);
    // Two groups of two rows, everything else 1, each tile a cycle: w+b 2, then the four tiles beside f, w+b of the
    // second group, f, nothing: 1 + 2 + 1 + 1, and the last store 1. Without b in w+b of the second group 7.
    expect(numbersOf(prey)).toEqual({ G: 2, N: 2 });
    expect([prey.smallest.said, prey.smallest.simulated]).toEqual([7, 8]);
  });

  it('is found and made as small as two tiles: 2p for p', () => {
    const prey = found('"p": "transfer_p - C_segment"', '"p": "2 * transfer_p - C_segment"', ['conv']);
    // w+b 2, two tiles of a cycle, the last store 1; the store of the first beside the second's cycle, if it were 2.
    expect([prey.smallest.said, prey.smallest.simulated]).toEqual([6, 5]);
    expect(Object.values(numbersOf(prey))).toEqual([2]);
  });

  it('is found and made as small as two lanes: a floor for a ceiling', () => {
    const prey = found('"lanes": "ceil(T_c / K)"', '"lanes": "floor(T_c / K)"', ['avg-pool'], 60);
    // Two tiles of half the lanes: each loads 1, computes an addition and a division after 5 + 1 of fill, stores 1.
    expect([prey.smallest.said, prey.smallest.simulated]).toEqual([2 * (1 + 6 + 1), 2 * (1 + 6 + 2 + 1)]);
    expect(numbersOf(prey)).toEqual({ 'array.columns': 2 });
  });

  it.runIf(runsAll).each([
    ['p for 2p', '"pp": "2 * transfer_p - C_segment"', '"pp": "transfer_p - C_segment"'],
    ['a swapped bandwidth', '"f": "transfer_i - C_segment"', '"f": "ceil(V_i * b_i / BW_o) - C_segment"'],
    ['a swapped bandwidth of VMem', 'ceil(V * b_in / BW_v)', 'ceil(V * b_in / BW_o)'],
    ['one segment too many', '"N5": "ocTiles - 1"', '"N5": "ocTiles"'],
    ['a sum for a maximum', '"max(transfer_i, transfer_w + transfer_b)"', '"transfer_i + transfer_w + transfer_b"'],
    ['a forgotten pipeline fill', '"C_segment": "C_tile + PSO"', '"C_segment": "C_tile"'],
    ['forgotten groups', '"ocTiles": "G * m_oc"', '"ocTiles": "m_oc"'],
    ['a square window', '"window": "KH * KW"', '"window": "KH * KH"'],
    ['a forgotten last store', ' + secondLast + last"', ' + secondLast"'],
    ['a forgotten vector', 'm_c * 2 * ceil(T_c * b_p / BW_v)', 'm_c * ceil(T_c * b_p / BW_v)'],
  ])('is found and made as small as a few tiles: %s', (_, text, becomes) => {
    const { prey } = findingsOf(planted(text, becomes), specOf({ bounds, cases: 20_000 }));
    expect(prey!.smallest.simulated).toBeLessThan(30);
  });
});

describe('the smallest case', () => {
  const spec = specOf({ assumptions: HARDWARE, tolerance: 0.2, operations: ['conv', 'max-pool'], cases: 200 });
  const findings = findingsOf(builtIn('ceiling'), spec);

  it('is one that the machine and the formula judge as the hunt has', () => {
    const { input, smallest, first } = findings.prey!;
    const layer = layerOf(input)!;
    const run = new Machine(input.hardware).run(layer, HARDWARE);
    expect(run.totalCycles).toBe(smallest.simulated);
    expect(builtIn('ceiling').on(input.hardware).column(layer, 'cycles')).toBe(smallest.said);
    expect(Math.abs(smallest.error)).toBeGreaterThan(0.2);
    expect(Math.abs(first.error)).toBeGreaterThan(0.2);
  });

  it('does not depend on the order in which searches are run', () => {
    expect(findingsOf(builtIn('ceiling'), spec, true)).toEqual(findings);
  });

  it('is sought in the column that is asked for', () => {
    const column = 'dramBits.ifmap';
    const whole = boundsOf('whole-tiles');
    const wrong = planted('V_i * b_i * G * M_oc', 'V_i * b_w * G * M_oc');
    const { prey } = findingsOf(wrong, specOf({ column, operations: ['conv'], cases: 100, bounds: whole }));
    const { input, smallest } = prey!;
    const run = new Machine(input.hardware).run(layerOf(input)!, HARDWARE);
    expect(columnsOf(run).get(column)).toBe(smallest.simulated);
    expect(smallest.said).not.toBe(smallest.simulated);
  });
});
