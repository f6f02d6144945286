/** `systole paper`: the paper's tables and figures recomputed, printed figures beside ours. */
import { extname, join } from 'node:path';
import { Argument, Command, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { FUSIONS, type Fusion } from '../../model/fusion/groups.ts';
import { type Hardware, parseHardware } from '../../model/schemas/hardware.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import { parseWorkload } from '../../model/schemas/workload.ts';
import { buildGraph, type Graph } from '../../model/workload/graph.ts';
import { paperTargets } from '../../studies/paper/paper.ts';
import {
  FUSIBLE_TARGETS,
  PAPER_TARGETS,
  type PaperInputs,
  type PaperTarget,
  type PaperTargetName,
} from '../../studies/paper/target.ts';
import { figureCsv, paperCsv } from '../../views/report/paperCsv.ts';
import { paperTable } from '../../views/report/paperTable.ts';
import { versioned } from '../library/version.ts';
import { loadEnergy } from './energyFiles.ts';
import { figureSvgs } from './figureSvg.ts';
import { presetNames, readJson } from './files.ts';
import { makeFolder } from './folder.ts';
import { FORMATS, type Format, formatOf } from './networkCommand.ts';
import { checkOutput, emit } from './output/emit.ts';
import { STDOUT_NAME } from './output/target.ts';
import { writeWhole } from './output/wholeFile.ts';
import { outputColumns } from './outputWidth.ts';
import { driveLong } from './progress.ts';

/** `VI`, `table-VI`, `figure 12`, `fig12`: a target by its number. */
function parseTarget(text: string, before: readonly PaperTargetName[] = []): PaperTargetName[] {
  const number = text.replace(/^(table|figure|fig\.?)[-_ ]?/i, '').toUpperCase();
  const target = PAPER_TARGETS.find((name) => name.toUpperCase() === number);
  if (target === undefined) {
    throw new InvalidArgumentError(
      `expected tables VI, VII, VIII, IX, X, figures 5, 11, 12 or networks; got "${text}".`,
    );
  }
  return before.includes(target) ? [...before] : [...before, target];
}

const DEFAULT_ENERGY = 'fit';

/** The files that come with Systole; a user's own have no printed figures. */
const presetHardware = (name: string): Hardware => {
  const { value, file } = readJson(name, 'hw', 'hardware');
  return parseHardware(value, file);
};
const presetNetwork = (name: string): Graph => {
  const { value, file } = readJson(name, 'workloads', 'workload');
  return buildGraph(parseWorkload(value, file), file);
};

/** The rows of all targets; JSON of one target is an object, CSV of one figure is what it plots. */
const RENDER: Readonly<Record<Format, (targets: readonly PaperTarget[], room: number) => string>> = {
  table: paperTable,
  json: (targets) => {
    const bare = targets.map(({ data, plotted, ...target }) => versioned(target));
    return `${JSON.stringify(bare.length === 1 ? bare[0] : bare, null, 2)}\n`;
  },
  csv: (targets) => {
    const [first, ...others] = targets;
    return others.length === 0 && first?.data !== undefined ? figureCsv(first.data) : paperCsv(targets);
  },
};

/** `table-VI.csv` with its rows; `figure-11.csv` with its data and `figure-11.svg`. */
async function writeFiles(folder: string, targets: readonly PaperTarget[]): Promise<void> {
  for (const target of targets) {
    if (target.data === undefined) {
      const fused = target.fuse === undefined ? '' : `-${target.fuse}`;
      writeWhole(join(folder, `table-${target.target}${fused}.csv`), paperCsv([target]));
    } else {
      writeWhole(join(folder, `figure-${target.target}.csv`), figureCsv(target.data));
      for (const [suffix, svg] of await figureSvgs(target)) {
        writeWhole(join(folder, `figure-${target.target}${suffix}.svg`), svg);
      }
    }
  }
}

/** Whether an output is stdout or named like a file that can hold the rows; anything else is a folder. */
function isFile(output: string | undefined): boolean {
  return output === STDOUT_NAME || (output !== undefined && ['.json', '.csv', '.txt'].includes(extname(output)));
}

/** What is computed: what is asked for, or all that is meant by nothing. Throws an InputError for what cannot be fused. */
function targetsOf(asked: readonly PaperTargetName[], fuse: Fusion): readonly PaperTargetName[] {
  const all = PAPER_TARGETS.filter(
    (name) => name !== 'networks' && (fuse === 'none' || FUSIBLE_TARGETS.includes(name)),
  );
  if (asked.length === 0) return all;
  const apart = fuse === 'none' ? undefined : asked.find((name) => !FUSIBLE_TARGETS.includes(name));
  if (apart !== undefined) {
    const expected = `tables VI and VII or networks, not ${apart}: only those are of layers that can be fused`;
    throw new InputError({ file: '--fuse', path: '', value: fuse, expected });
  }
  return asked;
}

export function paperCommand() {
  return new Command('paper')
    .description("the paper's tables and figures recomputed, printed figures beside ours")
    .addArgument(
      new Argument(
        '[targets...]',
        'tables VI, VII, VIII, IX, X, figures 5, 11, 12 (default: all of these), or networks: shares of runtime of every network',
      ).argParser(parseTarget),
    )
    .option('--energy <fit|file>', 'energy data: fit (constants fitted to the paper), or a JSON file', DEFAULT_ENERGY)
    .addOption(
      new Option('--fuse <fusion>', 'tables VI and VII, and networks, with fused layers (default: none)').choices(
        FUSIONS,
      ),
    )
    .addOption(new Option('--format <format>', 'of the result (default: table)').choices(FORMATS))
    .option(
      '-o, --output <folder|file>',
      'a folder for CSV files and SVG plots too, or a .json, .csv or .txt file (- for stdout) for the result',
    )
    .action(async (asked, { energy, fuse = 'none', format, output }) => {
      const targets = targetsOf(asked, fuse);
      const inputs: PaperInputs = {
        hardware: presetHardware,
        network: presetNetwork,
        networks: () => presetNames('workloads'),
        energy: (hardware) => loadEnergy(energy, hardware),
      };
      const [file, folder] = isFile(output) ? [output, undefined] : [undefined, output];
      // Before anything is computed, so that a wrong one is known at once.
      if (folder !== undefined) makeFolder(folder);
      checkOutput(file);
      const computed = await driveLong(paperTargets(targets, inputs, fuse), (progress) => progress);
      if (folder !== undefined) await writeFiles(folder, computed);
      await emit(RENDER[formatOf(format, file)](computed, outputColumns(file)), file);
    });
}
