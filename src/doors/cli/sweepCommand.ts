/** `systole sweep`: searches a design space, resumes where a killed search was. */
import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Command, Option } from '@commander-js/extra-typings';
import { BOUNDS } from '../../model/schemas/bounds.ts';
import { parseEnergy } from '../../model/schemas/energy.ts';
import { printableJson } from '../../model/schemas/printable.ts';
import { namedWorkloads } from '../../studies/sweep/parameterValues.ts';
import { prepareSweep, type Sweep, type SweepInput } from '../../studies/sweep/sweep.ts';
import { modelName, namedDrams, parseSweep } from '../../studies/sweep/sweepSpec.ts';
import { type Findings, type SweepReport, sweepReport } from '../../views/report/sweepReport.ts';
import { sweepTable } from '../../views/report/sweepTable.ts';
import { type Evaluate, evaluationsOfAll, search } from '../library/sweepSearch.ts';
import { loadDramModel } from './dramOptions.ts';
import { readJson } from './files.ts';
import { jsonResult } from './jsonResult.ts';
import { countOption, loadHardware } from './options.ts';
import { checkOutput, emit } from './output/emit.ts';
import { writeWhole } from './output/wholeFile.ts';
import { outputColumns } from './outputWidth.ts';
import { driveLong, driveWithTimeLeft, timeLeft } from './progress.ts';
import { watchForStop } from './signals.ts';
import { say } from './stderr.ts';
import { claimFolder, defaultFolder, type SweepFolder, temporary } from './sweep/folder.ts';
import { openJournal } from './sweep/journal.ts';
import { writeRows } from './sweep/rows.ts';
import { evaluate, learn } from './sweep/workers.ts';
import { loadGraph, prepareWorkload } from './workloadFile.ts';

/** How the other commands place and share real DRAM unless told otherwise. */
const DRAM_DEFAULTS = { seed: '1' } as const;

/** Reads the sweep file and all files that it names. */
async function loadSweep(nameOrPath: string): Promise<{ readonly input: SweepInput; readonly name: string }> {
  const { value, file, name: fileName } = readJson(nameOrPath, 'hw/sweeps', 'the sweep');
  const spec = parseSweep(value, file);
  const hardware = loadHardware(spec.hardware, spec.phase, `${file}: hardware`);
  const workloads = namedWorkloads(spec, file);
  for (const { name } of workloads) await prepareWorkload(name);
  const graphs = workloads.map(
    ({ name, path }) => [name, loadGraph(name, undefined, hardware, `${file}: ${path}`)] as const,
  );
  const drams = namedDrams(spec, file).map(
    ({ name, path }) => [name, loadDramModel({ ...DRAM_DEFAULTS, dram: name }, `${file}: ${path}`)] as const,
  );
  const input = { file, spec, hardware, graphs: Object.fromEntries(graphs), drams: Object.fromEntries(drams) };
  if (spec.energy === undefined) return { input, name: fileName };
  const energy = readJson(spec.energy, 'hw/energy', `${file}: energy`);
  const source = { constants: parseEnergy(energy.value, energy.file), file: energy.file };
  return { input: { ...input, energy: source }, name: fileName };
}

/** Fields that are words for readers, wherever they stand: no result depends on them. */
const IN_WORDS: readonly string[] = ['$schema', 'name', 'description'];

/** Stands for all that decides a sweep's results: another fingerprint, another sweep. */
function fingerprintOf({ spec, hardware, graphs, energy, drams }: SweepInput): string {
  // A network's name decides a quirk of the published expansion.
  const networks = Object.values(graphs).map(({ name, nodes }) => [name, nodes.map(({ layer }) => layer)]);
  const all = { format: 3, spec, hardware, networks, energy: energy?.constants, drams };
  const text = JSON.stringify(all, (key, value: unknown) => (IN_WORDS.includes(key) ? undefined : value));
  return createHash('sha256').update(text).digest('hex');
}

const jsonText = (report: SweepReport): string => printableJson([...jsonResult(report)].join(''));

/** Writes the folder's files: the points first, then the result, which says that all is there. */
async function writeResults(folder: SweepFolder, sweep: Sweep, findings: Findings): Promise<SweepReport> {
  const { spec } = sweep;
  const report = sweepReport(sweep, findings);
  if (spec.points === 'all') {
    const { pointsCovered } = findings.survey.count;
    const pareto = new Set(findings.survey.pareto.map(({ index }) => index));
    const left = timeLeft();
    await driveLong(writeRows(folder, sweep, sweep.costs(modelName(spec)), pareto), (rows) => {
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
