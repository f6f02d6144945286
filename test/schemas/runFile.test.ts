import { describe, expect, it } from 'vitest';
import { figuresOf, parseRunFile } from '../../src/model/schemas/runFile.ts';

const cycles = { totalCycles: 7, computeCycles: 5, stallCycles: 2 };
const simulated = { ...cycles, fillCycles: 1, waiting: { drain: 2 }, dramBits: {}, sramBits: {}, opCounts: {} };

/** A run of one layer, with some of its figures changed. */
function run(changes: { closedForm?: object; simulated?: object; totals?: object } = {}): unknown {
  const layer = {
    name: 'a',
    op: 'conv',
    unit: 'SA',
    closedForm: { ...cycles, ...changes.closedForm },
    simulated: { ...simulated, ...changes.simulated },
  };
  const { totals } = changes;
  return { hardware: 'h', workload: 'w', phase: 'inference', batch: 1, layers: [layer], ...(totals && { totals }) };
}

describe('the JSON of a run', () => {
  it('is taken where its cycles add up, with totals or without', () => {
    expect(() => parseRunFile(run(), 'run.json')).not.toThrow();
    expect(() => parseRunFile(run({ totals: { all: { simulated } } }), 'run.json')).not.toThrow();
  });

  it('is taken where layers overlap, if each unit works or waits all the time', () => {
    const overlapped = (busyCycles: number): unknown => ({
      ...(run({ simulated: { totalCycles: 4 } }) as object),
      units: { SA: { busyCycles, waiting: { drain: 1 } } },
    });
    expect(() => parseRunFile(overlapped(3), 'run.json')).not.toThrow();
    expect(() => parseRunFile(overlapped(4), 'run.json')).toThrow(
      'units.SA.busyCycles: got 4, expected 3, all cycles less its waiting',
    );
  });

  it('is taken with fused groups, which stand at their convs, if both sides work or wait all the time', () => {
    const none = { totalCycles: 0, computeCycles: 0, stallCycles: 0, waiting: {} };
    const fused = (simdBusyCycles: number): unknown => ({
      ...(run({ simulated: none }) as { layers: object[] }),
      layers: [{ ...(run({ simulated: none }) as { layers: [object] }).layers[0], group: 'a + b' }],
      groups: [
        {
          name: 'a + b',
          totalCycles: 9,
          units: {
            SA: { busyCycles: 5, waiting: { drain: 4 } },
            SIMD: { busyCycles: simdBusyCycles, waiting: { obufTile: 3 } },
          },
          closedForm: { totalCycles: 9, busyCycles: { SA: 5, SIMD: 6 } },
        },
      ],
    });
    const [layer] = parseRunFile(fused(6), 'run.json').layers;
    expect(layer!.simulated).toMatchObject({ totalCycles: 9, computeCycles: 5, stallCycles: 4, waiting: { drain: 4 } });
    expect(() => parseRunFile(fused(7), 'run.json')).toThrow(
      "groups[0].units.SIMD.busyCycles: got 7, expected 6, the group's cycles less its waiting",
    );
  });

  it.each([
    [
      'a total of causes',
      { simulated: { totalCycles: 8 } },
      'layers[0].simulated.totalCycles: got 8, expected 7, the sum of computeCycles and waiting',
    ],
    [
      'the stall',
      { simulated: { stallCycles: 3 } },
      'layers[0].simulated.stallCycles: got 3, expected 2, the sum of waiting',
    ],
    [
      'the fill',
      { simulated: { fillCycles: 6 } },
      'layers[0].simulated.fillCycles: got 6, expected at most 5, the computeCycles it is part of',
    ],
    [
      "the closed form's total",
      { closedForm: { totalCycles: 7.5 } },
      'layers[0].closedForm.totalCycles: got 7.5, expected 7, the sum of computeCycles and stallCycles',
    ],
    [
      'the sum over layers',
      { totals: { SA: { simulated: { ...simulated, totalCycles: 9 } } } },
      'totals.SA.simulated.totalCycles: got 9, expected 7, the sum over its layers',
    ],
    [
      'a number that is none',
      { simulated: { totalCycles: Number.POSITIVE_INFINITY } },
      'layers[0].simulated.totalCycles: got Infinity, expected a finite number',
    ],
    [
      'a number that is none in a field of another version',
      { simulated: { energyJoules: { wbuf: Number.POSITIVE_INFINITY } } },
      'layers[0].simulated.energyJoules.wbuf: got Infinity, expected a finite number',
    ],
  ])('is refused where %s does not fit', (_, changes, message) => {
    expect(() => parseRunFile(run(changes), 'run.json')).toThrow(`run.json: ${message}`);
  });
});

describe('the figures of a record', () => {
  it('are its numbers at any depth, by path', () => {
    const record = { name: 'a', tile: { oh: 2 }, energy: { simulated: { sramJoules: { wbuf: 3 } } }, order: ['oc'] };
    expect([...figuresOf(record)]).toEqual([
      ['tile.oh', 2],
      ['energy.simulated.sramJoules.wbuf', 3],
    ]);
  });
});
