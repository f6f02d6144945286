/** The closed form's assumptions, and what goes beyond them, as switches of the machine (README, The machine). */
import type { Hardware } from '../schemas/hardware.ts';
import { InputError } from '../schemas/inputError.ts';

export const PAPER_ASSUMPTIONS = ['full-edge-tiles', 'lockstep', 'no-psum-hazard', 'reload-operands'] as const;
/** The paper's, and what no closed form describes. */
export const ASSUMPTIONS = [...PAPER_ASSUMPTIONS, 'prefetch'] as const;
export type Assumption = (typeof ASSUMPTIONS)[number];

/** Which assumptions the machine makes. */
export interface Assumptions {
  /** Edge tiles are loaded, computed and stored at full size. */
  readonly fullEdgeTiles: boolean;
  /** A barrier after each segment: loads of step j+1, compute j, store j−1. */
  readonly lockstep: boolean;
  /** A psum may be loaded from DRAM before its own store has ended. */
  readonly noPsumHazard: boolean;
  /** A tensor is loaded whenever a loop at or outside its innermost relevant loop advances, resident or not. */
  readonly reloadOperands: boolean;
  /** No barrier between layers: a later one's tiles come as soon as a slot is free and what they are made from is stored. */
  readonly prefetch: boolean;
}

/** The buffers whose tiles are loaded while others are in use. */
const SYSTOLIC_BUFFERS = ['wbuf', 'ibuf', 'obuf', 'bbuf'] as const;

/** The first buffer with a single slot, in which nothing can be loaded while it is in use; undefined if there is none. */
export function singleSlotBuffer({ slots }: Pick<Hardware, 'slots'>): (typeof SYSTOLIC_BUFFERS)[number] | undefined {
  return SYSTOLIC_BUFFERS.find((buffer) => slots[buffer] < 2);
}

/** Throws an InputError if a conv or gemm cannot run under the assumptions: lockstep loads tiles ahead of their step. */
export function demandSlots(hardware: Hardware, { lockstep }: Assumptions): void {
  const buffer = lockstep ? singleSlotBuffer(hardware) : undefined;
  if (buffer === undefined) return;
  const expected = 'at least 2 under the assumption lockstep, which loads a tile while another one computes';
  throw new InputError({ file: hardware.name, path: `slots.${buffer}`, value: hardware.slots[buffer], expected });
}

/** Throws an InputError where layers cannot overlap: lockstep is a barrier after each segment. */
export function demandNoLockstep({ lockstep }: Assumptions): void {
  if (!lockstep) return;
  throw new InputError({ file: 'assumptions', path: 'lockstep', value: true, expected: 'prefetch without it' });
}

/** The assumptions with the given names; `keep-resident` is the absence of `reload-operands`. */
export function assumptionsOf(names: ReadonlySet<Assumption>): Assumptions {
  return {
    fullEdgeTiles: names.has('full-edge-tiles'),
    lockstep: names.has('lockstep'),
    noPsumHazard: names.has('no-psum-hazard'),
    reloadOperands: names.has('reload-operands'),
    prefetch: names.has('prefetch'),
  };
}

/** The paper's four: the machine that the closed form describes. */
export const PAPER: Assumptions = assumptionsOf(new Set(PAPER_ASSUMPTIONS));

/** What the machine does by default: operands are loaded again, nothing else is assumed. */
export const HARDWARE: Assumptions = assumptionsOf(new Set<Assumption>(['reload-operands']));

/** The names of the assumptions that hold, in the ladder's order. */
export function assumptionNames(assumptions: Assumptions): string[] {
  const names: [boolean, string][] = [
    [assumptions.fullEdgeTiles, 'full-edge-tiles'],
    [assumptions.lockstep, 'lockstep'],
    [assumptions.noPsumHazard, 'no-psum-hazard'],
    [assumptions.reloadOperands, 'reload-operands'],
    [!assumptions.reloadOperands, 'keep-resident'],
    [assumptions.prefetch, 'prefetch'],
  ];
  return names.filter(([holds]) => holds).map(([, name]) => name);
}
