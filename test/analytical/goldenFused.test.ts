/** Fused pairs by the published tool's own estimate: its results for ResNet-18 and -50 on HI1–HI3. */
import { describe, expect, it } from 'vitest';
import { closedForm } from '../../src/model/analytical/closedForm.ts';
import { fusedClosedForm } from '../../src/model/analytical/fused.ts';
import { membersOfPairs } from '../../src/model/fusion/pairs.ts';
import { differences, golden } from '../support/golden.ts';
import { hardwarePreset, INFERENCE_HARDWARE, inferenceLayers } from '../support/presets.ts';

describe.each(['resnet18', 'resnet50'])('fused pairs of %s', (network) => {
  it.each(INFERENCE_HARDWARE)('equal every layer and column of the golden file on %s', (name) => {
    const hardware = hardwarePreset(name);
    const file = golden(`fused/${network}-inference-fused-${name}`);
    const layers = inferenceLayers(network, hardware);
    const isFused = membersOfPairs(layers);
    expect(isFused).toEqual(file.layers.map(({ fused }) => fused));
    for (const [place, layer] of layers.entries()) {
      const by = isFused[place] ? fusedClosedForm : closedForm;
      const result = by(layer, hardware, 'published');
      expect(differences(result, file.columns, file.layers[place]!.result), `${layer.name} (${place})`).toEqual([]);
    }
    expect(layers.length).toBe(file.layers.length);
  });
});
