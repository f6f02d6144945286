/**
 * What the components say to each other. A component knows its ports, never the machine: units are told to compute,
 * interfaces to transfer, and both report the end to whoever they are attached to, as events on the queue.
 */
import type { Stateful } from '../engine/stateList.ts';
import type { Layer } from '../layers/layer.ts';
import type { InterfaceName, MachineObserver, TileMove } from './observer.ts';

/** Hears of the ends of transfers on an interface. */
export interface TransferClient {
  /**
   * A transfer has ended. `tag` is the one given with the request; the first of its two parts was complete at
   * `firstPartCycle`; a part that was not there has 0 bits.
   */
  transferEnded(tag: number, cycle: number, firstPartCycle: number, firstBits: number, secondBits: number): void;
}

/** Where tile loads and stores are asked for. */
export interface RequestPort {
  /**
   * Queues a transfer of two parts, one behind the other; a part of 0 bits is none. `moves` are the parts' tiles, where
   * anybody must know them.
   */
  request(tag: number, firstBits: number, secondBits: number, moves: readonly TileMove[]): void;
}

/** Of a request, where nobody must know which tiles it moves. */
export const NO_MOVES: readonly TileMove[] = [];

/** Takes tile loads and stores: an off-chip interface, whatever memory is behind it. Serves them in order. */
export interface TransferPort extends RequestPort, Stateful {
  readonly name: InterfaceName;
  /** Cycles in which a transfer was under way, since the machine was built. */
  readonly busyCycles: number;
  /** Of these, what the transfer that ended last has added. */
  readonly lastCycles: number;
  /** Bits whose transfer has ended, since the machine was built. */
  readonly bitsMoved: number;
  /** Who watches, if anybody. */
  observer: MachineObserver | undefined;
  /** Who is told of ends from now on. */
  attach(client: TransferClient): void;
  /** Whether no transfer is under way, nor waits. */
  isIdle(): boolean;
}

/** Hears of the ends of tiles on a unit. */
export interface ComputeClient {
  computeEnded(cycle: number): void;
}

/** Takes tiles to compute, one at a time: the PE array or the SIMD pipeline. */
export interface ComputePort<Tile> extends Stateful {
  readonly isBusy: boolean;
  /** Cycles in which a tile was computed, pipeline fill included, since the machine was built. */
  readonly busyCycles: number;
  /** Tiles begun, since the machine was built. */
  readonly tiles: number;
  /** Who is told of ends from now on. */
  attach(client: ComputeClient): void;
  /**
   * The tiles that come from now on are of these layers, several of one fused group, at this place of the program. Only a
   * unit that can be looked into must know.
   */
  turnTo?(layers: readonly Layer[], place: number): void;
  /** Starts a tile on the free unit; `startsResult`: it begins a new psum rather than adding to one. */
  compute(tile: Tile, startsResult: boolean): void;
}
