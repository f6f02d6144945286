/** `systole trace`: what happened, as a timeline to look at, a table to compute with, or the requests of a memory. */
import { extname } from 'node:path';
import { isatty } from 'node:tty';
import { Option } from '@commander-js/extra-typings';
import { BOUNDS } from '../../model/schemas/bounds.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import { ADDRESS_FORMATS, type AddressFormat } from '../../views/trace/addresses/formats.ts';
import { LANE_KEYS } from '../../views/trace/lanes.ts';
import { givenOptions } from './optionSet.ts';
import { countOption, refuseWithoutEffect } from './options.ts';
import { isStdout, STDOUT_DESCRIPTOR } from './output/target.ts';
import { secondRun } from './secondRun.ts';
import { traceAddresses } from './traceAddresses.ts';
import { writeComparison } from './traceComparison.ts';
import { loadTracedRun, tracedRunOptions, withStepped } from './tracedRun.ts';
import { DEFAULT_MEGABYTES, TRACE_FORMATS, type TraceFormat, writeTrace } from './traceOutput.ts';
import { parseLaneKeys, parseNames, parseRange, parseTileRanges } from './traceSelection.ts';

const FORMATS = [...TRACE_FORMATS, ...ADDRESS_FORMATS] as const;
const FORMAT_OF_EXTENSION: Readonly<Record<string, TraceFormat>> = {
  '.json': 'chrome',
  '.csv': 'csv',
  '.html': 'html',
  '.perfetto-trace': 'perfetto',
  '.pftrace': 'perfetto',
};

/** Formats that no terminal can show. */
const BINARY: ReadonlySet<TraceFormat> = new Set(['perfetto']);

const isAddressFormat = (format: string): format is AddressFormat => ADDRESS_FORMATS.some((each) => each === format);

function formatOf(asked: TraceFormat | AddressFormat | undefined, output: string): TraceFormat | AddressFormat {
  const format = asked ?? FORMAT_OF_EXTENSION[extname(output)];
  if (format !== undefined) return format;
  throw new InputError({
    file: '--output',
    path: '',
    value: output,
    expected: `a name that ends in ${Object.keys(FORMAT_OF_EXTENSION).join(', ')}, or --format`,
  });
}

/** Bytes that are no text would move a terminal's cursor, or worse. */
function refuseTerminal(format: TraceFormat, output: string): void {
  if (!BINARY.has(format) || !isStdout(output) || !isatty(STDOUT_DESCRIPTOR)) return;
  throw new InputError({
    file: '--output',
    path: '',
    value: output,
    expected: `a file or a pipe: ${format} is no text`,
  });
}

/** Two runs are for a page. */
function refuseComparison(format: TraceFormat | AddressFormat, argument: string): void {
  if (format === 'html') return;
  const expected =
    '--format html: two runs are shown in one page; systole diff has their figures as a table, JSON or CSV';
  throw new InputError({ file: '--compare', path: '', value: argument, expected });
}

export function traceCommand() {
  const command = tracedRunOptions('trace');
  const given = givenOptions(command);
  return command
    .description(
      'write what happens, tile by tile: for Perfetto (perfetto, or JSON: chrome), as a table (csv), as a page (html); ' +
        'or what is asked of banked memory, burst by burst (dram, dramsim3, ramulator2)',
    )
    .addOption(new Option('--format <format>', "of the trace (default: by the output's extension)").choices(FORMATS))
    .requiredOption('-o, --output <file>', 'file to write, - for stdout')
    .option('--layer <names>', 'only these layers, a list', parseNames)
    .option(
      '--cycle-stepped <layers>',
      'these layers below the tile: wavefront and pipeline stages as lanes',
      parseNames,
    )
    .option('--steps <range>', 'only tiles used in these steps of a layer, FIRST-LAST', parseRange)
    .option('--tile-range <ranges>', 'only tiles used at these coordinates, as oc=0-1,oh=2', parseTileRanges)
    .option('--cycles <range>', 'only what lies in these cycles of the network, FIRST-LAST', parseRange)
    .option('--lanes <keys>', `only these lanes, a list of ${LANE_KEYS.join(', ')}`, parseLaneKeys)
    .option(
      '--critical-path',
      'in a page, what the end of the run waits for (default: where all of a run on ideal memory is shown)',
    )
    .option('--no-critical-path', 'not in the page: writing it takes half as long')
    .option(
      '--compare <b>',
      'in a page, a second run beside it: its options in quotes (without -c and -t: what changes), or the JSON file of a run',
    )
    .option(
      '--max-size <megabytes>',
      'of the file: leave out what comes after',
      countOption(BOUNDS.megabytes),
      DEFAULT_MEGABYTES,
    )
    .action(async (options) => {
      const format = formatOf(options.format, options.output);
      const { cycleStepped, compare } = options;
      if (compare !== undefined) {
        refuseComparison(format, compare);
        const first = await loadTracedRun(options);
        const second = await secondRun(compare, { options, given });
        await writeComparison({ ...first, given }, second, options, options);
        return;
      }
      const { network } = await withStepped(await loadTracedRun(options), cycleStepped);
      if (format !== 'html') refuseWithoutEffect('--critical-path', options.criticalPath || undefined, '--format html');
      if (isAddressFormat(format)) {
        await traceAddresses(network, { ...options, format }, options);
        return;
      }
      refuseTerminal(format, options.output);
      await writeTrace(network, { ...options, format }, options);
    });
}
