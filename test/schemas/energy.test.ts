import { describe, expect, it } from 'vitest';
import { energyModelFor } from '../../src/model/energy/constants.ts';
import { energyPointFor } from '../../src/model/energy/energyPoint.ts';
import { type EnergyFile, parseEnergy } from '../../src/model/schemas/energy.ts';
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
      'my.json: points: got [{"rows":8}], expected one whose "hardware" agrees with HI1: {"array.rows":16}',
    );
  });

  it('can ask for any field of the hardware', () => {
    const energy = changed((draft) => {
      const [any] = draft.points;
      draft.points = [
        { ...any, hardware: { sramKiB: { wbuf: 512 }, bits: { psum: 16 } } }, // HI3 has 32
        { ...any, hardware: { sramKiB: { wbuf: 512, vmem: 1024 }, bits: { psum: 32 }, clockPicoseconds: 965 } },
        { ...any, hardware: { slots: { wbuf: 2 }, bitsPerCycle: { psum: 128 }, aluCycles: { div: 9 } } },
      ];
    })();
    expect(energyPointFor(energy, hardwarePreset('HI3'), 'my.json')).toBe(energy.points[1]);
    expect(energyPointFor(energy, hardwarePreset('HI1'), 'my.json')).toBe(energy.points[2]);
    expect(() => energyPointFor(energy, hardwarePreset('HT2'), 'my.json')).toThrow(
      'agrees with HT2: {"bits.psum":32,"sramKiB.wbuf":512,"sramKiB.vmem":512,"clockPicoseconds":1220,' +
        '"slots.wbuf":2,"bitsPerCycle.psum":256,"aluCycles.div":5}',
    );
  });

  it('can give energy per bit over the size of an SRAM, even between two sizes', () => {
    const energy = changed((draft) =>
      Object.assign(draft.points[0]!['sramFemtojoulesPerBit']!, {
        wbuf: [
          { kib: 32, femtojoulesPerBit: 8 },
          { kib: 256, femtojoulesPerBit: 10 },
          { kib: 1024, femtojoulesPerBit: 40 },
        ],
      }),
    )();
    const wbufFemtojoules = (name: string): number =>
      energyModelFor(energy, hardwarePreset(name), 'my.json').constants.sramJoulesPerBit.wbuf * 1e15;
    // HI3's 512 KiB are a third of the way from 256 to 1024: 10 + 30/3. The others stand in the table.
    expect(wbufFemtojoules('HI3')).toBeCloseTo(20, 9);
    expect([wbufFemtojoules('HI1'), wbufFemtojoules('HI2'), wbufFemtojoules('HT3')].map(Math.round)).toEqual([
      8, 10, 40,
    ]);
  });

  it('says nothing of sizes that its table does not reach', () => {
    const energy = changed((draft) =>
      Object.assign(draft.points[0]!['sramFemtojoulesPerBit']!, {
        vmem: [
          { kib: 256, femtojoulesPerBit: 10 },
          { kib: 512, femtojoulesPerBit: 10 },
        ],
      }),
    )();
    for (const name of ['HI1', 'HI3']) {
      const size = hardwarePreset(name).sramKiB.vmem; // 128 and 1024
      expect(() => energyModelFor(energy, hardwarePreset(name), 'my.json')).toThrow(
        `my.json: points[0].sramFemtojoulesPerBit.vmem: got [256,512], expected a table whose kib reach ${size}, the size`,
      );
    }
  });

  const wrong: [string, (draft: Draft) => void, string][] = [
    [
      'no energy for a memory',
      (d) => delete d.points[0]!['sramFemtojoulesPerBit']!['vmem'],
      'my.json: points[0].sramFemtojoulesPerBit.vmem: expected a number ≥ 0 or a table of {kib, femtojoulesPerBit} (it is missing)',
    ],
    [
      'a table that does not rise',
      (d) =>
        Object.assign(d.points[0]!['sramFemtojoulesPerBit']!, {
          ibuf: [
            { kib: 64, femtojoulesPerBit: 1 },
            { kib: 64, femtojoulesPerBit: 2 },
          ],
        }),
      'expected a table in rising order of kib',
    ],
    [
      'a row of a table that lacks its energy',
      (d) => Object.assign(d.points[0]!['sramFemtojoulesPerBit']!, { ibuf: [{ kib: 64 }] }),
      'my.json: points[0].sramFemtojoulesPerBit.ibuf[0].femtojoulesPerBit: expected a value of type number (it is missing)',
    ],
    [
      'a field that no hardware has',
      (d) => Object.assign(d.points[0]!, { hardware: { sramKiB: { xbuf: 1 } } }),
      'my.json: points[0].hardware.sramKiB.xbuf: got 1, expected no such field',
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
