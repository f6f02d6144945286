/** What the paper's targets need, from the presets. */
import type { PaperInputs } from '../../src/studies/paper/target.ts';
import { fitFor } from './energy.ts';
import { graphPreset, hardwarePreset } from './presets.ts';

export const PAPER_INPUTS: PaperInputs = {
  hardware: hardwarePreset,
  network: graphPreset,
  networks: () => ['resnet18', 'mobilenet_v2'],
  energy: fitFor,
};
