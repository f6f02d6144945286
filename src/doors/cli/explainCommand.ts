/** `systole explain`: why a layer takes what it takes, and what would change it. */

import { assumptionNames } from '../../model/schedule/assumptions.ts';
import { explainLayer, STAGES } from '../../studies/explain/explanation.ts';
import { explainData, explainText } from '../../views/report/explainReport.ts';
import { layerNamed } from '../library/layerNames.ts';
import { jsonResult } from './jsonResult.ts';
import { barrierAssumeOption, loadElsewhere, loadNetwork, tableOrJson } from './networkCommand.ts';
import { checkOutput, emit } from './output/emit.ts';
import { outputColumns } from './outputWidth.ts';
import { driveLong } from './progress.ts';
import { retilersOf } from './retilers.ts';
import { runOptions, withEnergy } from './runCommand.ts';

export function explainCommand() {
  return runOptions('explain', barrierAssumeOption())
    .description('say why a layer takes what it takes, and which size or bandwidth would change it')
    .requiredOption('--layer <name>', 'the layer, as `run` names it')
    .action(async (options) => {
      const format = tableOrJson(options.format, options.output);
      const network = await loadNetwork(options);
      const loaded = options.energy === undefined ? network.settings : withEnergy(network.settings, options.energy);
      const { hardware, dram, energy } = loaded;
      checkOutput(options.output);
      const layer = layerNamed(network.layers, options.layer);
      const explanation = await driveLong(
        explainLayer(layer, {
          hardware,
          dram,
          assumptions: options.assume,
          variant: options.closedForm,
          fastForward: options.fastForward,
          energy: energy?.constants,
          ...retilersOf(options, network, layer.name),
          elsewhere: loadElsewhere(options, network).find(({ name }) => name === layer.name),
        }),
        ({ stage, what, runs, share }) => ({
          share: stage / STAGES.length,
          text: `trying ${what}, ${stage + 1} of ${STAGES.length}: run ${runs + 1}, ${Math.floor(100 * share)}% done`,
        }),
      );
      const settings = {
        ...loaded,
        assumptions: assumptionNames(options.assume),
        closedFormVariant: options.closedForm,
      };
      const result =
        format === 'json'
          ? jsonResult(explainData(settings, explanation))
          : explainText(settings, explanation, outputColumns(options.output));
      await emit(result, options.output);
    });
}
