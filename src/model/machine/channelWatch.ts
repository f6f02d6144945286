/** Follows the bursts of one banked memory back to the tiles that they belong to, and tells an observer. */
import { burstsOf, type Runs } from '../dram/burstWalk.ts';
import type { BurstService } from '../dram/channelListener.ts';
import type { MemoryWatcher } from '../dram/memory.ts';
import { refreshCyclesOf } from '../dram/refreshQueue.ts';
import type { DramSpec } from '../schemas/dram.ts';
import type { ClockRatio } from './memoryClock.ts';
import type { ChannelObserver, InterfaceName, TileMove } from './observer.ts';

/** A tile on its way. */
interface Tile {
  readonly layer: number;
  readonly move: TileMove;
  burstsLeft: number;
}

/** The transfers of one port, by the tag that the port gives their bursts. */
interface PortTiles {
  readonly tiles: Map<number, Tile>;
  transfers: number;
}

export class ChannelWatch implements MemoryWatcher {
  /** Number of the first layer of the program that runs, among all of the run, and of the first after it. */
  private firstLayer = 0;
  private nextLayer = 0;
  private readonly observer: ChannelObserver;
  private readonly names: readonly InterfaceName[];
  private readonly ratio: ClockRatio;
  private readonly burstBytes: number;
  private readonly busCycles: number;
  private readonly refreshCycles: number;
  private readonly firstChannel: number;
  private readonly ports: readonly PortTiles[];

  /** `names`: the memory's interfaces; `firstChannel`: the number of its first channel among those of all memories. */
  constructor(
    observer: ChannelObserver,
    names: readonly InterfaceName[],
    ratio: ClockRatio,
    spec: DramSpec,
    firstChannel: number,
  ) {
    this.observer = observer;
    this.names = names;
    this.ratio = ratio;
    this.burstBytes = spec.organization.bytesPerAccess;
    this.busCycles = spec.timing.burst;
    this.refreshCycles = refreshCyclesOf(spec);
    this.firstChannel = firstChannel;
    this.ports = names.map(() => ({ tiles: new Map(), transfers: 0 }));
  }

  /** A program of so many layers is about to run. */
  programStarted(layers: number): void {
    this.firstLayer = this.nextLayer;
    this.nextLayer += layers;
  }

  /** An interface asks for its next transfer. */
  requested(name: InterfaceName, moves: readonly TileMove[], runs: readonly Runs[]): void {
    const port = this.ports[this.names.indexOf(name)]!;
    moves.forEach((move, part) => {
      const burstsLeft = burstsOf(runs[part]!, this.burstBytes);
      port.tiles.set(2 * port.transfers + part, { layer: this.firstLayer + move.layer, move, burstsLeft });
    });
    port.transfers++;
  }

  /** The controller takes a burst of an interface in a cycle of the memory's; `tag` is the port's. */
  accepted(name: InterfaceName, tag: number, address: number, memoryCycle: number): void {
    const { layer, move } = this.ports[this.names.indexOf(name)]!.tiles.get(tag)!;
    this.observer.burstAccepted!(name, layer, move, address, memoryCycle, this.ratio.cycleOf(memoryCycle));
  }

  burstServed(channel: number, port: number, tag: number, endCycle: number, service: BurstService): void {
    const { tiles } = this.ports[port]!;
    const tile = tiles.get(tag)!;
    if (--tile.burstsLeft === 0) tiles.delete(tag);
    const cycles = service === 'forwarded' ? 1 : this.busCycles;
    const [start, end] = [this.ratio.cycleOf(endCycle - cycles), this.ratio.cycleOf(endCycle)];
    this.observer.burstServed(this.firstChannel + channel, tile.layer, tile.move, service, start, end);
  }

  refreshed(channel: number, cycle: number): void {
    const [start, end] = [this.ratio.cycleOf(cycle), this.ratio.cycleOf(cycle + this.refreshCycles)];
    this.observer.refreshed(this.firstChannel + channel, start, end);
  }
}
