/** Faults put in on purpose, to show that the functional verification would see them. */
import type { MachineObserver, StepSlots, TileMove } from '../../model/machine/observer.ts';
import type { Assumptions } from '../../model/schedule/assumptions.ts';

/** Changes what the machine is allowed to do, or what becomes of its moves and computes. */
export interface Corruption {
  readonly assumptions?: Partial<Assumptions>;
  readonly corrupt?: (observer: MachineObserver) => MachineObserver;
}

/** An observer in front of another that sees all the same but what `changes` says. */
function inFrontOf(observer: MachineObserver, changes: Partial<MachineObserver>): MachineObserver {
  return {
    layerStarted: (layer, schedule, place) => observer.layerStarted(layer, schedule, place),
    transferRequested: (name, moves, cycle) => observer.transferRequested(name, moves, cycle),
    transferStarted: (name, cycle) => observer.transferStarted(name, cycle),
    transferEnded: (name, cycle, firstPartCycle) => observer.transferEnded(name, cycle, firstPartCycle),
    computeStarted: (step, cycle, slots, place) => observer.computeStarted(step, cycle, slots, place),
    computeEnded: (step, cycle, place) => observer.computeEnded(step, cycle, place),
    slotGranted: (sram, slot, step, cycle, place) => observer.slotGranted?.(sram, slot, step, cycle, place),
    layerEnded: (cycle, place) => observer.layerEnded(cycle, place),
    ...changes,
  };
}

/** Of the moves that `concerns` picks, the `place`-th (from 0) does not happen: its slot, or DRAM, stays as it was. */
export function skipMove(concerns: (move: TileMove) => boolean, place = 0): Corruption {
  return {
    corrupt: (observer) => {
      let seen = 0;
      const isKept = (move: TileMove): boolean => !concerns(move) || seen++ !== place;
      return inFrontOf(observer, {
        transferRequested: (name, moves, cycle) => observer.transferRequested(name, moves.filter(isKept), cycle),
      });
    },
  };
}

/** The `place`-th step (from 0) is computed twice in a row. */
export function computeTwice(place = 0): Corruption {
  return {
    corrupt: (observer) => {
      let slots: StepSlots = { result: 0, weight: 0, ifmap: 0, bias: 0, tile: -1 };
      return inFrontOf(observer, {
        computeStarted: (step, cycle, operands, layer) => {
          slots = operands;
          observer.computeStarted(step, cycle, operands, layer);
        },
        computeEnded: (step, cycle, layer) => {
          observer.computeEnded(step, cycle, layer);
          if (step !== place) return;
          observer.computeStarted(step, cycle, slots, layer);
          observer.computeEnded(step, cycle, layer);
        },
      });
    },
  };
}

/** By name, for the command line. Each shows only in layers that have what it breaks. */
export const CORRUPTIONS = {
  'skip-load': skipMove((move) => move.direction === 'load'),
  'skip-store': skipMove((move) => move.direction === 'store'),
  'stale-psum': skipMove((move) => move.direction === 'load' && move.tensor === 'psum'),
  'early-psum': { assumptions: { noPsumHazard: true } },
} as const satisfies Record<string, Corruption>;

export type CorruptionName = keyof typeof CORRUPTIONS;
