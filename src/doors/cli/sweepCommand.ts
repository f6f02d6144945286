/** `systole sweep`: searches a design space, resumes where a killed search was. */
import { availableParallelism } from 'node:os';
import { Command, Option } from '@commander-js/extra-typings';
import { BOUNDS } from '../../model/schemas/bounds.ts';
import { printableJson } from '../../model/schemas/printable.ts';
import { prepareSweep, type Sweep, type SweepInput } from '../../studies/sweep/sweep.ts';
import { ownModel } from '../../studies/sweep/sweepSpec.ts';
import { type Findings, type SweepReport, sweepReport } from '../../views/report/sweepReport.ts';
import { sweepTable } from '../../views/report/sweepTable.ts';
import { type Evaluate, evaluationsOfAll, search } from '../library/sweepSearch.ts';
import { jsonResult } from './jsonResult.ts';
import { countOption } from './options.ts';
import { checkOutput, emit } from './output/emit.ts';
import { writeWhole } from './output/wholeFile.ts';
import { outputColumns } from './outputWidth.ts';
import { driveLong, driveWithTimeLeft, timeLeft } from './progress.ts';
import { watchForStop } from './signals.ts';
import { say } from './stderr.ts';
import { claimFolder, defaultFolder, type SweepFolder, temporary } from './sweep/folder.ts';
import { openJournal } from './sweep/journal.ts';
import { fingerprintOf, loadSweep } from './sweep/load.ts';
import { writeRows } from './sweep/rows.ts';
import { evaluate, learn } from './sweep/workers.ts';

const jsonText = (report: SweepReport): string => printableJson([...jsonResult(report)].join(''));

/** Writes the folder's files: the points first, then the result, which says that all is there. */
async function writeResults(folder: SweepFolder, sweep: Sweep, findings: Findings): Promise<SweepReport> {
  const { spec } = sweep;
  const report = sweepReport(sweep, findings);
  if (spec.points === 'all') {
    const { pointsCovered } = findings.survey.count;
    const pareto = new Set(findings.survey.pareto.map(({ index }) => index));
    const left = timeLeft();
    await driveLong(writeRows(folder, sweep, sweep.costs(ownModel(spec)), pareto), (rows) => {
      const share = rows / pointsCovered;
      return { share, text: `${rows} of ${pointsCovered} rows written${left(share)}` };
    });
  } else {
    folder.removeOldPoints();
  }
  const result = folder.path('result');
  writeWhole(result, jsonText(report), temporary(result));
  return report;
}

/** Searches, writes the folder's files and returns the report; the journal goes when all are written. */
async function runSweep(input: SweepInput, output: string, workers: number): Promise<SweepReport> {
  const sweep = prepareSweep(input);
  const interrupt = watchForStop();
  try {
    const needed = await evaluationsOfAll(sweep, driveWithTimeLeft); // before the folder is touched: this finds whatever is wrong
    const folder = await claimFolder(output);
    try {
      const journal = openJournal(folder.path('journal'), fingerprintOf(input), folder.check);
      try {
        for (const record of journal.records) learn(sweep, record);
        interrupt.check();
        const evaluateOnThreads: Evaluate = (model, evaluations) => {
          interrupt.check();
          return evaluate(input, sweep, model, evaluations, workers, journal);
        };
        const findings = await search(sweep, needed, evaluateOnThreads, driveWithTimeLeft);
        interrupt.check();
        folder.check();
        const report = await writeResults(folder, sweep, findings);
        journal.remove();
        return report;
      } finally {
        journal.close();
      }
    } finally {
      folder.release();
    }
  } finally {
    interrupt.off();
  }
}

export function sweepCommand() {
  return new Command('sweep')
    .description('search a design space; a search that was stopped or killed resumes where it was')
    .argument('<preset|file>', 'what varies, what must hold and what is sought')
    .option(
      '-o, --output <folder>',
      'folder for result.json, points.csv and points.parquet (default: named after the file, here)',
    )
    .option('--workers <n>', 'threads (default: all cores); results do not depend on it', countOption(BOUNDS.workers))
    .addOption(
      new Option('--format <format>', 'of the summary on stdout')
        .choices(['table', 'json'] as const)
        .default('table' as const),
    )
    .action(async (file, { output, workers = availableParallelism(), format }) => {
      const { input, name } = await loadSweep(file);
      checkOutput(undefined);
      const folder = output ?? defaultFolder(name);
      if (output === undefined) say(`systole: results go to ./${folder}/\n`);
      const report = await runSweep(input, folder, workers);
      await emit(format === 'json' ? jsonText(report) : sweepTable(report, outputColumns(undefined)));
    });
}
