/** `systole validate`: formulas on trial against the machine; without a formula, or with one alone, files are checked. */
import { extname } from 'node:path';
import { Command, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import type { Formula } from '../../model/formulas/formula.ts';
import { FUSIONS, type Fusion } from '../../model/fusion/groups.ts';
import type { Assumptions } from '../../model/schedule/assumptions.ts';
import { BOUNDS } from '../../model/schemas/bounds.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import { didYouMean } from '../../model/schemas/nearest.ts';
import { type Estimator, estimatorOf, type ValidationRun } from '../../studies/check/estimator.ts';
import { validateFormulas } from '../../studies/check/validation.ts';
import { validationCsv } from '../../views/report/validationCsv.ts';
import { type ValidationReport, validationReport } from '../../views/report/validationReport.ts';
import { validationTable } from '../../views/report/validationTable.ts';
import { DEFAULT_TOP, validationMachine, validationProgress } from '../library/validate.ts';
import { loadDramModel } from './dramFiles.ts';
import type { DramOptions } from './dramOptions.ts';
import { makeFolder } from './folder.ts';
import { loadFormula } from './formulaFiles.ts';
import { jsonResult } from './jsonResult.ts';
import { assumeOption, FORMATS, type Format, formatOf, settingOptions, tableOrJson } from './networkCommand.ts';
import { countOption, naturalOption, type Phase, refuseWithoutEffect } from './options.ts';
import { checkOutput, emit } from './output/emit.ts';
import { STDOUT_NAME } from './output/target.ts';
import { outputColumns } from './outputWidth.ts';
import { readPredictions } from './predictions.ts';
import { driveLong } from './progress.ts';
import { adding } from './repeatedOptions.ts';
import { checkedLines, checkFiles } from './validate/files.ts';
import { predictedRuns } from './validate/predictedRuns.ts';
import { writeResults } from './validate/results.ts';
import { DEFAULT_POINTS, type RunsOptions, runsOf } from './validate/runs.ts';

/** `a,b`, or the option again. */
const listed = adding<string[]>((text, before = []) => {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) throw new InvalidArgumentError('expected names with a comma between them.');
  return [...before, ...names];
});

const PHASES: readonly Phase[] = ['inference', 'training'];

const listedPhases = adding<Phase[]>((text, before = []) => {
  const phases = new Set(before);
  for (const name of listed(text)) {
    const phase = PHASES.find((each) => each === name.toLowerCase());
    if (phase === undefined) {
      throw new InvalidArgumentError(`expected inference, training or both; got "${name}"${didYouMean(name, PHASES)}.`);
    }
    phases.add(phase);
  }
  return [...phases];
});

/** Whether an output is stdout or named like a file that can hold the result; anything else is a folder. */
function isFile(output: string | undefined): boolean {
  return output === STDOUT_NAME || (output !== undefined && ['.json', '.csv', '.txt'].includes(extname(output)));
}

const RENDER: Readonly<Record<Format, (report: ValidationReport, room: number) => Iterable<string>>> = {
  table: validationTable,
  json: jsonResult,
  csv: validationCsv,
};

interface ComparedOptions extends RunsOptions {
  readonly against?: string | undefined;
}

/** What is compared, and the runs: of a file of predictions alone those that it names. */
async function comparison(
  formulas: readonly Formula[],
  options: ComparedOptions,
): Promise<{ readonly estimators: Estimator[]; readonly runs: readonly ValidationRun[] }> {
  const estimators = formulas.map(estimatorOf);
  if (options.against === undefined) return { estimators, runs: await runsOf(options) };
  refuseWithoutEffect('--sweep', options.sweep, 'no --against, whose layers are those of one hardware point each');
  const { predictions, file } = readPredictions(options.against);
  const { runs, estimator } = await predictedRuns(predictions, file, options);
  return { estimators: [...estimators, estimator], runs };
}

type Named = readonly (readonly [file: string, formula: Formula])[];

/** Whether there is something to compare, and something to compare it on. */
function isComparison(formulas: Named, { against, hardware, workload, sweep }: ComparedOptions): boolean {
  return (
    against !== undefined || (formulas.length > 0 && [hardware, workload, sweep].some((each) => each !== undefined))
  );
}

