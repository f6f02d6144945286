import { expect, it } from 'vitest';
import { closedForm } from '../../src/model/analytical/closedForm.ts';
import { programClosedForm } from '../../src/model/analytical/programClosedForm.ts';
import { tileProgram } from '../../src/model/tiling/tileProgram.ts';
import { inferenceProgram } from '../../src/model/workload/forward.ts';
import { trainingProgram } from '../../src/model/workload/training.ts';
import { graphPreset, hardwarePreset } from '../support/presets.ts';

it.each([
  ['resnet50', 'HI3'],
  ['mobilenet_v2', 'HI1'],
  ['resnet18', 'HT2'],
] as const)('says of each layer of %s on %s what it says of that layer alone', (network, name) => {
  const hardware = hardwarePreset(name);
  const graph = graphPreset(network);
  const program = name.startsWith('HT') ? trainingProgram(graph, 32, 'exact') : inferenceProgram(graph, 1);
  for (const variant of ['published', 'ceiling'] as const) {
    const one = tileProgram(program, hardware).map((layer) => closedForm(layer, hardware, variant));
    expect(programClosedForm(program, hardware, variant)).toEqual(one);
  }
});
