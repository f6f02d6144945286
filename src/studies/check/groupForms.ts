/** The closed form of fused groups beside the machine that it describes, and beside the machine as it is. */
import { groupClosedForm } from '../../model/analytical/groupClosedForm.ts';
import { aloneOf, fuse } from '../../model/fusion/fuse.ts';
import { type Fusion, nameOfGroup } from '../../model/fusion/groups.ts';
import type { Layer } from '../../model/layers/layer.ts';
import { Machine } from '../../model/machine/machine.ts';
import { PAPER } from '../../model/schedule/assumptions.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import type { LayerLadder } from './ladder.ts';

/** A fused group by formula and on the machine, in cycles. */
export interface CheckedGroup {
  readonly name: string;
  /** By our own closed form: in lockstep, whole tiles (MODEL.md §10). */
  readonly closedForm: number;
  /** On the machine under the paper's assumptions, which the formula describes. */
  readonly paper: number;
  /** On the ladder's step `fused`. */
  readonly fused: number;
}

/** Every group of a network; `fusedPlace` is the place of the step `fused` in the ladders' cycles. */
export function checkedGroups(
  layers: readonly Layer[],
  hardware: Hardware,
  fusion: Fusion,
  ladders: readonly LayerLadder[],
  fusedPlace: number,
): CheckedGroup[] {
  const program = fuse(layers, hardware, fusion);
  const machine = new Machine(hardware);
  return program.groups.map((group) => {
    const members = program.layers.slice(group.first, group.last + 1);
    const run = machine.runGroup(members, aloneOf(group), PAPER);
    let step = run.next();
    while (step.done !== true) step = run.next();
    return {
      name: nameOfGroup(group),
      closedForm: groupClosedForm(group, hardware).totalCycles,
      paper: step.value.totalCycles,
      fused: ladders[group.first]!.cycles[fusedPlace]!,
    };
  });
}
