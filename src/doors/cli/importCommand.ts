/** `systole import`: a network file of any kind as a workload file of ours, or what it has in short. */
import { Command, Option } from '@commander-js/extra-typings';
import { InputError } from '../../model/schemas/inputError.ts';
import { type ImportSummary, importCsv, importSummary, importTable } from '../../views/report/importSummary.ts';
import { workloadText } from '../../views/report/workloadText.ts';
import { jsonResult } from './jsonResult.ts';
import { FORMATS, type Format } from './networkCommand.ts';
import { refuseWithoutEffect } from './options.ts';
import { emit } from './output/emit.ts';
import { isStdout } from './output/target.ts';
import { outputColumns } from './outputWidth.ts';
import { loadNetworkFile, prepareWorkload } from './workloadFile.ts';

const RENDER: Readonly<Record<Format, (summary: ImportSummary, room: number) => string | Iterable<string>>> = {
  table: importTable,
  json: jsonResult,
  csv: importCsv,
};

export function importCommand() {
  return new Command('import')
    .description('read a network as a workload file: ONNX (its weights are not read), SCALE-Sim CSV, SimDIT or ours')
    .argument('<file>', 'the file, or a preset')
    .option('-o, --output <file>', 'where the workload goes (default: stdout, unless there is a summary)')
    .option('--summary', 'print parameters, useful MACs and the output of every layer')
    .addOption(new Option('--format <format>', 'of the summary (default: table)').choices(FORMATS))
    .action(async (file, options) => {
      const { output, summary } = options;
      if (!summary) refuseWithoutEffect('--format', options.format, '--summary');
      if (summary && output !== undefined && isStdout(output)) {
        const expected = 'a file, because the summary goes to stdout';
        throw new InputError({ file: '--output', path: '', value: output, expected });
      }
      await prepareWorkload(file);
      const network = loadNetworkFile(file, 'systole import');
      // Where the file's own schema lies says nothing of where this one's does.
      const workload = { ...network.workload, $schema: undefined };
      if (output !== undefined || !summary) await emit(workloadText(workload), output);
      if (summary) await emit(RENDER[options.format ?? 'table'](importSummary(network), outputColumns(undefined)));
    });
}
