import { describe, expect, it } from 'vitest';
import { parseEnergy } from '../../src/model/schemas/energy.ts';
import { energyData } from '../../src/studies/sweep/energyData.ts';
import { type Axis, digitsOf, type Setting } from '../../src/studies/sweep/space.ts';
import { ROUND_ENERGY } from '../support/energy.ts';
import { hardwarePreset } from '../support/presets.ts';

const base: Setting = { hardware: hardwarePreset('HI1'), workload: 'resnet18', phase: 'inference', batch: 1 };
/** Power of one whole array, at a clock of its own. */
const [perArray] = ROUND_ENERGY.points;
const { clockPicoseconds: _, ...withoutClock } = perArray;
const perElement = {
  ...perArray,
  peArray: { per: 'element', dynamicPicojoules: 1, leakageMicrowatts: 1 },
  simd: { per: 'element', dynamicPicojoules: 1, leakageMicrowatts: 1 },
} as const;

/** What is wrong with the energy data at each combination of the axes' values. */
function problems(points: readonly object[], axes: readonly Axis[]): (string | undefined)[] {
  const constants = parseEnergy({ ...ROUND_ENERGY, points }, 'mine.json');
  const { problemAt } = energyData({ constants, file: 'mine.json' }, { base, axes });
  const size = axes.reduce((product, { values }) => product * values.length, 1);
  return Array.from({ length: size }, (_, index) => problemAt(digitsOf(axes, index))?.message);
}

const rows: Axis = { parameter: 'array.rows', values: [16, 32] };
const columns: Axis = { parameter: 'array.columns', values: [16, 32] };
const psumWidth: Axis = { parameter: 'bitsPerCycle.psum', values: [64, 128] };
const clock: Axis = { parameter: 'clockPicoseconds', values: [500, 1000] };

describe('the energy data of a sweep', () => {
  it('that give the power of one array hold where its size does not vary', () => {
    expect(problems([perArray], [psumWidth])).toEqual([undefined, undefined]);
  });

  it('that give the power of one array do not hold for others', () => {
    expect(problems([perArray], [rows])).toEqual(
      Array(2).fill(
        'mine.json: points[0].hardware: got {}, expected array.rows with it, because it varies and the power of peArray is ' +
          'that of one whole array; or "per": "element"',
      ),
    );
    // Neither does a name, which all points of a sweep share.
    expect(problems([{ ...perArray, hardware: { name: 'HI1' } }], [rows])[0]).toContain('array.rows with it');
    expect(problems([{ ...perElement, simd: perArray.simd }], [rows])).toEqual([undefined, undefined]);
    expect(problems([{ ...perElement, simd: perArray.simd }], [columns])[0]).toContain('the power of simd');
  });

  it('that give the power of one array hold where they say which', () => {
    const square = (size: number) => ({ ...perArray, hardware: { rows: size, array: { columns: size } } });
    const found = problems([square(16), square(32)], [rows, columns]);
    expect([found[0], found[3]]).toEqual([undefined, undefined]); // 16×16 and 32×32
    expect(found[1]).toContain('one whose "hardware" agrees with HI1: {"array.rows":16,"array.columns":32}');
  });

  it('per PE and lane hold for any array', () => {
    expect(problems([perElement], [rows, columns])).toEqual(Array(4).fill(undefined));
  });

  it('do not hold where the clock varies and they have one of their own, unless for that clock', () => {
    expect(problems([perArray], [clock])[0]).toBe(
      'mine.json: points[0].clockPicoseconds: got 1000, expected no clock, because the clock varies; ' +
        'or a point for each clock, with it in "hardware"',
    );
    expect(problems([withoutClock], [clock])).toEqual([undefined, undefined]);
    const at = (picoseconds: number) => ({ ...perArray, hardware: { clockPicoseconds: picoseconds } });
    expect(problems([at(500), at(1000)], [clock])).toEqual([undefined, undefined]);
  });

  it('do not hold for sizes that a table does not reach', () => {
    const wbuf = [
      { kib: 32, femtojoulesPerBit: 1 },
      { kib: 64, femtojoulesPerBit: 2 },
    ];
    const point = { ...perArray, sramFemtojoulesPerBit: { ...perArray.sramFemtojoulesPerBit, wbuf } };
    const found = problems([point], [{ parameter: 'sramKiB.wbuf', values: [32, 64, 128] }]);
    expect(found.slice(0, 2)).toEqual([undefined, undefined]);
    expect(found[2]).toContain('sramFemtojoulesPerBit.wbuf: got [32,64], expected a table whose kib reach 128');
  });
});
