/** `systole dram --characterise`: bandwidth against latency under load. */
import { InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { BOUNDS } from '../../model/schemas/bounds.ts';
import type { DramSpec } from '../../model/schemas/dram.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import { didYouMean } from '../../model/schemas/nearest.ts';
import { type Characterisation, characterise, problemWith } from '../../studies/characterise/characterise.ts';
import { STREAM_KINDS, type StreamKind } from '../../studies/characterise/openLoop.ts';
import { type LoadReport, loadCsv, loadTable } from '../../views/report/loadCurves.ts';
import { loadSvg } from './figureSvg.ts';
import { jsonResult } from './jsonResult.ts';
import { type Format, formatOf } from './networkCommand.ts';
import { countOption, refuseWithoutEffect } from './options.ts';
import { checkOutput, emit } from './output/emit.ts';
import { isStdout, STDOUT_NAME } from './output/target.ts';
import { outputColumns } from './outputWidth.ts';
import { driveWithTimeLeft } from './progress.ts';

/** The parts of a list with commas, each once. */
function parts<Value>(text: string, parse: (part: string) => Value): Value[] {
  return [...new Set(text.split(',').map((part) => parse(part.trim())))];
}

function parseStreams(text: string): StreamKind[] {
  return parts(text, (part) => {
    const kind = STREAM_KINDS.find((each) => each === part);
    if (kind !== undefined) return kind;
    throw new InvalidArgumentError(
      `expected ${STREAM_KINDS.join(', ')}; got "${part}"${didYouMean(part, STREAM_KINDS)}.`,
    );
  });
}

/** Percents from `least` (exclusive if it is not allowed itself) to `most`, as shares. */
function shares(isAllowed: (percent: number) => boolean, inWords: string): (text: string) => number[] {
  return (text) =>
    parts(text, (part) => {
      const percent = part === '' ? Number.NaN : Number(part);
      if (!isAllowed(percent)) throw new InvalidArgumentError(`expected ${inWords}; got "${part}".`);
      return percent / 100;
    });
}

const LEAST_LOAD = 0.01;
const MOST_LOAD = 200;
const isShare = (percent: number): boolean => percent >= 0 && percent <= 100;
const isLoad = (percent: number): boolean => percent >= LEAST_LOAD && percent <= MOST_LOAD;

/** The defaults, as shares. */
const READS = [1, 0.5];
const LOADS = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

/** The options of a characterisation alone. */
export const streamsOption = () =>
  new Option('--streams <kinds>', '--characterise: sequential, strided, random (default: all)').argParser(parseStreams);
export const readsOption = () =>
  new Option('--reads <percents>', '--characterise: shares of reads among the requests (default: 100,50)').argParser(
    shares(isShare, 'percents from 0 to 100'),
  );
export const loadsOption = () =>
  new Option('--loads <percents>', '--characterise: offered loads, of the peak (default: 5,10,20,…,100)').argParser(
    shares(isLoad, `percents from ${LEAST_LOAD} to ${MOST_LOAD}`),
  );
export const strideOption = () =>
  new Option('--stride <bytes>', '--characterise: between the bursts of strided streams (default: a row)').argParser(
    countOption(BOUNDS.address),
  );
export const cyclesOption = () =>
  new Option('--cycles <n>', '--characterise: cycles measured at each load (default: some refreshes)').argParser(
    countOption(BOUNDS.arrival),
  );
export const seedOption = () =>
  new Option('--seed <n>', '--characterise: seed of when and where requests go (default: 1)');
export const svgOption = () => new Option('--svg <file>', '--characterise: a plot too');

/** What a characterisation is asked for. */
export interface CharacteriseOptions {
  readonly streams?: readonly StreamKind[] | undefined;
  readonly reads?: readonly number[] | undefined;
  readonly loads?: readonly number[] | undefined;
  readonly stride?: number | undefined;
  readonly cycles?: number | undefined;
  readonly seed?: string | undefined;
  readonly svg?: string | undefined;
  readonly format?: Format | undefined;
  readonly output?: string | undefined;
}

function checkAsked(specs: readonly DramSpec[], asked: Characterisation): void {
  const option = { strideBytes: '--stride', cycles: '--cycles' };
  for (const spec of specs) {
    const problem = problemWith(spec, asked);
    if (problem === undefined) continue;
    const { about, found, expected } = problem;
    throw new InputError({ file: option[about], path: '', value: found, expected });
  }
}

/** Where the plot goes, which is not where the result goes. */
function checkSvg(svg: string | undefined, output = STDOUT_NAME): void {
  if (svg === undefined) return;
  checkOutput(svg, '--svg');
  if (svg !== output && !(isStdout(svg) && isStdout(output))) return;
  throw new InputError({ file: '--svg', path: '', value: svg, expected: 'another file than that of the result' });
}

/** Measures memories, and writes what comes of it. Throws an InputError for what cannot be asked of one. */
export async function characteriseMemories(specs: readonly DramSpec[], options: CharacteriseOptions): Promise<void> {
  const { streams: kinds = STREAM_KINDS, reads = READS, loads = LOADS, stride, cycles, seed = '1' } = options;
  const { svg, output } = options;
  const asked = {
    kinds,
    readShares: reads,
    loads: [...loads].sort((a, b) => a - b),
    strideBytes: stride,
    cycles,
    seed,
  };
  if (!kinds.includes('strided')) {
    refuseWithoutEffect('--stride', stride, 'strided among the --streams');
  }
  checkAsked(specs, asked);
  checkOutput(output);
  checkSvg(svg, output);
  const inWords = (share: number): string => `${(100 * share).toFixed(0)} % of the streams`;
  const memories = await driveWithTimeLeft(characterise(specs, asked), (share) => ({ share, text: inWords(share) }));
  const report: LoadReport = { seed, memories };
  const render: Readonly<Record<Format, () => string | Iterable<string>>> = {
    table: () => loadTable(report, outputColumns(output)),
    json: () => jsonResult(report),
    csv: () => loadCsv(report),
  };
  await emit(render[formatOf(options.format, output)](), output);
  if (svg !== undefined) await emit(await loadSvg(report), svg);
}
