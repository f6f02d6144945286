/** `systole trace`: what happened, tile by tile, as a timeline to look at or a table to compute with. */
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { dramInWords } from '../dram/model.ts';
import { assumptionNames } from '../schedule/assumptions.ts';
import { InputError } from '../spec/inputError.ts';
import { BoundedSink, leftOutInWords, type Range, type Selection } from '../trace/bounds.ts';
import { chromeWriter } from '../trace/chromeTrace.ts';
import { csvWriter } from '../trace/csvTrace.ts';
import { htmlWriter } from '../trace/htmlTrace.ts';
import { LANE_KEYS, lanesOf } from '../trace/lanes.ts';
import type { TraceSettings, TraceWriter, WriteText } from '../trace/traceFile.ts';
import { traceNetwork } from '../trace/traceNetwork.ts';
import { layerNamed } from './layerNames.ts';
import { assumeOption, type LoadedNetwork, loadNetwork, networkOptions } from './networkCommand.ts';
import { positiveInteger } from './options.ts';
import { drive } from './progress.ts';
import { openWholeFile } from './wholeFile.ts';

const FORMATS = ['chrome', 'csv', 'html'] as const;
type TraceFormat = (typeof FORMATS)[number];
const FORMAT_OF_EXTENSION: Readonly<Record<string, TraceFormat>> = {
  '.json': 'chrome',
  '.csv': 'csv',
  '.html': 'html',
};

const DEFAULT_MEGABYTES = 256;
const CHARACTERS_PER_MEGABYTE = 1e6;
/** The page, built by `npm run build`. */
const TEMPLATE = new URL('../page/index.html', import.meta.url);

function names(text: string): string[] {
  return text.split(',').map((name) => name.trim());
}

function laneKeys(text: string): string[] {
  const keys = names(text);
  const unknown = keys.find((key) => !LANE_KEYS.includes(key));
  if (unknown === undefined) return keys;
  throw new InvalidArgumentError(`expected a list of ${LANE_KEYS.join(', ')}; got "${unknown}".`);
}

function range(text: string): Range {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text);
  const [first, last] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
  if (match === null || first > last || !Number.isSafeInteger(last)) {
    throw new InvalidArgumentError('expected FIRST-LAST, whole numbers, both included.');
  }
  return { first, last };
}

interface SelectionOptions {
  readonly layer?: string[] | undefined;
  readonly steps?: Range | undefined;
  readonly cycles?: Range | undefined;
  readonly lanes?: string[] | undefined;
}

function selectionOf({ layer, steps, cycles, lanes }: SelectionOptions, { layers }: LoadedNetwork): Selection {
  return {
    ...(layer && { layers: new Set(layer.map((name) => layerNamed(layers, name).name)) }),
    ...(steps && { steps }),
    ...(cycles && { cycles }),
    ...(lanes && { lanes: new Set(lanes) }),
  };
}

/** The options that select, as the user gave them, for the file's head. */
function selectionInWords({ layer, steps, cycles, lanes }: SelectionOptions): Record<string, string> {
  const rangeText = ({ first, last }: Range): string => `${first}-${last}`;
  return {
    ...(layer && { layer: layer.join(',') }),
    ...(steps && { steps: rangeText(steps) }),
    ...(cycles && { cycles: rangeText(cycles) }),
    ...(lanes && { lanes: lanes.join(',') }),
  };
}

function formatOf(asked: TraceFormat | undefined, output: string): TraceFormat {
  const format = asked ?? FORMAT_OF_EXTENSION[extname(output)];
  if (format !== undefined) return format;
  throw new InputError({
    file: '--output',
    path: '',
    value: output,
    expected: 'a name that ends in .json, .csv or .html, or --format',
  });
}

function writerOf(format: TraceFormat, network: LoadedNetwork, settings: TraceSettings, write: WriteText): TraceWriter {
  const { hardware, dram } = network.settings;
  const lanes = lanesOf(hardware, dram, network.layers).all;
  switch (format) {
    case 'chrome':
      return chromeWriter(lanes, settings, write);
    case 'csv':
      return csvWriter(write);
    case 'html': {
      const template = readFileSync(TEMPLATE, 'utf8');
      const toBase64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
      return htmlWriter({ lanes, settings, hardware, template, toBase64 }, write);
    }
  }
}

export function traceCommand() {
  return networkOptions('trace')
    .description('write what happens, tile by tile: for Perfetto (chrome), as a table (csv), as a page (html)')
    .addOption(assumeOption())
    .addOption(new Option('--format <format>', "of the trace (default: by the output's extension)").choices(FORMATS))
    .requiredOption('-o, --output <file>', 'file to write')
    .option('--layer <names>', 'only these layers, a list', names)
    .option('--steps <range>', 'only tiles of these steps of a layer, FIRST-LAST', range)
    .option('--cycles <range>', 'only what lies in these cycles of the network, FIRST-LAST', range)
    .option('--lanes <keys>', `only these lanes, a list of ${LANE_KEYS.join(', ')}`, laneKeys)
    .option('--max-size <megabytes>', 'leave out what comes after', positiveInteger, DEFAULT_MEGABYTES)
    .action(async (options) => {
      const format = formatOf(options.format, options.output);
      const network = loadNetwork(options);
      const selection = selectionOf(options, network);
      const { machine } = network;
      const { hardware, workload, phase, batch, dram } = network.settings;
      const settings: TraceSettings = {
        hardware: hardware.name,
        workload,
        phase,
        batch,
        assumptions: assumptionNames(options.assume),
        dram: dramInWords(dram),
        clockPicoseconds: hardware.clockPicoseconds,
        selection: selectionInWords(options),
      };
      const file = openWholeFile(options.output);
      try {
        const writer = writerOf(format, network, settings, file.write);
        const most = options.maxSize * CHARACTERS_PER_MEGABYTE;
        const bounded = new BoundedSink(writer, selection, () => file.written >= most);
        const runs = await drive(traceNetwork(network.layers, hardware, options.assume, bounded, machine));
        const notice = bounded.leftOut && leftOutInWords(bounded.leftOut, options.maxSize);
        writer.end({ runs, notice });
        file.finish();
        if (notice !== undefined) process.stderr.write(`systole: ${notice}\n`);
      } finally {
        file.discard();
      }
    });
}
