/** `systole sweep`: searches a design space, resumes where a killed search was. */
import { availableParallelism } from 'node:os';
import { Command, Option } from '@commander-js/extra-typings';
import { BOUNDS } from '../../model/schemas/bounds.ts';
import { sweepCsv } from '../../views/report/sweepCsv.ts';
import type { SweepReport } from '../../views/report/sweepReport.ts';
import { sweepTable } from '../../views/report/sweepTable.ts';
import { countOption, refuseWithoutEffect } from './options.ts';
import { checkOutput, emit } from './output/emit.ts';
import { outputColumns } from './outputWidth.ts';
import { say } from './stderr.ts';
import { changesInWords, parseChange, type SweepChange } from './sweep/changes.ts';
import { defaultFolder } from './sweep/folder.ts';
import { loadSweep } from './sweep/load.ts';
import { onQueue } from './sweep/queue/onQueue.ts';
import { connect, parseQueue } from './sweep/queue/redis.ts';
import { sweepJson } from './sweep/results.ts';
import { mergeShards, runShard, runSweep, type ShardOutcome } from './sweep/run.ts';
import { parseShard, type Shard, shardInWords } from './sweep/shard.ts';
import { onThreads } from './sweep/threads.ts';

const FORMATS = ['table', 'json', 'csv'] as const;
type Format = (typeof FORMATS)[number];

const formatOption = () =>
  new Option('--format <format>', 'of the summary on stdout (default: table)').choices(FORMATS);
const setOption = () =>
  new Option(
    '--set <name=values>',
    'a parameter or setting in place of what the file says, again for more: dram=HBM2,DDR4-2400 varies, batch=1 does not',
  ).argParser(parseChange);
const OUTPUT = 'folder for result.json, points.csv, points.parquet and plots (default: named after the file, here)';

function rendered(report: SweepReport, format: Format = 'table'): string {
  switch (format) {
    case 'table':
      return sweepTable(report, outputColumns(undefined));
    case 'json':
      return sweepJson(report);
    case 'csv':
      return sweepCsv(report);
  }
}

/** A word of a command as a shell takes it. */
const quoted = (word: string): string => (/^[\w./+:=@%,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

/** A sweep as the user has asked for it: its file, what is changed in it, and the folder of its results. */
interface AskedSweep {
  readonly file: string;
  readonly changes: readonly SweepChange[] | undefined;
  readonly folder: string;
}

/** A command about a sweep, as a user would type it. */
function command({ file, changes = [], folder }: AskedSweep, name: string, ...more: string[]): string {
  return `\`systole ${[...name.split(' '), file, ...changesInWords(changes), ...more, '-o', folder].map(quoted).join(' ')}\``;
}

function shardText(asked: AskedSweep, shard: Shard, { own, all, missing }: ShardOutcome): string {
  const next =
    missing === 0
      ? `nothing is missing in this folder: ${command(asked, 'sweep merge')} writes the results`
      : `${missing} are still missing in this folder`;
  return `shard ${shardInWords(shard)}: all ${own} of its evaluations are there, of ${all} in all; ${next}\n`;
}

/** `systole sweep merge`. */
function mergeCommand() {
  return new Command('merge')
    .description('write the results of a sweep whose shards are evaluated, or say which are not')
    .argument('<preset|file>', 'the sweep')
    .argument('[journals...]', 'journals of shards, beside those in the folder')
    .option(
      '-o, --output <folder>',
      'folder with the journals of the shards, and for the results (default: named after the file, here)',
    )
    .addOption(setOption())
    .addOption(formatOption())
    .action(async (file, journals, { output, format, set: changes }) => {
      const { input, name } = await loadSweep(file, { changes });
      checkOutput(undefined);
      const folder = output ?? defaultFolder(name);
      const report = await mergeShards(input, folder, journals, {
        shard: (shard) => command({ file, changes, folder }, 'sweep', '--shard', shard),
        here: command({ file, changes, folder }, 'sweep'),
      });
      await emit(rendered(report, format));
    });
}

export function sweepCommand() {
  return new Command('sweep')
    .description('search a design space; a search that was stopped or killed resumes where it was')
    .argument('<preset|file>', 'what varies, what must hold and what is sought')
    .option('-o, --output <folder>', OUTPUT)
    .addOption(setOption())
    .option('--workers <n>', 'threads (default: all cores); results do not depend on it', countOption(BOUNDS.workers))
    .addOption(
      new Option(
        '--shard <i/n>',
        'evaluate the ith of n parts alone; `systole sweep merge` puts them together',
      ).argParser(parseShard),
    )
    .option('--queue <url>', 'evaluate by `systole worker` processes on a Redis (redis://host:6379)', parseQueue)
    .addOption(formatOption())
    .enablePositionalOptions() // those of `merge` are its own
    .configureHelp({ subcommandTerm: (each) => each.name() })
    .action(async (file, { output, workers, format, shard, queue, set: changes }) => {
      if (shard !== undefined) refuseWithoutEffect('--format', format, 'a sweep without --shard');
      if (queue !== undefined) refuseWithoutEffect('--workers', workers, 'threads here, not --queue');
      const { input, name } = await loadSweep(file, { changes });
      checkOutput(undefined);
      const folder = output ?? defaultFolder(name);
      // A queue at which nobody answers leaves no folder behind.
      if (queue !== undefined) (await connect(queue)).close();
      if (output === undefined) say(`systole: results go to ./${folder}/\n`);
      const evaluator =
        queue === undefined ? onThreads(input, workers ?? availableParallelism()) : onQueue(input, queue);
      if (shard !== undefined) {
        await emit(shardText({ file, changes, folder }, shard, await runShard(input, folder, shard, evaluator)));
        return;
      }
      await emit(rendered(await runSweep(input, folder, evaluator), format));
    })
    .addCommand(mergeCommand());
}
