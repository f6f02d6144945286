/** `systole diff`: what has changed between two runs; exit 1 if anything has. */
import { Command, Option } from '@commander-js/extra-typings';
import { InputError } from '../../model/schemas/inputError.ts';
import { parseRunFile, type RunFile } from '../../model/schemas/runFile.ts';
import { differenceOf, isSame } from '../../studies/check/difference.ts';
import { type DiffReport, diffCsv, diffTable } from '../../views/report/diffReport.ts';
import { runsInWords } from '../../views/report/runInWords.ts';
import { versioned } from '../library/version.ts';
import { readJsonFile } from './files.ts';
import { jsonResult } from './jsonResult.ts';
import { FORMATS, type Format, formatOf, fuseOption } from './networkCommand.ts';
import { isOptionSet, parseOptionSet } from './optionSet.ts';
import { checkOutput, emit } from './output/emit.ts';
import { outputColumns } from './outputWidth.ts';
import { runOptions, runWith } from './runCommand.ts';

const DIFFERENT = 1;

const RENDER: Readonly<Record<Format, (report: DiffReport, room: number) => string | Iterable<string>>> = {
  table: diffTable,
  json: jsonResult,
  csv: diffCsv,
};

/** Options of a run in one argument, as the command line would read them. */
function optionsOf(argument: string) {
  const command = runOptions('run', FORMATS).addOption(fuseOption());
  const options = parseOptionSet(command, argument, { argument: 'systole diff', expected: 'options of run' });
  if (options.output === undefined && options.format === undefined) return options;
  // They would say where and how to write a run that nobody sees.
  const expected = 'options of run without --output and --format: those of the comparison go before the --';
  throw new InputError({ file: 'systole diff', path: '', value: argument, expected });
}

/** A run: from a file, or now, from the options of `run` in one argument. */
async function runOf(argument: string): Promise<RunFile> {
  if (!isOptionSet(argument)) {
    const { value, file } = readJsonFile(argument, 'systole diff', 'the JSON file of a run, or the options of one');
    return parseRunFile(value, file);
  }
  const report = await runWith(optionsOf(argument));
  return parseRunFile(versioned(report), argument);
}

export function diffCommand() {
  return new Command('diff')
    .description('compare two runs, layer by layer and cause by cause')
    .argument('<a>', 'the JSON file of a run, or the options of one in quotes, after --')
    .argument('<b>', 'the same')
    .addOption(new Option('--format <format>', 'of the result (default: table)').choices(FORMATS))
    .option('-o, --output <file>', 'write the result to a file instead of stdout (-)')
    .action(async (first, second, options) => {
      checkOutput(options.output);
      const [a, b] = [await runOf(first), await runOf(second)];
      checkOutput(options.output); // now that it is known what is read
      const difference = differenceOf(a, b);
      if (isSame(difference)) return;
      const [inWordsA, inWordsB] = runsInWords(a, b, [first, second]);
      const report: DiffReport = { a: inWordsA, b: inWordsB, ...difference };
      process.exitCode = DIFFERENT; // whoever reads may go before the end
      await emit(
        RENDER[formatOf(options.format, options.output)](report, outputColumns(options.output)),
        options.output,
      );
    });
}
