import { describe, expect, it } from 'vitest';
import { closedForm } from '../../src/model/analytical/closedForm.ts';
import { addInto, emptyResult } from '../../src/model/layers/result.ts';
import { differences, golden, tileInGoldenWords } from '../support/golden.ts';
import { hardwarePreset, TRAINING_HARDWARE, trainingLayers } from '../support/presets.ts';

describe.each(['resnet18', 'resnet50'])('the published closed form of a %s training iteration', (network) => {
  it.each(TRAINING_HARDWARE)('equals every layer and column of the golden file on %s', (name) => {
    const hardware = hardwarePreset(name);
    const file = golden(`${network}-training-${name}`);
    const layers = trainingLayers(network, hardware, 'published');
    expect(layers.map((layer) => layer.unit)).toEqual(file.layers.map((layer) => layer.unit));
    const totals = { SA: emptyResult(), SIMD: emptyResult() };
    layers.forEach((layer, place) => {
      const goldenLayer = file.layers[place]!;
      const result = closedForm(layer, hardware, 'published');
      expect(differences(result, file.columns, goldenLayer.result), `${layer.name} (${place})`).toEqual([]);
      expect(tileInGoldenWords(layer, goldenLayer.tile), `${layer.name} tile`).toEqual(goldenLayer.tile);
      addInto(totals[layer.unit], result);
    });
    expect(differences(totals.SA, file.columns, file.total_SA)).toEqual([]);
    expect(differences(totals.SIMD, file.columns, file.total_SIMD)).toEqual([]);
  });
});
