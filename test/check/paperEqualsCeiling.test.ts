import { describe, expect, it } from 'vitest';
import { closedForm } from '../../src/model/analytical/closedForm.ts';
import type { Layer } from '../../src/model/layers/layer.ts';
import { columnsOf } from '../../src/model/layers/result.ts';
import { Machine } from '../../src/model/machine/machine.ts';
import { PAPER } from '../../src/model/schedule/assumptions.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
import {
  hardwarePreset,
  INFERENCE_HARDWARE,
  inferenceLayers,
  TRAINING_HARDWARE,
  trainingLayers,
} from '../support/presets.ts';

function expectCeiling(layers: readonly Layer[], hardware: Hardware): void {
  const machine = new Machine(hardware);
  for (const layer of layers) {
    const expected = columnsOf(closedForm(layer, hardware, 'ceiling'));
    const simulated = columnsOf(machine.run(layer, PAPER));
    const sameColumns = [...expected.keys()].map((key) => [key, simulated.get(key)]);
    expect(Object.fromEntries(sameColumns), layer.name).toEqual(Object.fromEntries(expected));
  }
}

describe.each(['resnet18', 'resnet50', 'vgg16', 'alexnet'])("%s inference under the paper's assumptions", (network) => {
  it.each(INFERENCE_HARDWARE)('equals the ceiling closed form in every column of every layer on %s', (name) => {
    const hardware = hardwarePreset(name);
    expectCeiling(inferenceLayers(network, hardware), hardware);
  });
});

describe.each(['resnet18', 'resnet50'])("a %s training iteration under the paper's assumptions", (network) => {
  it.each(TRAINING_HARDWARE)('equals the ceiling closed form in every column of every layer on %s', (name) => {
    const hardware = hardwarePreset(name);
    expectCeiling(trainingLayers(network, hardware, 'published'), hardware);
  });
});
