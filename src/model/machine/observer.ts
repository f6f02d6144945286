/**
 * What can be watched while the machine runs: for traces and for carrying real data. With nobody watching this
 * costs a comparison per transfer and per compute.
 */
import type { BurstService } from '../dram/channelListener.ts';
import type { Layer } from '../layers/layer.ts';
import type { FusedSchedule } from '../schedule/fusedSchedule.ts';
import type { SaSchedule } from '../schedule/saSchedule.ts';
import type { SimdSchedule } from '../schedule/simdSchedule.ts';
import type { WaitingCause } from './waiting.ts';

export const INTERFACES = ['weight', 'ifmap', 'psum', 'vmem'] as const;
export type InterfaceName = (typeof INTERFACES)[number];

/** Something for each interface, by its name. */
export function perInterface<T>(value: (name: InterfaceName) => T): Record<InterfaceName, T> {
  return { weight: value('weight'), ifmap: value('ifmap'), psum: value('psum'), vmem: value('vmem') };
}

/** A tile that a transfer moves. */
export interface TileMove {
  /** `weight`, `bias`, `ifmap`, `psum`, or the name of a SIMD operand. */
  readonly tensor: string;
  readonly direction: 'load' | 'store';
  /** Step that identifies the tile: the first one of its use on the SA, its own on the SIMD array. */
  readonly step: number;
  /** Slot of the tile's SRAM. */
  readonly slot: number;
  readonly bits: number;
  /** Place of the tile's layer in the program that runs: 0 where layers run one after another. */
  readonly layer: number;
  /** Of a result's slot: the operand's place among its visit's loads or stores. */
  readonly operand?: number;
  /** Of a psum that is stored: whether its sums are complete, an ofmap tile. */
  readonly isComplete?: boolean;
}

/**
 * Slots that hold what a step computes with: its result's in OBuf or VMem; on the PE array those of its operands, else
 * −1. `bias` is −1 too when the step does not begin a psum.
 */
export interface StepSlots {
  readonly result: number;
  readonly weight: number;
  readonly ifmap: number;
  readonly bias: number;
  /** In OBuf, of a tile that a fused SIMD step takes over; −1 if it takes none. */
  readonly tile: number;
}

export interface MachineObserver {
  /** A layer is about to run; `place` is its place in the program, all of whose layers start before anything happens. */
  layerStarted(layer: Layer, schedule: SaSchedule | SimdSchedule | FusedSchedule, place: number): void;
  /**
   * Where layers overlap: a load on the PE array has been given its slots, and waits for the layers that make its tensor.
   * It enters its interface's queue later.
   */
  loadWaits?(moves: readonly TileMove[], cycle: number): void;
  /** A transfer enters an interface's queue: its tiles in the order in which they travel. It is served in turn. */
  transferRequested(name: InterfaceName, moves: readonly TileMove[], cycle: number): void;
  /**
   * The interface begins with the oldest transfer that it has not begun with: the one before has ended or, at a banked
   * memory, has all its bursts accepted. There `cycle` may lie before now: a store's first bits travel ahead.
   */
  transferStarted(name: InterfaceName, cycle: number): void;
  /** Where transfers overlap: the interface begins with the second tile of the transfer that it began with last. */
  secondTileStarted?(name: InterfaceName, cycle: number): void;
  /**
   * The oldest transfer under way has ended; the first of its tiles was complete at `firstPartCycle`. Comes before
   * anything else that happens because of it.
   */
  transferEnded(name: InterfaceName, cycle: number, firstPartCycle: number): void;
  /** The layer's unit begins a step. */
  computeStarted(step: number, cycle: number, slots: StepSlots, place: number): void;
  computeEnded(step: number, cycle: number, place: number): void;
  /**
   * A unit that is stepped cycle by cycle has done so from this cycle to the next. What was where: per row and then per
   * column of the PE array the pass whose ifmap enters or whose sums leave, per stage of the SIMD pipeline's first lane
   * the instruction; −1 where there was nothing. `nameOf`: what an instruction does; `place`: of the layer in its program.
   * The list is the unit's own.
   */
  unitStepped?(held: ArrayLike<number>, cycle: number, nameOf: (number: number) => string, place: number): void;
  /** A step's psum, or its working set in VMem, is given a slot. Other slots are given when their load is requested. */
  slotGranted?(sram: 'obuf' | 'vmem', slot: number, step: number, cycle: number, place: number): void;
  /** The layer's unit did not compute from one cycle to the other, for one cause; told when the wait is over. */
  waited?(cause: WaitingCause, from: number, to: number, place: number): void;
  /** The layer's last store has ended. */
  layerEnded(cycle: number, place: number): void;
}

/**
 * What can be watched of a banked memory, by whoever the machine is built with. Cycles are the machine's, from its
 * first layer on: a write may be served after its layer has ended.
 */
export interface ChannelObserver {
  /**
   * A channel has served a burst of a tile of the layer of that number, from 0. Its data is on the bus between the two
   * cycles, which are the same where a burst is shorter than a cycle; a forwarded one never is.
   */
  burstServed(channel: number, layer: number, move: TileMove, service: BurstService, start: number, end: number): void;
  /**
   * The controller has taken a burst of an interface's, which lies at this byte address, in this cycle of the memory's own
   * clock; `cycle` is the machine's.
   */
  burstAccepted?(
    name: InterfaceName,
    layer: number,
    move: TileMove,
    address: number,
    memoryCycle: number,
    cycle: number,
  ): void;
  /** A channel is busy with a refresh. */
  refreshed(channel: number, start: number, end: number): void;
}

/** The tensor under which a tile is booked: a psum whose sums are complete is an ofmap. */
export function bookedTensor({ tensor, isComplete }: TileMove): string {
  return isComplete === true ? 'ofmap' : tensor;
}

/** Several observers as one; undefined if there is none. */
export function observersAsOne(observers: readonly MachineObserver[]): MachineObserver | undefined {
  if (observers.length < 2) return observers[0];
  return {
    layerStarted: (...told) => {
      for (const each of observers) each.layerStarted(...told);
    },
    loadWaits: (...told) => {
      for (const each of observers) each.loadWaits?.(...told);
    },
    transferRequested: (...told) => {
      for (const each of observers) each.transferRequested(...told);
    },
    transferStarted: (...told) => {
      for (const each of observers) each.transferStarted(...told);
    },
    secondTileStarted: (...told) => {
      for (const each of observers) each.secondTileStarted?.(...told);
    },
    transferEnded: (...told) => {
      for (const each of observers) each.transferEnded(...told);
    },
    computeStarted: (...told) => {
      for (const each of observers) each.computeStarted(...told);
    },
    computeEnded: (...told) => {
      for (const each of observers) each.computeEnded(...told);
    },
    unitStepped: (...told) => {
      for (const each of observers) each.unitStepped?.(...told);
    },
    slotGranted: (...told) => {
      for (const each of observers) each.slotGranted?.(...told);
    },
    waited: (...told) => {
      for (const each of observers) each.waited?.(...told);
    },
    layerEnded: (...told) => {
      for (const each of observers) each.layerEnded(...told);
    },
  };
}
