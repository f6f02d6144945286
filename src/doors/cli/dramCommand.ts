/** `systole dram`: requests replayed on a banked memory. */
import { Command, Option } from '@commander-js/extra-typings';
import { type ReplayResult, replay } from '../../model/dram/replay.ts';
import { requestsOf } from '../../model/dram/requestRules.ts';
import { BOUNDS } from '../../model/schemas/bounds.ts';
import type { DramSpec } from '../../model/schemas/dram.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import { parseRequestFile } from '../../model/schemas/requestRule.ts';
import { type DramReport, dramTable } from '../../views/report/dramTable.ts';
import { bankedInWords, loadDram, ranksOption, refreshOption, wckOption } from './dramOptions.ts';
import { readJsonFile } from './files.ts';
import { jsonResult } from './jsonResult.ts';
import { tableOrJson } from './networkCommand.ts';
import { countOption } from './options.ts';
import { checkOutput, emit } from './output/emit.ts';
import { outputColumns } from './outputWidth.ts';
import { driveLong } from './progress.ts';
import { type OpenTrace, openTrace } from './traceFile.ts';

async function openRequests(rule: string | undefined, trace: string | undefined, spec: DramSpec): Promise<OpenTrace> {
  if ((rule === undefined) === (trace === undefined)) {
    throw new InputError({ file: '--rule, --trace', path: '', expected: 'exactly one of the two' });
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

/** The ports of a result under the names that the trace gives them. */
function named(ports: ReplayResult['ports'], names: readonly string[] | undefined): DramReport['ports'] {
  if (names === undefined) return ports;
  return ports.map((port, place) => ({ interface: names[place]!, ...port }));
}

export function dramCommand() {
  return (
    new Command('dram')
      .description('replay memory requests on a banked DRAM')
      .option('--dram <preset|file>', `${bankedInWords()}, or a JSON file`, 'HBM2')
      .option('--rule <file>', 'requests by a rule: a JSON file with "rule" and "inject"')
      .option(
        '--trace <file>',
        'requests as text: those of trace --format dram, of DRAMsim3 or Ramulator 2, or cycle, R or W, byte address, port',
      )
      .option('--dram-channels <n>', 'channels of the memory, a power of two', countOption(BOUNDS.channelsOfMemory))
      .option('--dram-mapping <string>', 'address fields, most significant first: ro, pc, ra, si, bg, ba, ch, co')
      // What the two were called before, when `run` called them as it does now.
      .addOption(new Option('--channels <n>').argParser(countOption(BOUNDS.channelsOfMemory)).hideHelp())
      .addOption(new Option('--mapping <string>').hideHelp())
      .addOption(ranksOption())
      .addOption(refreshOption())
      .option('--no-refresh', 'never refresh: --refresh off')
      .addOption(wckOption())
      .addOption(new Option('--format <format>', 'of the result (default: table)').choices(['table', 'json'] as const))
      .option('-o, --output <file>', 'write the result to a file instead of stdout (-)')
      .action(async (options) => {
        const format = tableOrJson(options.format, options.output);
        const { dramChannels: channels = options.channels, dramMapping: mapping = options.mapping } = options;
        const spec = loadDram(options.dram, { ...options, channels, mapping });
        const { source, inject, ports, close } = await openRequests(options.rule, options.trace, spec);
        checkOutput(options.output);
        let result: ReplayResult;
        try {
          result = await driveLong(replay(spec, source, inject), (done) => progressOf(source.requests, done));
        } finally {
          close();
        }
        const { name: preset, isValidated } = spec;
        const report: DramReport = { preset, isValidated, ...result, ports: named(result.ports, ports) };
        const text = format === 'json' ? jsonResult(report) : dramTable(report, outputColumns(options.output));
        await emit(text, options.output);
      })
  );
}
