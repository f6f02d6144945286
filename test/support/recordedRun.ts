/** A run on banked memory with its requests as the lines of a file, and what its channels were seen to do. */

import { memoryBytes } from '../../src/model/dram/addressMap.ts';
import type { BurstService } from '../../src/model/dram/channelListener.ts';
import { noMemoryCounts } from '../../src/model/dram/memory.ts';
import type { DramModel } from '../../src/model/dram/model.ts';
import type { ReplayResult } from '../../src/model/dram/replay.ts';
import { replay } from '../../src/model/dram/replay.ts';
import { formatOf, type LineRequest } from '../../src/model/dram/requestLines.ts';
import { StreamedRequests } from '../../src/model/dram/streamedRequests.ts';
import type { Layer } from '../../src/model/layers/layer.ts';
import { addInto } from '../../src/model/layers/result.ts';
import { watchedBy } from '../../src/model/machine/channelWatching.ts';
import { Machine } from '../../src/model/machine/machine.ts';
import { bookedTensor, INTERFACES, type InterfaceName, type TileMove } from '../../src/model/machine/observer.ts';
import type { SimulatedResult } from '../../src/model/machine/statistics.ts';
import type { Assumptions } from '../../src/model/schedule/assumptions.ts';
import type { DramSpec } from '../../src/model/schemas/dram.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
import { type AddressFormat, linesOf } from '../../src/views/trace/addresses/formats.ts';
import { complete } from './complete.ts';
import { finish } from './dram.ts';

type Banked = Extract<DramModel, { kind: 'banked' }>;

export interface RecordedRun {
  readonly lines: Readonly<Record<AddressFormat, readonly string[]>>;
  /** Per interface the end of its last data on a channel, in the machine's cycles. */
  readonly finish: Readonly<Record<InterfaceName, number>>;
  /** Of the whole run, the last writes included. */
  readonly counts: ReturnType<typeof noMemoryCounts>;
  readonly forwarded: number;
  /** By interface and tensor, as `weight bias`, how many of its bursts were served in which way. */
  readonly services: Readonly<Record<string, Readonly<Record<BurstService, number>>>>;
}

/** Which interface moves a tile. */
function interfaceOf({ unit }: Layer, { tensor }: TileMove): InterfaceName {
  if (unit === 'SIMD') return 'vmem';
  return tensor === 'bias' ? 'weight' : (tensor as InterfaceName);
}

const FORMATS: readonly AddressFormat[] = ['dram', 'dramsim3', 'ramulator2'];

/** What layers take on a machine, one after another or, with `prefetch`, without a barrier between them. */
export function resultsOf(
  machine: Machine,
  layers: readonly Layer[],
  assumptions: Assumptions,
): readonly SimulatedResult[] {
  if (assumptions.prefetch) return complete(machine.runOverlapped(layers, assumptions)).layers;
  return layers.map((layer) => machine.run(layer, assumptions));
}

export function recordedRun(
  layers: readonly Layer[],
  hardware: Hardware,
  assumptions: Assumptions,
  dram: Banked,
): RecordedRun {
  const ends: Record<InterfaceName, number> = { weight: 0, ifmap: 0, psum: 0, vmem: 0 };
  const writers = FORMATS.map(linesOf);
  const lines = writers.map(({ head }) => (head === '' ? [] : [head.trim()]));
  const { bytesPerAccess: bytes } = dram.spec.organization;
  let forwarded = 0;
  const services: Record<string, Record<BurstService, number>> = {};
  const machine = new Machine(hardware, {
    dram,
    channelWatching: watchedBy({
      burstAccepted: (name, place, move, address, memoryCycle, cycle) => {
        const isWrite = move.direction === 'store';
        const layer = layers[place]!;
        const request = { memoryCycle, cycle, isWrite, address, bytes, interface: name, tensor: move.tensor, layer };
        for (const [format, { line }] of writers.entries()) lines[format]!.push(line(request).trim());
      },
      burstServed: (_channel, place, move, service, _start, end) => {
        const name = interfaceOf(layers[place]!, move);
        ends[name] = Math.max(ends[name], end);
        if (service === 'forwarded') forwarded++;
        const tensor = `${name} ${bookedTensor(move)}`;
        services[tensor] ??= { 'row hit': 0, 'row miss': 0, forwarded: 0 };
        services[tensor][service]++;
      },
      refreshed: () => {},
    }),
  });
  const counts = noMemoryCounts();
  for (const { memory } of resultsOf(machine, layers, assumptions)) addInto(counts, memory!);
  machine.drainMemory();
  addInto(counts, machine.components.dram!.countsOfProgram());
  const byFormat = Object.fromEntries(FORMATS.map((format, place) => [format, lines[place]!]));
  return { lines: byFormat as Record<AddressFormat, string[]>, finish: ends, counts, forwarded, services };
}

/** Replays lines as `systole dram --trace` does; of the ports of a trace only those that pass. */
export function replayedLines(
  spec: DramSpec,
  lines: readonly string[],
  passes: (port: number) => boolean = () => true,
): ReplayResult {
  const format = formatOf(lines[0]!, { bytes: memoryBytes(spec), ports: 1024, interfaces: INTERFACES });
  let place = format.hasHead ? 1 : 0;
  const read = (request: LineRequest): boolean => {
    while (place < lines.length) {
      const line = lines[place++]!;
      if (!format.read(line, request)) throw new Error(`line ${place}: ${line}`);
      if (passes(request.port)) return true;
    }
    return false;
  };
  const source = new StreamedRequests(format.ports!.length, spec.organization.bytesPerAccess, read, format.hasSizes);
  const perCycle = format.perCycle ?? spec.organization.channels;
  return finish(replay(spec, source, { mode: 'inorder', max_per_cycle: perCycle }));
}