interface OutputOptions {
  readonly format?: Format | undefined;
  readonly output?: string | undefined;
}

/** Files are checked, and nothing is run. */
async function checkOnly(formulas: Named, options: ComparedOptions & OutputOptions): Promise<void> {
  const { hardware = [], workload = [], output } = options;
  if (formulas.length + hardware.length + workload.length === 0) {
    const expected = 'formulas with --hardware and --workload to compare them on, or files to check';
    throw new InputError({ file: 'validate', path: '', expected });
  }
  if (output !== undefined && !isFile(output)) {
    throw new InputError({ file: '--output', path: '', value: output, expected: 'a file, as nothing is compared' });
  }
  const format = tableOrJson(options.format, output);
  checkOutput(output);
  const files = await checkFiles(formulas, { hardware, workload });
  await emit(format === 'json' ? jsonResult({ files }) : checkedLines(files), output);
}

interface MachineOptions extends DramOptions {
  readonly assume: Assumptions;
  readonly fuse?: Fusion | undefined;
  readonly fastForward: boolean;
}

async function compare(
  formulas: readonly Formula[],
  options: ComparedOptions & OutputOptions & MachineOptions & { readonly top?: number | undefined },
): Promise<void> {
  const { output, sweep, against, assume, fuse, fastForward, top = DEFAULT_TOP } = options;
  const [file, folder] = isFile(output) ? [output, undefined] : [undefined, output];
  const format = formatOf(options.format, file);
  if (!options.phase?.includes('training') && sweep === undefined && against === undefined) {
    refuseWithoutEffect('--expansion', options.expansion, '--phase training');
  }
  const machine = validationMachine(assume, { dram: loadDramModel(options), fuse, fastForward });
  const { estimators, runs } = await comparison(formulas, options);
  // Before anything is run, so that a wrong one is known at once.
  if (folder !== undefined) makeFolder(folder);
  checkOutput(file);
  const validation = await driveLong(validateFormulas(estimators, runs, machine, top), validationProgress);
  const report = validationReport(validation, machine);
  if (folder !== undefined) await writeResults(folder, validation, report);
  await emit(RENDER[format](report, outputColumns(file)), file);
}

export function validateCommand() {
  const command = new Command('validate')
    .description('put formulas on trial against the machine: how wrong they are, where, and what they lack')
    .argument('[formulas...]', 'formulas: published, roofline, … (systole list formulas), or formula files')
    .addOption(
      new Option(
        '-c, --hardware <presets|files>',
        'hardware points: HI1–HI3, HT1–HT3, or files, with commas between them',
      ).argParser(listed),
    )
    .addOption(
      new Option('-t, --workload <presets|files>', 'networks: presets or files, with commas between them').argParser(
        listed,
      ),
    )
    .addOption(new Option('--phase <phases>', 'inference (the default), training, or both').argParser(listedPhases))
    .option('--sweep <preset|file>', 'hardware points (and networks, without --workload) of a sweep file')
    .option(
      '--points <n>',
      `of --sweep: so many of its points, spread evenly (default: ${DEFAULT_POINTS})`,
      countOption(BOUNDS.validatedPoints),
    )
    .option(
      '--against <file>',
      'numbers of yours too: a CSV of layer,cycles; with the columns network, hardware, phase, batch of several runs',
    );
  return settingOptions(command)
    .addOption(assumeOption())
    .addOption(
      new Option('--fuse <fusion>', 'layers that hand their tiles over on chip, compared group by group').choices(
        FUSIONS,
      ),
    )
    .option(
      '--top <n>',
      `worst layers of each formula that are explained (default: ${DEFAULT_TOP})`,
      naturalOption(BOUNDS.shownLayers),
    )
    .addOption(new Option('--format <format>', 'of the result (default: table)').choices(FORMATS))
    .option(
      '-o, --output <folder|file>',
      'a folder for result.json, CSV files and SVG plots, or a .json, .csv or .txt file (- for stdout) for the result',
    )
    .action(async (given, options) => {
      const formulas = given.map((name) => [name, loadFormula(name, 'formula')] as const);
      if (isComparison(formulas, options)) {
        await compare(
          formulas.map(([, formula]) => formula),
          options,
        );
      } else {
        await checkOnly(formulas, options);
      }
    });
}
