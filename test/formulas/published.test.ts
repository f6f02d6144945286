/** The paper's closed form written as a formula file: what the golden files have, and what the code says of any layer. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closedForm } from '../../src/model/analytical/closedForm.ts';
import { byColumn, type Estimate, FORMULA_COLUMNS } from '../../src/model/formulas/formula.ts';
import { parseFormula } from '../../src/model/formulas/parseFormula.ts';
import { columnsOf, emptyResult, type Result } from '../../src/model/layers/result.ts';
import { SIMD_OPS } from '../../src/model/operations/simdTable.ts';
import { type Case, saCases, sample, simdCases } from '../support/arbitraries.ts';
import { differences, golden } from '../support/golden.ts';
import {
  hardwarePreset,
  INFERENCE_HARDWARE,
  inferenceLayers,
  TRAINING_HARDWARE,
  trainingLayers,
} from '../support/presets.ts';

const file = 'hw/formulas/published.formula.json';
const published = parseFormula(JSON.parse(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')), file);

/** An estimate as a result; what the formula does not give is 0. */
function resultOf({ cycles, computeCycles = 0, stallCycles = 0, dramBits, sramBits }: Estimate): Result {
  const empty = emptyResult();
  return {
    ...empty,
    ...{ computeCycles, stallCycles, totalCycles: cycles },
    dramBits: { ...empty.dramBits, ...dramBits },
    sramBits: { ...empty.sramBits, ...sramBits },
  };
}

const GOLDEN = [
  ...INFERENCE_HARDWARE.map((hardware) => ['inference', hardware] as const),
  ...TRAINING_HARDWARE.map((hardware) => ['training', hardware] as const),
];

describe.each(['resnet18', 'resnet50'])('the published closed form of %s as a file', (network) => {
  it.each(GOLDEN)('equals every layer and column of the golden file in %s on %s', (phase, name) => {
    const hardware = hardwarePreset(name);
    const { columns, layers: expected } = golden(`${network}-${phase}-${name}`);
    const formula = published.on(hardware);
    const layers =
      phase === 'inference' ? inferenceLayers(network, hardware) : trainingLayers(network, hardware, 'published');
    // Operations are no column of a formula.
    expect(columns.at(-1)).toBe('ops');
    const own = columns.slice(0, -1);
    expect(layers).toHaveLength(expected.length);
    layers.forEach((layer, place) => {
      const result = resultOf(formula.evaluate(layer)!);
      expect(differences(result, own, expected[place]!.result), layer.name).toEqual([]);
    });
  });
});

/** Columns in which the file and the code differ by more than floating point adds. */
function unlike({ hardware, layer }: Case<Parameters<typeof closedForm>[0]>): string[] {
  const ours = columnsOf(closedForm(layer, hardware, 'published'));
  const estimate = published.on(hardware).evaluate(layer)!;
  return [...byColumn<number>({ ...estimate })].flatMap(([column, value]) => {
    const expected = ours.get(column === 'cycles' ? 'totalCycles' : column)!;
    return Math.abs(value - expected) <= 1e-9 * Math.abs(expected) + 1e-6 ? [] : [`${column}: ${value}, ${expected}`];
  });
}

describe('the published closed form as a file', () => {
  it('gives every column', () => {
    expect(published.columns).toEqual(FORMULA_COLUMNS);
  });

  it('equals the code on random convs and gemms', () => {
    fc.assert(
      fc.property(saCases(), (drawn) => {
        expect(unlike(drawn)).toEqual([]);
      }),
      sample(100),
    );
  });

  it('equals the code in the other order of the published tool, image by image', () => {
    const loopOrder = ['oc', 'n', 'ic', 'kh', 'kw', 'oh', 'ow'] as const;
    const byImage = saCases()
      .filter(({ layer }) => layer.op === 'conv' || layer.sizes.n > 1)
      .map(({ hardware, layer }) => ({ hardware, layer: { ...layer, loopOrder } }));
    fc.assert(
      fc.property(byImage, (drawn) => {
        expect(unlike(drawn)).toEqual([]);
      }),
      sample(100),
    );
  });

  it.each(SIMD_OPS)('equals the code on random layers of %s', (op) => {
    fc.assert(
      fc.property(simdCases(op), (drawn) => {
        expect(unlike(drawn)).toEqual([]);
      }),
      sample(10),
    );
  });
});
