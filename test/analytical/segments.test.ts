import { describe, expect, it } from 'vitest';
import { closedForm } from '../../src/model/analytical/closedForm.ts';
import { VARIANTS } from '../../src/model/analytical/multipliers.ts';
import { convSegments } from '../../src/model/analytical/segmentKinds.ts';
import type { SaLayer } from '../../src/model/layers/layer.ts';
import { hardwarePreset, inferenceLayers, trainingLayers } from '../support/presets.ts';

describe('the segments of the closed form', () => {
  it.each(['HI1', 'HI2', 'HI3', 'HT1', 'HT3'])('add up to its stall on every layer on %s', (name) => {
    const hardware = hardwarePreset(name);
    const layers = ['resnet18', 'resnet50', 'vgg16', 'alexnet'].flatMap((network) =>
      name.startsWith('HI') ? inferenceLayers(network, hardware) : trainingLayers(network, hardware, 'exact'),
    );
    for (const layer of layers) {
      if (layer.unit === 'SIMD') continue;
      for (const variant of VARIANTS) {
        const { stallCycles } = closedForm(layer, hardware, variant);
        const sum = convSegments(layer, hardware, variant).reduce(
          (all, each) => all + each.count * each.stallCycles,
          0,
        );
        expect(Math.abs(sum - stallCycles), layer.name).toBeLessThanOrEqual(1e-9 * stallCycles);
      }
    }
  });

  it('of a gemm with one row and one ic tile: the next weights in, six times with a store', () => {
    // ResNet-50's fc on HI3: eight oc tiles of 128. 2048·128 bytes and 128 words take 4,096 + 8 cycles of 512 bits, a
    // tile computes 32·2 + 126 = 190 cycles, its ofmap takes 8.
    const hardware = hardwarePreset('HI3');
    const fc = inferenceLayers('resnet50', hardware).find(({ name }) => name === 'fc') as SaLayer;
    expect(convSegments(fc, hardware, 'published')).toEqual([
      { kind: 'first', moves: ['ifmap', 'weight', 'bias'], count: 1, stallCycles: 4_104 },
      { kind: 'nextOc', moves: ['weight', 'bias'], count: 1, stallCycles: 4_104 - 190 },
      { kind: 'nextOcAndStore', moves: ['weight', 'bias', 'psumStore'], count: 6, stallCycles: 4_104 - 190 },
      { kind: 'secondLast', moves: ['psumStore'], count: 1, stallCycles: 0 },
      { kind: 'last', moves: ['psumStore'], count: 1, stallCycles: 8 },
    ]);
  });
});
