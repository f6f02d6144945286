/** The formulas that come along: each says what its source says. */
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closedForm, naiveEstimates } from '../../src/model/analytical/closedForm.ts';
import { cornerCycles } from '../../src/model/analytical/corner.ts';
import type { Formula } from '../../src/model/formulas/formula.ts';
import { parseFormula } from '../../src/model/formulas/parseFormula.ts';
import { type Layer, type SaLayer, UNIT_SLIDING, WEIGHT_STATIONARY } from '../../src/model/layers/layer.ts';
import { SIMD_OPS } from '../../src/model/operations/simdTable.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
import { saCases, sample, simdCases } from '../support/arbitraries.ts';
import { hardwarePreset, inferenceLayers } from '../support/presets.ts';

const folder = new URL('../../hw/formulas/', import.meta.url);

function builtIn(name: string): Formula {
  const file = `${name}.formula.json`;
  return parseFormula(JSON.parse(readFileSync(new URL(file, folder), 'utf8')), file);
}

const anyLayer = fc.oneof({ weight: 3, arbitrary: saCases() }, ...SIMD_OPS.map((op) => simdCases(op)));

/** Whether a formula's cycles are a function's, on random layers of all kinds. */
function expectCycles(name: string, cyclesOf: (layer: Layer, hardware: Hardware) => number): void {
  const formula = builtIn(name);
  fc.assert(
    fc.property(anyLayer, ({ hardware, layer }) => {
      expect(formula.on(hardware).column(layer, 'cycles')).toBeCloseTo(cyclesOf(layer, hardware), 6);
    }),
    sample(150),
  );
}

describe('the formulas that come along', () => {
  it('are these, each with its name and its source', () => {
    const names = readdirSync(folder).flatMap((file) => /^(.*)\.formula\.json$/.exec(file)?.[1] ?? []);
    expect(names.map((name) => builtIn(name).name)).toEqual(names);
    expect(names.filter((name) => (builtIn(name).source ?? '').length < 20)).toEqual([]);
    expect(names).toHaveLength(9);
  });

  it("have figure 5's naive estimates", () => {
    const naive = (layer: Layer, hardware: Hardware) =>
      naiveEstimates(layer, hardware, closedForm(layer, hardware, 'published'));
    expectCycles('no-stall', (layer, hardware) => naive(layer, hardware).noStallCycles);
    expectCycles('simplified', (layer, hardware) => naive(layer, hardware).simplifiedCycles);
  });

  it('have code of ours by reference', () => {
    expectCycles('ceiling', (layer, hardware) => closedForm(layer, hardware, 'ceiling').totalCycles);
    expectCycles('corner', cornerCycles);
  });

  it("have SCALE-Sim's stall-free count", () => {
    const formula = builtIn('scale-sim');
    const hardware = hardwarePreset('HI3');
    const layers = inferenceLayers('resnext50_32x4d', hardware);
    for (const layer of layers) {
      const cycles = formula.on(hardware).column(layer, 'cycles');
      if (layer.unit === 'SIMD') {
        expect(cycles).toBeUndefined();
        continue;
      }
      // ⌈K/R⌉ · ⌈N/C⌉ · (T + 2R + C − 2) − 1 of each group, without padding to the array.
      const { oc, ic, n, oh, ow } = layer.useful!.sizes;
      const passes = Math.ceil((layer.sizes.kh * layer.sizes.kw * ic) / 64) * Math.ceil(oc / 64);
      expect(cycles).toBe(layer.groups * (passes * (n * oh * ow + 2 * 64 + 64 - 2) - 1));
    }
    // 64 channels to 64 filters on 64 × 64 are one pass: 56² pixels + 2·64 + 64 − 2, less 1. SCALE-Sim's own count is 3325.
    const conv1 = inferenceLayers('resnet50', hardware).find(({ name }) => name === 'layer1.0.conv1')!;
    expect(formula.on(hardware).column(conv1, 'cycles')).toBe(3325);
  });

  it("have ONNXim's rule, within 2.5 % of what it took for ResNet-50's 3×3 convolutions on 64×64", () => {
    const file = new URL('../importers/scalesim/side_by_side_resnet50_64x64_conv.csv', import.meta.url);
    const [header, ...rows] = readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => line.split(','));
    const place = (column: string): number => header!.indexOf(column);
    const measured = rows.filter((row) => row[place('kh')] === '3' && row[place('stride')] === '1');
    expect(measured).toHaveLength(16);
    const on = builtIn('onnxim').on(hardwarePreset('HI3'));
    for (const row of measured) {
      const [side, ic, oc, took] = ['H', 'C', 'K', 'onnxim_64x64_hbm_delta'].map((column) =>
        Number(row[place(column)]),
      );
      const sizes = { oc: oc!, ic: ic!, kh: 3, kw: 3, n: 1, oh: side!, ow: side! };
      const layer: SaLayer = {
        ...{ unit: 'SA', name: row[0]!, op: 'conv', groups: 1, sizes, tile: sizes, ...UNIT_SLIDING },
        ...{ loopOrder: WEIGHT_STATIONARY, bits: { weight: 8, ifmap: 8, psum: 32, bias: 32 } },
      };
      const cycles = on.column(layer, 'cycles')!;
      expect(Math.abs(cycles / took! - 1), row[0]).toBeLessThan(0.025);
    }
  });
});
