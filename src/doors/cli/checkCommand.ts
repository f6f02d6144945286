/** `systole check`: every cycle between the closed form and the machine, one assumption at a time. */
import { Option } from '@commander-js/extra-typings';
import { CsvError, parse } from 'csv-parse/sync';
import { FUSIONS } from '../../model/fusion/groups.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import { parsePredictions } from '../../studies/check/against.ts';
import { scaleSimPredictions } from '../../studies/check/scaleSim.ts';
import { checkCsv } from '../../views/report/checkCsv.ts';
import type { CheckReport } from '../../views/report/checkReport.ts';
import { checkTable } from '../../views/report/checkTable.ts';
import { checkPrepared, type Predictions } from '../library/check.ts';
import { readInput } from './inputs.ts';
import { jsonResult } from './jsonResult.ts';
import {
  type Format,
  formatOf,
  type LoadedNetwork,
  loadElsewhere,
  loadNetwork,
  networkCommand,
} from './networkCommand.ts';
import { checkOutput, emit } from './output/emit.ts';
import { outputColumns } from './outputWidth.ts';
import { drive } from './progress.ts';

const RENDER: Readonly<Record<Format, (report: CheckReport, room: number) => Iterable<string>>> = {
  table: checkTable,
  json: jsonResult,
  csv: checkCsv,
};

/** What the formula is called in place of a file; a file of that name is `./scale-sim`. */
const SCALE_SIM = 'scale-sim';

/** What follows is no line of predictions. */
const LONGEST_LINE = 1 << 16;

/** Reads a user's predictions before anything is simulated. */
function readPredictions(file: string): Predictions {
  const text = readInput(file, { option: '--against', expected: 'a CSV file that can be read' });
  try {
    const rows = parse(text, {
      bom: true,
      max_record_size: LONGEST_LINE,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
    }) as string[][];
    return { predictions: parsePredictions(rows, file), file };
  } catch (error) {
    if (error instanceof CsvError) throw new InputError({ file, path: '', expected: `CSV (${error.message})` });
    throw error;
  }
}

/** SCALE-Sim's predictions, by that name, or those of a user's file. */
function predictionsOf(asked: string, { layers, settings }: LoadedNetwork): Predictions {
  if (asked !== SCALE_SIM) return readPredictions(asked);
  return { predictions: scaleSimPredictions(layers, settings.hardware), file: SCALE_SIM };
}

export function checkCommand() {
  return networkCommand('check')
    .description('explain every cycle between the closed form and the machine, one assumption at a time')
    .option('--keep-resident', 'one more step: tiles that a slot still holds are not loaded again')
    .option('--prefetch', 'one more step: no barrier between layers, each waits for its own inputs only')
    .addOption(
      new Option('--fuse <fusion>', 'one more step: layers that hand their tiles over on chip').choices(FUSIONS),
    )
    .option(
      '--against <file|scale-sim>',
      "compare a prediction, yours (a CSV of layer,cycles) or SCALE-Sim's stall-free formula, with the ladder's last step",
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
