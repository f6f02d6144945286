/** `systole run`: a network on a hardware point, closed form and simulation side by side. */
import { Option } from '@commander-js/extra-typings';
import { VARIANTS } from '../../model/analytical/multipliers.ts';
import { atClockOf } from '../../model/energy/constants.ts';
import { runCsv } from '../../views/report/runCsv.ts';
import type { RunReport } from '../../views/report/runReport.ts';
import { runTable } from '../../views/report/runTable.ts';
import { runPrepared } from '../library/network.ts';
import { jsonResult } from './jsonResult.ts';
import {
  assumeOption,
  type Format,
  formatOf,
  type LoadedNetwork,
  loadNetwork,
  networkCommand,
} from './networkCommand.ts';
import { loadEnergy } from './options.ts';
import { checkOutput, emit } from './output/emit.ts';
import { drive } from './progress.ts';

const RENDER: Readonly<Record<Format, (report: RunReport) => Iterable<string>>> = {
  table: runTable,
  json: jsonResult,
  csv: runCsv,
};

/** The settings with energy data, at the clock at which those hold. */
export function withEnergy(settings: LoadedNetwork['settings'], nameOrPath: string): LoadedNetwork['settings'] {
  const energy = loadEnergy(nameOrPath, settings.hardware);
  return { ...settings, hardware: atClockOf(energy, settings.hardware), energy };
}

/** The command with all options of a run, and no action yet. */
export function runOptions(name: string, assume = assumeOption()) {
  return networkCommand(name)
    .addOption(assume)
    .addOption(
      new Option('--closed-form <variant>', 'how the closed form rounds')
        .choices(VARIANTS)
        .default('published' as const),
    )
    .option(
      '--energy <fit|file>',
      'energy and power too: fit (constants fitted to the paper), or a JSON file of yours',
    );
}

/** The options of a run, as parsed. */
export type RunOptions = ReturnType<ReturnType<typeof runOptions>['opts']>;

/** Runs what the options ask for. */
export async function runWith(options: RunOptions): Promise<RunReport> {
  const loaded = await loadNetwork(options);
  const settings = options.energy === undefined ? loaded.settings : withEnergy(loaded.settings, options.energy);
  checkOutput(options.output);
  return drive(runPrepared({ ...loaded, settings }, options.assume, options.closedForm));
}

export function runCommand() {
  return runOptions('run')
    .description('run a network tile by tile, with the closed form beside it')
    .action(async (options) => {
      const report = await runWith(options);
      await emit(RENDER[formatOf(options.format, options.output)](report), options.output);
    });
}
