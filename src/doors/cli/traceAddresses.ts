/** `systole trace` in a format of address traces: what the interfaces asked of a banked memory, burst by burst. */
import { dramInWords } from '../../model/dram/model.ts';
import { INTERFACES } from '../../model/machine/observer.ts';
import type { Assumptions } from '../../model/schedule/assumptions.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import { AddressTrace } from '../../views/trace/addresses/addressTrace.ts';
import type { AddressFormat } from '../../views/trace/addresses/formats.ts';
import { recordRequests } from '../../views/trace/addresses/recordRequests.ts';
import { interfaceKey } from '../../views/trace/lanes.ts';
import type { Selection } from '../../views/trace/selection.ts';
import { layerNamed } from '../library/layerNames.ts';
import type { LoadedNetwork } from './networkCommand.ts';
import { openOutput } from './output/output.ts';
import { drive } from './progress.ts';
import { say } from './stderr.ts';
import { emptyInWords } from './traceOutput.ts';
import { type SelectionOptions, selectionInWords, selectionOf } from './traceSelection.ts';

/** How requests are written, beside which. */
export interface AddressOutput {
  readonly format: AddressFormat;
  /** A file, or `-`. */
  readonly output: string;
  readonly assume: Assumptions;
  readonly maxSize: number;
}

/** The banked memory whose addresses a trace can have: one, or that of the only interface that is selected. */
function memoryOf({ settings }: LoadedNetwork, format: AddressFormat, { steps, tiles, lanes }: Selection) {
  const { dram } = settings;
  const refuse = (file: string, value: string | undefined, expected: string): InputError =>
    new InputError({ file, path: '', ...(value !== undefined && { value }), expected });
  if (steps !== undefined) throw refuse('--steps', undefined, `none with --format ${format}: bursts have no steps`);
  if (tiles !== undefined)
    throw refuse('--tile-range', undefined, `none with --format ${format}: bursts have no tiles`);
  if (dram.kind !== 'banked') {
    throw refuse('--dram', dramInWords(dram), `banked DRAM with --format ${format}: without it nothing has an address`);
  }
  const selected = INTERFACES.filter((name) => lanes === undefined || lanes.has(interfaceKey(name)));
  if (dram.sharing !== 'shared' && selected.length > 1) {
    const expected = 'shared, or --lanes with one interface: each has a memory of its own';
    throw refuse('--dram-sharing', dram.sharing, expected);
  }
  return dram;
}

/** Runs the network under the assumptions and writes what is selected of its requests; says on stderr what is left out. */
export async function traceAddresses(
  network: LoadedNetwork,
  { format, output, assume, maxSize }: AddressOutput,
  asked: SelectionOptions,
): Promise<void> {
  const { layers, machine, settings } = network;
  const selected = { ...asked, layer: asked.layer?.map((name) => layerNamed(layers, name).name) };
  const selection = selectionOf(selected);
  const dram = memoryOf(network, format, selection);
  const file = await openOutput(output);
  try {
    const trace = new AddressTrace(format, selection, maxSize, file.write);
    const run = recordRequests(layers, settings.hardware, assume, dram, (request) => trace.add(request), machine);
    const cycles = await drive(run, file.room);
    const notice = trace.end();
    await file.finish();
    const isEmpty = trace.written === 0 && notice === undefined;
    if (notice !== undefined) say(`systole: ${notice}\n`);
    if (isEmpty) say(`systole: ${emptyInWords(selectionInWords(selected), layers.length, cycles)}\n`);
  } finally {
    file.discard();
  }
}
