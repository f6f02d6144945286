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
import { lanesOf } from '../../views/trace/lanes.ts';
import { perfettoWriter } from '../../views/trace/perfettoTrace.ts';
import { type TracedUnit, tracedProgram } from '../../views/trace/tracedUnits.ts';
import type { TraceLimit, TraceSettings, TraceWriter } from '../../views/trace/traceFile.ts';
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
/** The page, built by `npm run build`. */
const TEMPLATE = new URL('../page/index.html', import.meta.url);

function writerOf(
  format: TraceFormat,
  network: LoadedNetwork,
  units: readonly TracedUnit[],
  settings: TraceSettings,
  megabytes: number,
  path: NetworkPath | undefined,
  write: Output['write'],
): TraceWriter {
  const { hardware, dram } = network.settings;
  const layers = units.flatMap(({ shown }) => shown);
  const isStepped = network.machine.isCycleStepped !== undefined;
  const isOverlapped = settings.assumptions.includes('prefetch');
  const lanes = lanesOf(hardware, { dram, layers, isStepped, isOverlapped }).all;
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
      const options = { lanes, settings, limit, hardware, template, toBase64, path };
      return htmlWriter({ ...options, closedFormCycles: closedFormsOf(units, hardware) }, write);
    }
  }
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
  const { machine } = network;
  const { units } = tracedProgram(network.layers, network.settings.hardware, machine);
  const selected = { ...asked, layer: asked.layer && tracedNames(asked.layer, network.layers, units) };
  const selection = selectionOf(selected);
  const { hardware, workload, phase, batch, dram } = network.settings;
  const settings: TraceSettings = {
    version: VERSION,
    hardware: hardware.name,
    workload,
    phase,
    batch,
    assumptions: assumptionNames(assume),
    dram: dramInWords(dram),
    clockPicoseconds: hardware.clockPicoseconds,
    selection: selectionInWords(selected),
  };
  const file = await openOutput(output);
  try {
    const withPath = format === 'html' && wantsPath(criticalPath, selection, network);
    const path = withPath ? await drive(tracedPath(network, units, assume, selection), file.room) : undefined;
    const writer = writerOf(format, network, units, settings, maxSize, path, file.write);
    const bounded = new BoundedSink(writer, selection);
    const trace = traceNetwork(network.layers, hardware, assume, bounded, machine);
    const runs = await drive(trace, file.room);
    const counterEnds = bounded.end();
    const notice = bounded.leftOut && leftOutInWords(bounded.leftOut, maxSize);
    writer.end({ runs, notice, counterEnds });
    await file.finish();
    if (notice !== undefined) say(`systole: ${notice}\n`);
    const cycles = runs.reduce((sum, { result, isSecondSide }) => sum + (isSecondSide ? 0 : result.totalCycles), 0);
    if (bounded.isEmpty) say(`systole: ${emptyInWords(settings.selection, runs.length, cycles)}\n`);
  } finally {
    file.discard();
  }
}
