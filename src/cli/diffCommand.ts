/** `systole diff`: what has changed between two runs; exit 1 if anything has. */
import { Command, CommanderError, Option } from '@commander-js/extra-typings';
import { differenceOf, isSame } from '../crosscheck/difference.ts';
import { type DiffReport, diffCsv, diffTable, runInWords } from '../report/diffReport.ts';
import { InputError } from '../spec/inputError.ts';
import { parseRunFile, type RunFile } from '../spec/runFile.ts';
import { emit, readJsonFile } from './files.ts';
import { FORMATS, type Format, formatOf } from './networkCommand.ts';
import { runOptions, runWith } from './runCommand.ts';

const DIFFERENT = 1;

const RENDER: Readonly<Record<Format, (report: DiffReport) => string>> = {
  table: diffTable,
  json: (report) => `${JSON.stringify(report, null, 2)}\n`,
  csv: diffCsv,
};

/** A run: from a file, or now, from the options of `run` in one argument. */
async function runOf(argument: string): Promise<RunFile> {
  if (!argument.startsWith('-')) {
    const { value, file } = readJsonFile(argument, 'systole diff', 'the JSON file of a run, or the options of one');
    return parseRunFile(value, file);
  }
  const command = runOptions('run')
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  try {
    command.parse(argument.trim().split(/\s+/), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    throw new InputError({
      file: 'systole diff',
      path: '',
      value: argument,
      expected: `options of run (${error.message})`,
    });
  }
  const report = await runWith(command.opts());
  return parseRunFile(JSON.parse(JSON.stringify(report)), argument);
}

export function diffCommand() {
  return new Command('diff')
    .description('compare two runs, layer by layer and cause by cause')
    .argument('<a>', 'the JSON file of a run, or the options of one in quotes, after --')
    .argument('<b>', 'the same')
    .addOption(new Option('--format <format>', 'of the result (default: table)').choices(FORMATS))
    .option('-o, --output <file>', 'write the result to a file instead of stdout (-)')
    .action(async (first, second, options) => {
      const [a, b] = [await runOf(first), await runOf(second)];
      const difference = differenceOf(a, b);
      if (isSame(difference)) return;
      const report: DiffReport = { a: runInWords(a), b: runInWords(b), ...difference };
      emit(RENDER[formatOf(options.format, options.output)](report), options.output);
      process.exitCode = DIFFERENT;
    });
}
