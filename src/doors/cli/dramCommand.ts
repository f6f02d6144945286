/** `systole dram`: requests replayed on a banked memory, or how it answers under load. */
import { Command, Option } from '@commander-js/extra-typings';
import { type ReplayResult, replay } from '../../model/dram/replay.ts';
import { requestsOf } from '../../model/dram/requestRules.ts';
import { expectCurrents } from '../../model/energy/dramEnergy.ts';
import { BOUNDS } from '../../model/schemas/bounds.ts';
import type { DramSpec } from '../../model/schemas/dram.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import { parseRequestFile } from '../../model/schemas/requestRule.ts';
import { replayCountsCsv } from '../../views/report/dramCountsCsv.ts';
import { type DramReport, dramReport } from '../../views/report/dramReport.ts';
import { dramTable } from '../../views/report/dramTable.ts';
import {
  type CharacteriseOptions,
  characteriseMemories,
  cyclesOption,
  loadsOption,
  readsOption,
  seedOption,
  streamsOption,
  strideOption,
  svgOption,
} from './dramCharacterise.ts';
import { loadDram } from './dramFiles.ts';
import {
  bankedInWords,
  clockOption,
  type DramOverrides,
  ranksOption,
  refreshOption,
  wckOption,
} from './dramOptions.ts';
import { loadDramEnergy } from './energyFiles.ts';
import { readJsonFile } from './files.ts';
import { jsonResult } from './jsonResult.ts';
import { FORMATS, type Format, formatOf } from './networkCommand.ts';
import { countOption, dramEnergyInHelp, refuseWithoutEffect } from './options.ts';
import { checkOutput, emit } from './output/emit.ts';
import { outputColumns } from './outputWidth.ts';
import { driveLong } from './progress.ts';
import { type OpenTrace, openTrace } from './traceFile.ts';

async function openRequests(rule: string | undefined, trace: string | undefined, spec: DramSpec): Promise<OpenTrace> {
  if ((rule === undefined) === (trace === undefined)) {
    throw new InputError({ file: '--rule, --trace', path: '', expected: 'exactly one of the two, or --characterise' });
  }
  if (rule !== undefined) {
    const { value, file } = readJsonFile(rule, '--rule');
    const parsed = parseRequestFile(value, file);
    return { source: requestsOf(parsed.rule, spec, file), inject: parsed.inject, ports: undefined, close: () => {} };
  }
  return driveLong(openTrace(trace!, spec), (requests) => ({ share: 0, text: `${requests} requests read` }));
}

/** How far a replay is, where it is known how many requests there are. */
function progressOf(requests: number | undefined, done: number): { share: number; text: string } {
  if (requests === undefined) return { share: 0, text: `${done} requests replayed` };
  return { share: done / requests, text: `${done} of ${requests} requests` };
}

/** Numbers of channels, with commas where several memories are compared. */
function channelsOption(text: string): number[] {
  return text.split(',').map((part) => countOption(BOUNDS.channelsOfMemory)(part.trim()));
}

/** What the options say of the memories. */
interface MemoryOptions extends Pick<DramOverrides, 'ranks' | 'refresh' | 'dramClock' | 'wck'> {
  readonly dram: string;
  readonly channels?: readonly number[] | undefined;
  readonly mapping?: string | undefined;
}

/** All memories that the options name: each with each number of channels and each mapping. */
function memoriesOf({ dram, channels, mapping, ...others }: MemoryOptions): DramSpec[] {
  return dram
    .split(',')
    .flatMap((name) =>
      (channels ?? [undefined]).flatMap((count) =>
        (mapping?.split(',') ?? [undefined]).map((fields) =>
          loadDram(name.trim(), { ...others, channels: count, mapping: fields?.trim() }),
        ),
      ),
    );
}

/** The one memory of a replay. */
function memoryOf({ dram, channels = [], ...others }: MemoryOptions): DramSpec {
  if (channels.length > 1) {
    const expected = 'one number of channels; several are for --characterise';
    throw new InputError({ file: '--dram-channels', path: '', value: channels.join(','), expected });
  }
  return loadDram(dram, { ...others, channels: channels[0] });
}

/** Shares as they are given. */
const percents = (shares: readonly number[] | undefined) =>
  shares?.map((share) => Number((100 * share).toPrecision(12)));

/** The options that only a characterisation has. */
function refuseCharacterising(options: CharacteriseOptions): void {
  const given = { ...options, reads: percents(options.reads), loads: percents(options.loads) };
  for (const name of ['streams', 'reads', 'loads', 'stride', 'cycles', 'seed', 'svg'] as const) {
    refuseWithoutEffect(`--${name}`, given[name]?.toString(), '--characterise');
  }
}

