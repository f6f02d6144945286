import { describe, expect, it } from 'vitest';
import { type EnergyFile, energyPointFor, parseEnergy } from '../../src/spec/energy.ts';
import { ROUND_ENERGY } from '../support/energy.ts';
import { hardwarePreset } from '../support/presets.ts';

type Draft = Record<string, unknown> & { points: Record<string, Record<string, unknown>>[] };

/** The round energy file with one change made to it. */
function changed(change: (draft: Draft) => void): () => EnergyFile {
  const draft = structuredClone(ROUND_ENERGY) as unknown as Draft;
  change(draft);
  return () => parseEnergy(draft, 'my.json');
}

describe('an energy file', () => {
  it('counts the first point whose hardware fits', () => {
    const energy = changed((draft) => {
      const [any] = draft.points;
      draft.points = [
        { ...any, hardware: { rows: 64, columns: 64, ifmapBits: 16 } },
        { ...any, hardware: { name: 'HI3' } },
        any!,
      ];
    })();
    expect(energyPointFor(energy, hardwarePreset('HT3'), 'my.json')).toBe(energy.points[0]);
    expect(energyPointFor(energy, hardwarePreset('HI3'), 'my.json')).toBe(energy.points[1]);
    expect(energyPointFor(energy, hardwarePreset('HI1'), 'my.json')).toBe(energy.points[2]);
  });

  it('that has no point for the hardware is refused', () => {
    const energy = changed((draft) => Object.assign(draft.points[0]!, { hardware: { rows: 8 } }))();
    expect(() => energyPointFor(energy, hardwarePreset('HI1'), 'my.json')).toThrow(
      'my.json: points: got [{"rows":8}], expected one whose "hardware" fits {"name":"HI1","rows":16,"columns":16,"ifmapBits":8}',
    );
  });

  const wrong: [string, (draft: Draft) => void, string][] = [
    [
      'no energy for a memory',
      (d) => delete d.points[0]!['sramFemtojoulesPerBit']!['vmem'],
      'my.json: points[0].sramFemtojoulesPerBit.vmem: expected a value of type number (it is missing)',
    ],
    [
      'negative leakage',
      (d) => Object.assign(d.points[0]!['simd']!, { leakageMilliwatts: -1 }),
      'my.json: points[0].simd.leakageMilliwatts: got -1, expected a number ≥ 0',
    ],
    [
      'the unit of the other way to give power',
      (d) => Object.assign(d.points[0]!['peArray']!, { dynamicPicojoules: 1 }),
      'my.json: points[0].peArray.dynamicPicojoules: got 1, expected no such field',
    ],
    [
      'power per nothing known',
      (d) => Object.assign(d.points[0]!['peArray']!, { per: 'chip' }),
      'my.json: points[0].peArray.per: got "chip", expected one of array, element',
    ],
    ['no points', (d) => Object.assign(d, { points: [] }), 'my.json: points: got [], expected at least 1 entries'],
    [
      'no word on where the data come from',
      (d) => delete d['description'],
      'my.json: description: expected a value of type string (it is missing)',
    ],
  ];
  it.each(wrong)('with %s is refused with one clear message', (_, change, message) => {
    expect(changed(change)).toThrow(message);
  });
});
