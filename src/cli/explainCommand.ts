/** `systole explain`: why a layer takes what it takes, and what would change it. */

import { dramInWords } from '../dram/model.ts';
import type { Explanation } from '../explain/explanation.ts';
import { explainLayer } from '../explain/explanation.ts';
import type { Retile } from '../explain/tileLevers.ts';
import { explainText } from '../report/explainReport.ts';
import { InputError } from '../spec/inputError.ts';
import { tileOperation } from '../tiling/tileProgram.ts';
import { emit } from './files.ts';
import { layerNamed } from './layerNames.ts';
import { formatOf, type LoadedNetwork, loadNetwork } from './networkCommand.ts';
import { driveLong } from './progress.ts';
import { runOptions } from './runCommand.ts';

const STAGES = 4;

/** Tiles the layer of a name again, on another hardware point. */
function retilerOf({ program }: LoadedNetwork, name: string): Retile {
  const { operations, file } = program;
  const place = operations.findIndex((operation) => operation.unit !== 'free' && operation.name === name);
  const operation = operations[place]!;
  if (operation.unit === 'free') throw new Error('free operations are not tiled');
  return (hardware) => tileOperation(operation, operations[place + 1]?.unit === 'SA', hardware, file);
}

/** The explanation as data. */
function explainJson(network: LoadedNetwork, { layer, tileLevers, ...rest }: Explanation): string {
  const { hardware, workload, phase, batch, dram } = network.settings;
  const report = {
    hardware: hardware.name,
    workload,
    phase,
    batch,
    dram: dramInWords(dram),
    layer,
    ...rest,
    tileLevers: tileLevers.map(({ more, ...lever }) => ({
      ...lever,
      more: more === undefined ? null : { kib: more.kib, changes: more.changes, tile: more.layer.tile },
    })),
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

export function explainCommand() {
  return runOptions('explain')
    .description('say why a layer takes what it takes, and which size or bandwidth would change it')
    .requiredOption('--layer <name>', 'the layer, as `run` names it')
    .action(async (options) => {
      const network = loadNetwork(options);
      const { hardware, workload, phase, batch, dram } = network.settings;
      const layer = layerNamed(network.layers, options.layer);
      let stage = 0;
      const explanation = await driveLong(
        explainLayer(layer, {
          hardware,
          assumptions: options.assume,
          variant: options.closedForm,
          machine: network.machine,
          retile: retilerOf(network, layer.name),
        }),
        (what) => ({ share: stage++ / STAGES, text: `trying ${what}` }),
      );
      const format = formatOf(options.format, options.output);
      if (format === 'csv') {
        throw new InputError({ file: '--format', path: '', value: format, expected: 'table or json' });
      }
      const setting = `${workload} ${phase}, batch ${batch}, on ${hardware.name}; DRAM: ${dramInWords(dram)}`;
      emit(format === 'json' ? explainJson(network, explanation) : explainText(setting, explanation), options.output);
    });
}
