/** A trace of a prepared network, written to a file: what `systole trace` and `systole hunt` have in common. */
import { readFileSync } from 'node:fs';
import { closedFormCycles } from '../../model/analytical/closedForm.ts';
import { groupClosedForm } from '../../model/analytical/groupClosedForm.ts';
import { dramInWords } from '../../model/dram/model.ts';
import type { Layer } from '../../model/layers/layer.ts';
import { type Assumptions, assumptionNames } from '../../model/schedule/assumptions.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import type { NetworkPath } from '../../studies/criticalPath/networkPath.ts';
import { BoundedSink, leftOutInWords, longestNotice } from '../../views/trace/bounds.ts';
import { chromeWriter } from '../../views/trace/chromeTrace.ts';
import { csvWriter } from '../../views/trace/csvTrace.ts';
import { htmlWriter } from '../../views/trace/htmlTrace.ts';
import { type Lane, lanesOf } from '../../views/trace/lanes.ts';
import type { PageRunOptions } from '../../views/trace/pageRun.ts';
import { perfettoWriter } from '../../views/trace/perfettoTrace.ts';
import type { Selection } from '../../views/trace/selection.ts';
import { type TracedUnit, tracedProgram } from '../../views/trace/tracedUnits.ts';
import type { LayerRun, TraceLimit, TraceSettings, TraceWriter } from '../../views/trace/traceFile.ts';
import { traceNetwork } from '../../views/trace/traceNetwork.ts';
import { VERSION } from '../library/version.ts';
import type { LoadedNetwork } from './networkCommand.ts';
import { type Output, openOutput } from './output/output.ts';
import { drive } from './progress.ts';
import { say } from './stderr.ts';
import { tracedPath, wantsPath } from './tracePath.ts';
import { type SelectionOptions, selectionInWords, selectionOf, tracedNames } from './traceSelection.ts';

export const TRACE_FORMATS = ['chrome', 'csv', 'html', 'perfetto'] as const;
export type TraceFormat = (typeof TRACE_FORMATS)[number];

export const DEFAULT_MEGABYTES = 256;
const TEMPLATE = new URL('../page/index.html', import.meta.url);

/** A network to be traced, and what of it. */
export interface TraceJob {
  readonly network: LoadedNetwork;
  readonly units: readonly TracedUnit[];
  readonly assume: Assumptions;
  readonly selection: Selection;
  /** For the file's head. */
  readonly settings: TraceSettings;
}

/** What is to be traced of a network, `inWords` as the user says it; throws an InputError for a layer that it does not have. */
export function traceJob(
  network: LoadedNetwork,
  assume: Assumptions,
  asked: SelectionOptions = {},
  inWords: SelectionOptions = asked,
): TraceJob {
  const { hardware, workload, phase, batch, dram } = network.settings;
  const { units } = tracedProgram(network.layers, hardware, network.machine);
  const selected = { ...asked, layer: asked.layer && tracedNames(asked.layer, network.layers, units) };
  const settings: TraceSettings = {
    version: VERSION,
    hardware: hardware.name,
    workload,
    phase,
    batch,
    assumptions: assumptionNames(assume),
    dram: dramInWords(dram),
    clockPicoseconds: hardware.clockPicoseconds,
    selection: selectionInWords(selected.layer?.length === 0 ? inWords : selected),
  };
  return { network, units, assume, selection: selectionOf(selected), settings };
}

/** The page, built by `npm run build`. */
export function pageTemplate(): string {
  return readFileSync(TEMPLATE, 'utf8');
}

/** What all writers want to know of a job. */
function frameOf(
  { network, units, assume }: TraceJob,
  megabytes: number,
): { lanes: readonly Lane[]; limit: TraceLimit } {
  const { hardware, dram } = network.settings;
  const layers = units.flatMap(({ shown }) => shown);
  const isStepped = network.machine.cycleStepping !== undefined;
  return {
    lanes: lanesOf(hardware, { dram, layers, isStepped, isOverlapped: assume.prefetch }).all,
    limit: { megabytes, layers, longestNotice: longestNotice(layers, megabytes) },
  };
}

/** A job as a page shows it. */
export function pageRunOf(job: TraceJob, megabytes: number, path: NetworkPath | undefined): PageRunOptions {
  const { settings, units } = job;
  const { hardware } = job.network.settings;
  const toBase64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  return {
    ...frameOf(job, megabytes),
    ...{ settings, hardware, toBase64, path, closedFormCycles: closedFormsOf(units, hardware) },
  };
}