interface ReplayOptions {
  readonly dramEnergy?: string | undefined;
  readonly dramCounts?: true | undefined;
  readonly rule?: string | undefined;
  readonly trace?: string | undefined;
  readonly format?: Format | undefined;
  readonly output?: string | undefined;
}

/** A replay as it was asked for. */
function rendered(report: DramReport, format: Format, showsCounts: boolean, room: number): string | Iterable<string> {
  switch (format) {
    case 'table':
      return dramTable(report, room, showsCounts);
    case 'csv':
      return replayCountsCsv(report);
    case 'json':
      return jsonResult(report);
  }
}

async function replayRequests(spec: DramSpec, options: ReplayOptions): Promise<void> {
  const { rule, trace, output, dramCounts = false } = options;
  const format = formatOf(options.format, output);
  if (format === 'csv') refuseWithoutEffect('--dram-energy', options.dramEnergy, '--format table or json');
  const dramEnergy = options.dramEnergy === undefined ? undefined : loadDramEnergy(options.dramEnergy);
  if (dramEnergy !== undefined) expectCurrents(spec, dramEnergy, '--dram-energy');
  const { source, inject, ports, close } = await openRequests(rule, trace, spec);
  checkOutput(output);
  let result: ReplayResult;
  try {
    const run = replay(spec, source, inject, { countsLatencies: dramCounts });
    result = await driveLong(run, (done) => progressOf(source.requests, done));
  } finally {
    close();
  }
  const report = dramReport(result, { spec, portNames: ports, dramEnergy });
  await emit(rendered(report, format, dramCounts, outputColumns(output)), output);
}

export function dramCommand() {
  return (
    new Command('dram')
      .description('replay memory requests on a banked DRAM, or see how it answers under load')
      .option('--dram <preset|file>', `${bankedInWords()}, or a JSON file`, 'HBM2')
      .option('--rule <file>', 'requests by a rule: a JSON file with "rule" and "inject"')
      .option(
        '--trace <file>',
        'requests as text: those of trace --format dram, of DRAMsim3 or Ramulator 2, or words with spaces between: cycle, R or W, byte address, port (each with a queue of its own)',
      )
      .option('--characterise', 'bandwidth against read latency, from a light load to one that is too much')
      .option('--dram-channels <n>', 'channels of the memory, a power of two', channelsOption)
      .option('--dram-mapping <string>', 'address fields, most significant first: ro, pc, ra, si, bg, ba, ch, co')
      // What the two were called before, when `run` called them as it does now.
      .addOption(new Option('--channels <n>').argParser(channelsOption).hideHelp())
      .addOption(new Option('--mapping <string>').hideHelp())
      .addOption(ranksOption())
      .addOption(refreshOption())
      .option('--no-refresh', 'never refresh: --refresh off')
      .addOption(clockOption())
      .addOption(wckOption())
      .option('--dram-energy <preset|file>', dramEnergyInHelp())
      .option('--dram-counts', 'tables by port and channel, with latencies; JSON and CSV have these too then')
      .addOption(streamsOption())
      .addOption(readsOption())
      .addOption(loadsOption())
      .addOption(strideOption())
      .addOption(cyclesOption())
      .addOption(seedOption())
      .addOption(svgOption())
      .addOption(new Option('--format <format>', 'of the result (default: table)').choices(FORMATS))
      .option('-o, --output <file>', 'write the result to a file instead of stdout (-)')
      .addHelpText(
        'after',
        '\n--characterise compares several memories: --dram, --dram-channels and\n--dram-mapping take lists with commas.\n',
      )
      .action(async (options) => {
        const { dramChannels: channels = options.channels, dramMapping: mapping = options.mapping } = options;
        const memories = { ...options, channels, mapping };
        if (options.characterise === true) {
          refuseWithoutEffect('--rule', options.rule, 'a replay, not --characterise');
          refuseWithoutEffect('--trace', options.trace, 'a replay, not --characterise');
          refuseWithoutEffect('--dram-energy', options.dramEnergy, 'a replay, not --characterise');
          refuseWithoutEffect('--dram-counts', options.dramCounts, 'a replay, not --characterise');
          await characteriseMemories(memoriesOf(memories), options);
        } else {
          refuseCharacterising(options);
          await replayRequests(memoryOf(memories), options);
        }
      })
  );
}
