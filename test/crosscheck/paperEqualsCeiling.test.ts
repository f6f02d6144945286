import { describe, expect, it } from 'vitest';
import { closedForm } from '../../src/analytical/closedForm.ts';
import { columnsOf } from '../../src/layers/result.ts';
import { Machine } from '../../src/machine/machine.ts';
import { PAPER } from '../../src/schedule/assumptions.ts';
import { hardwarePreset, INFERENCE_HARDWARE, inferenceLayers } from '../support/presets.ts';

describe.each(['resnet18', 'resnet50', 'vgg16', 'alexnet'])("%s inference under the paper's assumptions", (network) => {
  it.each(INFERENCE_HARDWARE)('equals the ceiling closed form in every column of every layer on %s', (name) => {
    const hardware = hardwarePreset(name);
    const machine = new Machine(hardware);
    for (const layer of inferenceLayers(network, hardware)) {
      const expected = columnsOf(closedForm(layer, hardware, 'ceiling'));
      const simulated = columnsOf(machine.run(layer, PAPER));
      expect(Object.fromEntries([...expected.keys()].map((key) => [key, simulated.get(key)])), layer.name).toEqual(
        Object.fromEntries(expected),
      );
    }
  });
});
