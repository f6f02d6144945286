/** `systole run`: a network on a hardware point, closed form and simulation side by side. */
import { Option } from '@commander-js/extra-typings';
import { VARIANTS } from '../analytical/multipliers.ts';
import { runNetwork } from '../crosscheck/network.ts';
import { runCsv } from '../report/runCsv.ts';
import { type RunReport, runReport } from '../report/runReport.ts';
import { runTable } from '../report/runTable.ts';
import { assumptionNames } from '../schedule/assumptions.ts';
import { emit } from './files.ts';
import { assumeOption, type Format, formatOf, loadNetwork, networkCommand } from './networkCommand.ts';
import { drive } from './progress.ts';

const RENDER: Readonly<Record<Format, (report: RunReport) => string>> = {
  table: runTable,
  json: (report) => `${JSON.stringify(report, null, 2)}\n`,
  csv: runCsv,
};

export function runCommand() {
  return networkCommand('run')
    .description('run a network tile by tile, with the closed form beside it')
    .addOption(assumeOption())
    .addOption(
      new Option('--closed-form <variant>', 'how the closed form rounds')
        .choices(VARIANTS)
        .default('published' as const),
    )
    .action(async (options) => {
      const { layers, settings } = loadNetwork(options);
      const outcomes = await drive(runNetwork(layers, settings.hardware, options.assume, options.closedForm));
      const report = runReport(
        { ...settings, assumptions: assumptionNames(options.assume), closedFormVariant: options.closedForm },
        outcomes,
      );
      emit(RENDER[formatOf(options.format, options.output)](report), options.output);
    });
}
