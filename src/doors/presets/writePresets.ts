/** Writes the preset networks into `workloads/` (`npm run presets`). */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { workloadText } from '../../views/report/workloadText.ts';
import { PACKAGE_ROOT } from '../library/packageRoot.ts';
import { PRESETS, presetWorkload } from './torchvision.ts';

for (const name of Object.keys(PRESETS)) {
  writeFileSync(join(PACKAGE_ROOT, 'workloads', `${name}.json`), workloadText(presetWorkload(name)));
}
