/** `systole dram`: requests replayed on a banked memory. */
import { Command, Option } from '@commander-js/extra-typings';
import { replay } from '../../model/dram/replay.ts';
import { type RequestSource, requestsOf } from '../../model/dram/requestRules.ts';
import { BOUNDS } from '../../model/schemas/bounds.ts';
import type { DramSpec } from '../../model/schemas/dram.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import { IN_ORDER, type Injection, parseRequestFile } from '../../model/schemas/requestRule.ts';
import { type DramReport, dramTable } from '../../views/report/dramTable.ts';
import { bankedInWords, loadDram, ranksOption, refreshOption, wckOption } from './dramOptions.ts';
import { readJsonFile } from './files.ts';
import { jsonResult } from './jsonResult.ts';
import { tableOrJson } from './networkCommand.ts';
import { countOption } from './options.ts';
import { checkOutput, emit } from './output/emit.ts';
import { outputColumns } from './outputWidth.ts';
import { driveLong } from './progress.ts';
import { readTrace } from './traceFile.ts';

interface Requests {
  readonly source: RequestSource;
  readonly inject: Injection;
}

async function readRequests(rule: string | undefined, trace: string | undefined, spec: DramSpec): Promise<Requests> {
  if ((rule === undefined) === (trace === undefined)) {
    throw new InputError({ file: '--rule, --trace', path: '', expected: 'exactly one of the two' });
  }
  if (rule !== undefined) {
    const { value, file } = readJsonFile(rule, '--rule');
    const parsed = parseRequestFile(value, file);
    return { source: requestsOf(parsed.rule, spec, file), inject: parsed.inject };
  }
  const source = await driveLong(readTrace(trace!, spec), (requests) => ({
    share: 0,
    text: `${requests} requests read`,
  }));
  const { channels } = spec.organization;
  return { source, inject: source.ports === 1 ? IN_ORDER : { mode: 'ports', max_per_cycle: channels } };
}

export function dramCommand() {
  return (
    new Command('dram')
      .description('replay memory requests on a banked DRAM')
      .option('--dram <preset|file>', `${bankedInWords()}, or a JSON file`, 'HBM2')
      .option('--rule <file>', 'requests by a rule: a JSON file with "rule" and "inject"')
      .option('--trace <file>', 'requests as text: cycle, R or W, byte address, port')
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
        const { source, inject } = await readRequests(options.rule, options.trace, spec);
        checkOutput(options.output);
        const result = await driveLong(replay(spec, source, inject), (done) => ({
          share: done / source.requests,
          text: `${done} of ${source.requests} requests`,
        }));
        const report: DramReport = { preset: spec.name, isValidated: spec.isValidated, ...result };
        const text = format === 'json' ? jsonResult(report) : dramTable(report, outputColumns(options.output));
        await emit(text, options.output);
      })
  );
}
