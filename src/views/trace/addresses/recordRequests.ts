/** Runs a network and tells of every burst that its interfaces ask of a banked memory. */

import type { DramModel } from '../../../model/dram/model.ts';
import type { Layer } from '../../../model/layers/layer.ts';
import { watchedBy } from '../../../model/machine/channelWatching.ts';
import {
  bookedTensor,
  type ChannelObserver,
  type InterfaceName,
  type TileMove,
} from '../../../model/machine/observer.ts';
import { type Progress, type RunOptions, runNetwork, totalsOf } from '../../../model/network/network.ts';
import type { Assumptions } from '../../../model/schedule/assumptions.ts';
import type { Hardware } from '../../../model/schemas/hardware.ts';
import type { BurstRequest } from './requestSink.ts';

type Banked = Extract<DramModel, { kind: 'banked' }>;

class RequestRecorder implements ChannelObserver {
  private readonly layers: readonly Layer[];
  private readonly request: BurstRequest;
  private readonly told: (request: BurstRequest) => void;

  constructor(layers: readonly Layer[], bytes: number, told: (request: BurstRequest) => void) {
    this.layers = layers;
    this.told = told;
    const nothing = { memoryCycle: 0, cycle: 0, isWrite: false, address: 0, interface: 'weight' as const, tensor: '' };
    this.request = { ...nothing, bytes, layer: layers[0]! };
  }

  burstAccepted(
    name: InterfaceName,
    layer: number,
    move: TileMove,
    address: number,
    memoryCycle: number,
    cycle: number,
  ): void {
    const { request } = this;
    request.memoryCycle = memoryCycle;
    request.cycle = cycle;
    request.isWrite = move.direction === 'store';
    request.address = address;
    request.interface = name;
    request.tensor = bookedTensor(move);
    request.layer = this.layers[layer]!;
    this.told(request);
  }

  burstServed(): void {}

  refreshed(): void {}
}

/**
 * Runs a network, as `runNetwork` does, and tells of each burst in the order in which the controller takes them; yields
 * progress now and then, and returns the network's cycles.
 */
export function* recordRequests(
  layers: readonly Layer[],
  hardware: Hardware,
  assumptions: Assumptions,
  dram: Banked,
  told: (request: BurstRequest) => void,
  options: Omit<RunOptions, 'dram' | 'channelWatching'> = {},
): Generator<Progress, number> {
  const channelWatching = watchedBy(new RequestRecorder(layers, dram.spec.organization.bytesPerAccess, told));
  const run = yield* runNetwork(layers, hardware, assumptions, 'published', { ...options, dram, channelWatching });
  return totalsOf(run.layers, run.groups).all.simulated.totalCycles;
}
