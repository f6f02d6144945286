/** `systole run`: a network on a hardware point, closed form and simulation side by side. */
import { Option } from '@commander-js/extra-typings';
import { VARIANTS } from '../../model/analytical/multipliers.ts';
import { atClockOf } from '../../model/energy/constants.ts';
import type { Fusion } from '../../model/fusion/groups.ts';
import { BOUNDS } from '../../model/schemas/bounds.ts';
import { dramCountsCsv } from '../../views/report/dramCountsCsv.ts';
import { withGroupEntries } from '../../views/report/groupEntries.ts';
import { columnMeant, sortedLayers } from '../../views/report/layerOrder.ts';
import { runColumns, runCsv } from '../../views/report/runCsv.ts';
import { runLead } from '../../views/report/runLead.ts';
import type { RunReport } from '../../views/report/runReport.ts';
import { runTable } from '../../views/report/runTable.ts';
import { runPrepared, withCycleStepped, withDramEnergy, withDramLatencies } from '../library/network.ts';
import { jsonResult } from './jsonResult.ts';
import {
  assumeOption,
  FORMATS,
  type Format,
  formatOf,
  fuseOption,
  type LoadedNetwork,
  loadNetwork,
  networkCommand,
} from './networkCommand.ts';
import { countOption, dramEnergyInHelp, refuseWithoutEffect } from './options.ts';
import { checkOutput, emit } from './output/emit.ts';
import { outputColumns } from './outputWidth.ts';
import { drive } from './progress.ts';

/** What reads energy data is loaded where such are given. */
const energyFiles = () => import('./energyFiles.ts');

/** The layers that take most come first. */
const BY_CYCLES = 'simulated.totalCycles';

/** What of a run is to be seen, and in which order. */
interface ViewOptions {
  readonly energy?: string | undefined;
  readonly dramEnergy?: string | undefined;
  readonly summary?: true | undefined;
  readonly dramCounts?: true | undefined;
  readonly top?: number | undefined;
  readonly sort?: string | undefined;
}

/** Refuses what changes nothing in a format. */
function checkView({ energy, dramEnergy, summary, top, sort, dramCounts }: ViewOptions, format: Format): void {
  if (format !== 'table') refuseWithoutEffect('--summary', summary, '--format table');
  if (summary || format === 'json') {
    const needs = '--format table or csv, and no --summary';
    refuseWithoutEffect('--top', top, needs);
    refuseWithoutEffect('--sort', sort, needs);
  }
  if (summary) {
    refuseWithoutEffect('--dram-counts', dramCounts, 'no --summary');
    refuseWithoutEffect('--dram-energy', dramEnergy, 'no --summary');
  }
  if (format === 'csv') refuseWithoutEffect('--dram-energy', dramEnergy, '--format table or json');
  if (dramCounts && format === 'csv') {
    refuseWithoutEffect('--energy', energy, 'rows of layers, not --dram-counts');
    refuseWithoutEffect('--top', top, 'rows of layers, not --dram-counts');
    refuseWithoutEffect('--sort', sort, 'rows of layers, not --dram-counts');
  }
}

/** A run as it was asked for; the column to sort by is one that the layers have. */
function rendered(result: RunReport, view: ViewOptions, format: Format, room: number): string | Iterable<string> {
  if (format === 'json') return jsonResult(result);
  const report = withGroupEntries(result);
  const { summary, dramCounts, top, sort = top === undefined ? undefined : BY_CYCLES } = view;
  const layers = (sort === undefined ? report.layers : sortedLayers(report, sort)).slice(0, top);
  switch (format) {
    case 'table':
      return summary ? runLead(report, room) : runTable(report, layers, room, dramCounts);
    case 'csv':
      return dramCounts ? dramCountsCsv(report.dramCounts!, runColumns(report)) : runCsv({ ...report, layers });
  }
}

/** The settings with energy data, at the clock at which those hold. */
export async function withEnergy(
  settings: LoadedNetwork['settings'],
  nameOrPath: string,
): Promise<LoadedNetwork['settings']> {
  const { loadEnergy } = await energyFiles();
  const energy = loadEnergy(nameOrPath, settings.hardware);
  return { ...settings, hardware: atClockOf(energy, settings.hardware), energy };
}

/** The command with all options of a run and the formats of its result, and no action yet. */
export function runOptions<Formats extends readonly Format[]>(name: string, formats: Formats) {
  return networkCommand(name, formats)
    .addOption(assumeOption())
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
export type RunOptions = ReturnType<ReturnType<typeof runOptions<typeof FORMATS>>['opts']>;

/** Runs what the options ask for; `check` may throw what it has against the network before it runs. */
export async function runWith(
  options: RunOptions & {
    readonly cycleStepped?: string | undefined;
    readonly dramEnergy?: string | undefined;
    readonly dramCounts?: true | undefined;
    readonly fuse?: Fusion | undefined;
  },
  check: (network: LoadedNetwork) => void = () => {},
): Promise<RunReport> {
  const loaded = await loadNetwork(options);
  const settings = options.energy === undefined ? loaded.settings : await withEnergy(loaded.settings, options.energy);
  const priced = { ...loaded, settings };
  const tileGrained =
    options.dramEnergy === undefined
      ? priced
      : withDramEnergy(priced, (await energyFiles()).loadDramEnergy(options.dramEnergy), '--dram-energy');
  const watched = options.dramCounts ? withDramLatencies(tileGrained, '--dram-counts') : tileGrained;
  const names = options.cycleStepped?.split(',').map((name) => name.trim());
  const network = names ? await withCycleStepped(watched, names, '--cycle-stepped') : watched;
  check(network);
  checkOutput(options.output);
  const fused = { ...network, machine: { ...network.machine, fusion: options.fuse ?? 'none' } };
  return drive(runPrepared(fused, options.assume, options.closedForm));
}

export function runCommand() {
  return runOptions('run', FORMATS)
    .description('run a network tile by tile, with the closed form beside it')
    .addOption(fuseOption())
    .option('--dram-energy <preset|file>', dramEnergyInHelp())
    .option(
      '--dram-counts',
      'what banked DRAM did, by channel, interface and tensor, latencies too; as CSV these rows, not the layers',
    )
    .option(
      '--cycle-stepped <layers>',
      'layers whose tiles are computed register by register, each compared with its tile-grained figures',
    )
    .option('--summary', 'only the first lines: cycles, time, what dominates, the layers that take most')
    .option('--top <n>', 'only the first layers: those that take most, or by --sort', countOption(BOUNDS.shownLayers))
    .option(
      '--sort <column>',
      'layers by a column of the CSV, largest first: totalCycles, stallCycles, dramBits.weight, …, or change',
    )
    .action(async (options) => {
      const format = formatOf(options.format, options.output);
      checkView(options, format);
      let { sort } = options;
      const report = await runWith(options, ({ layers, settings }) => {
        if (sort !== undefined) sort = columnMeant(layers, settings, sort, '--sort');
      });
      await emit(rendered(report, { ...options, sort }, format, outputColumns(options.output)), options.output);
    });
}
