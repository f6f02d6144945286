/** `systole check`: every cycle between the closed form and the machine, one assumption at a time. */
import { Option } from '@commander-js/extra-typings';
import { FUSIONS } from '../../model/fusion/groups.ts';
import { checkCsv } from '../../views/report/checkCsv.ts';
import type { CheckReport } from '../../views/report/checkReport.ts';
import { checkTable } from '../../views/report/checkTable.ts';
import { checkPrepared, type Predictions } from '../library/check.ts';
import { isFormula, loadFormula } from './formulaFiles.ts';
import { jsonResult } from './jsonResult.ts';
import {
  FORMATS,
  type Format,
  formatOf,
  type LoadedNetwork,
  loadElsewhere,
  loadNetwork,
  networkCommand,
} from './networkCommand.ts';
import { checkOutput, emit } from './output/emit.ts';
import { outputColumns } from './outputWidth.ts';
import { readPredictions } from './predictions.ts';
import { drive } from './progress.ts';

const RENDER: Readonly<Record<Format, (report: CheckReport, room: number) => Iterable<string>>> = {
  table: checkTable,
  json: jsonResult,
  csv: checkCsv,
};

/** What a formula says of the layers, by its name or its file, or the predictions of a user's CSV file. */
function predictionsOf(asked: string, { layers, settings }: LoadedNetwork): Predictions {
  if (!isFormula(asked)) return readPredictions(asked);
  const formula = loadFormula(asked, '--against').on(settings.hardware);
  const predictions = layers.flatMap((layer, place) => {
    const cycles = formula.column(layer, 'cycles');
    return cycles === undefined ? [] : [{ layer: layer.name, cycles, line: place + 1, run: {} }];
  });
  return { predictions, file: asked };
}

export function checkCommand() {
  return networkCommand('check', FORMATS)
    .description('explain every cycle between the closed form and the machine, one assumption at a time')
    .option('--keep-resident', 'one more step: tiles that a slot still holds are not loaded again')
    .option('--prefetch', 'one more step: no barrier between layers, each waits for its own inputs only')
    .addOption(
      new Option('--fuse <fusion>', 'one more step: layers that hand their tiles over on chip').choices(FUSIONS),
    )
    .option(
      '--against <file|formula>',
      "compare a prediction, a CSV of layer,cycles or a formula (yours, or scale-sim, roofline, …), with the ladder's last step",
    )
    .action(async (options) => {
      const network = await loadNetwork(options);
      const against = options.against === undefined ? undefined : predictionsOf(options.against, network);
      checkOutput(options.output);
      const report = await drive(checkPrepared(network, options, against, loadElsewhere(options, network)));
      await emit(
        RENDER[formatOf(options.format, options.output)](report, outputColumns(options.output)),
        options.output,
      );
    });
}