/** The critical path of a job for its page, where that is wanted. */
export async function pathOfJob(
  { network, units, assume, selection }: TraceJob,
  isWanted: boolean | undefined,
  room: Output['room'],
): Promise<NetworkPath | undefined> {
  if (!wantsPath(isWanted, selection, network)) return undefined;
  return drive(tracedPath(network, units, assume, selection), room);
}

function writerOf(
  format: TraceFormat,
  job: TraceJob,
  megabytes: number,
  path: NetworkPath | undefined,
  write: Output['write'],
): TraceWriter {
  const { settings } = job;
  const { lanes, limit } = frameOf(job, megabytes);
  switch (format) {
    case 'chrome':
      return chromeWriter(lanes, settings, limit, write);
    case 'csv':
      return csvWriter(limit, write);
    case 'perfetto':
      return perfettoWriter(lanes, settings, limit, write);
    case 'html':
      return htmlWriter({ ...pageRunOf(job, megabytes, path), template: pageTemplate() }, write);
  }
}

/** Runs a job and has it written to its end; returns its layers' runs, what was left out in words, and if nothing at all was selected, that. */
export async function traceInto(
  writer: TraceWriter,
  { network, assume, selection, settings }: TraceJob,
  megabytes: number,
  room: Output['room'],
): Promise<{ readonly runs: readonly LayerRun[]; readonly notices: readonly string[] }> {
  const { layers, machine } = network;
  const bounded = new BoundedSink(writer, selection);
  const runs = await drive(traceNetwork(layers, network.settings.hardware, assume, bounded, machine), room);
  const counterEnds = bounded.end();
  const notice = bounded.leftOut && leftOutInWords(bounded.leftOut, megabytes);
  writer.end({ runs, notice, counterEnds });
  const cycles = runs.reduce((sum, { result, isSecondSide }) => sum + (isSecondSide ? 0 : result.totalCycles), 0);
  const empty = bounded.isEmpty ? [emptyInWords(settings.selection, runs.length, cycles)] : [];
  return { runs, notices: [...(notice === undefined ? [] : [notice]), ...empty] };
}

/** What the published closed form says of a layer, and our own of a fused group. */
function closedFormsOf(units: readonly TracedUnit[], hardware: Hardware): (layer: Layer) => number {
  const groups = new Map(units.flatMap(({ shown, group }) => (group ? [[shown[0]!.name, group] as const] : [])));
  return (layer) => {
    const fused = groups.get(layer.name);
    if (fused !== undefined) return groupClosedForm(fused.group, hardware).totalCycles;
    const { computeCycles, stallCycles } = closedFormCycles(layer, hardware, 'published');
    return computeCycles + stallCycles;
  };
}

/** That the options select nothing, in words for stderr. */
export function emptyInWords(selection: Readonly<Record<string, string>>, layers: number, cycles: number): string {
  const options = Object.entries(selection).map(([option, value]) => `--${option} ${value}`);
  return `nothing is selected: ${options.join(' ')} holds nothing of this run of ${layers} layers, ${cycles} cycles`;
}

/** How a trace is written, beside what it shows. */
export interface TraceOutput {
  readonly format: TraceFormat;
  /** A file, or `-`. */
  readonly output: string;
  readonly assume: Assumptions;
  readonly maxSize: number;
  /** Whether a page says its critical path; if not said, where that takes little. */
  readonly criticalPath?: boolean | undefined;
}

/** Runs the network under the assumptions and writes what is selected of it; says on stderr what is left out. */
export async function writeTrace(
  network: LoadedNetwork,
  { format, output, assume, maxSize, criticalPath }: TraceOutput,
  asked: SelectionOptions = {},
): Promise<void> {
  const job = traceJob(network, assume, asked);
  const file = await openOutput(output);
  try {
    const path = format === 'html' ? await pathOfJob(job, criticalPath, file.room) : undefined;
    const writer = writerOf(format, job, maxSize, path, file.write);
    const { notices } = await traceInto(writer, job, maxSize, file.room);
    await file.finish();
    for (const notice of notices) say(`systole: ${notice}\n`);
  } finally {
    file.discard();
  }
}
