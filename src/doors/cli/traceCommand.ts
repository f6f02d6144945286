/** `systole trace`: what happened, tile by tile, as a timeline to look at or a table to compute with. */
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { isatty } from 'node:tty';
import { Option } from '@commander-js/extra-typings';
import { closedFormCycles } from '../../model/analytical/closedForm.ts';
import { dramInWords } from '../../model/dram/model.ts';
import type { Layer } from '../../model/layers/layer.ts';
import { assumptionNames } from '../../model/schedule/assumptions.ts';
import { BOUNDS } from '../../model/schemas/bounds.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import { BoundedSink, leftOutInWords, longestNotice } from '../../views/trace/bounds.ts';
import { chromeWriter } from '../../views/trace/chromeTrace.ts';
import { csvWriter } from '../../views/trace/csvTrace.ts';
import { htmlWriter } from '../../views/trace/htmlTrace.ts';
import { LANE_KEYS, lanesOf } from '../../views/trace/lanes.ts';
import { perfettoWriter } from '../../views/trace/perfettoTrace.ts';
import type { LayerRun, TraceLimit, TraceSettings, TraceWriter } from '../../views/trace/traceFile.ts';
import { traceNetwork } from '../../views/trace/traceNetwork.ts';
import { withCycleStepped } from '../library/network.ts';
import { VERSION } from '../library/version.ts';
import { barrierAssumeOption, type LoadedNetwork, loadNetwork, networkOptions } from './networkCommand.ts';
import { countOption } from './options.ts';
import { type Output, openOutput } from './output/output.ts';
import { isStdout, STDOUT_DESCRIPTOR } from './output/target.ts';
import { drive } from './progress.ts';
import { say } from './stderr.ts';
import {
  parseLaneKeys,
  parseNames,
  parseRange,
  parseTileRanges,
  selectionInWords,
  selectionOf,
} from './traceSelection.ts';

const FORMATS = ['chrome', 'csv', 'html', 'perfetto'] as const;
type TraceFormat = (typeof FORMATS)[number];
const FORMAT_OF_EXTENSION: Readonly<Record<string, TraceFormat>> = {
  '.json': 'chrome',
  '.csv': 'csv',
  '.html': 'html',
  '.perfetto-trace': 'perfetto',
  '.pftrace': 'perfetto',
};

/** Formats that no terminal can show. */
const BINARY: ReadonlySet<TraceFormat> = new Set(['perfetto']);

const DEFAULT_MEGABYTES = 256;
/** The page, built by `npm run build`. */
const TEMPLATE = new URL('../page/index.html', import.meta.url);

function formatOf(asked: TraceFormat | undefined, output: string): TraceFormat {
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

function writerOf(
  format: TraceFormat,
  network: LoadedNetwork,
  settings: TraceSettings,
  megabytes: number,
  write: Output['write'],
): TraceWriter {
  const { hardware, dram } = network.settings;
  const { layers } = network;
  const lanes = lanesOf(hardware, dram, layers, network.machine.isCycleStepped !== undefined).all;
  const limit: TraceLimit = { megabytes, layers, longestNotice: longestNotice(layers, megabytes) };
  switch (format) {
    case 'chrome':
      return chromeWriter(lanes, settings, limit, write);
    case 'csv':
      return csvWriter(limit, write);
    case 'perfetto':
      return perfettoWriter(lanes, settings, limit, write);
    case 'html': {
      const template = readFileSync(TEMPLATE, 'utf8');
      const toBase64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
      const ofClosedForm = (layer: Layer): number => {
        const { computeCycles, stallCycles } = closedFormCycles(layer, hardware, 'published');
        return computeCycles + stallCycles;
      };
      const options = { lanes, settings, limit, hardware, template, toBase64, closedFormCycles: ofClosedForm };
      return htmlWriter(options, write);
    }
  }
}

/** That the options select nothing, in words for stderr. */
function emptyInWords(selection: Readonly<Record<string, string>>, runs: readonly LayerRun[]): string {
  const options = Object.entries(selection).map(([option, value]) => `--${option} ${value}`);
  const cycles = runs.reduce((sum, { result }) => sum + result.totalCycles, 0);
  return `nothing is selected: ${options.join(' ')} holds nothing of this run of ${runs.length} layers, ${cycles} cycles`;
}

export function traceCommand() {
  return networkOptions('trace')
    .description(
      'write what happens, tile by tile: for Perfetto (perfetto, or JSON: chrome), as a table (csv), as a page (html)',
    )
    .addOption(barrierAssumeOption())
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
      '--max-size <megabytes>',
      'of the file: leave out what comes after',
      countOption(BOUNDS.megabytes),
      DEFAULT_MEGABYTES,
    )
    .action(async (options) => {
      const format = formatOf(options.format, options.output);
      const tileGrained = await loadNetwork(options);
      const { cycleStepped } = options;
      const network =
        cycleStepped === undefined
          ? tileGrained
          : withCycleStepped(tileGrained, [...cycleStepped], options.assume, '--cycle-stepped');
      const selection = selectionOf(options, network.layers);
      const { machine } = network;
      const { hardware, workload, phase, batch, dram } = network.settings;
      const settings: TraceSettings = {
        version: VERSION,
        hardware: hardware.name,
        workload,
        phase,
        batch,
        assumptions: assumptionNames(options.assume),
        dram: dramInWords(dram),
        clockPicoseconds: hardware.clockPicoseconds,
        selection: selectionInWords(options),
      };
      refuseTerminal(format, options.output);
      const file = await openOutput(options.output);
      try {
        const writer = writerOf(format, network, settings, options.maxSize, file.write);
        const bounded = new BoundedSink(writer, selection);
        const trace = traceNetwork(network.layers, hardware, options.assume, bounded, machine);
        const runs = await drive(trace, file.room);
        const counterEnds = bounded.end();
        const notice = bounded.leftOut && leftOutInWords(bounded.leftOut, options.maxSize);
        writer.end({ runs, notice, counterEnds });
        await file.finish();
        if (notice !== undefined) say(`systole: ${notice}\n`);
        if (bounded.isEmpty) say(`systole: ${emptyInWords(settings.selection, runs)}\n`);
      } finally {
        file.discard();
      }
    });
}
