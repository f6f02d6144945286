/** The ladder to any machine: from the published closed form to the assumptions and the memory that were asked for. */
import { type DramModel, IDEAL } from '../../model/dram/model.ts';
import type { Assumptions } from '../../model/schedule/assumptions.ts';
import { assumptionNames } from '../../model/schedule/assumptions.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { dramSteps } from './dramLadder.ts';
import { ASSUMED, KEEP_RESIDENT, LADDER, type LadderStep } from './ladder.ts';

const namesOf = (assumptions: Assumptions): string => assumptionNames(assumptions).join(', ');

/** The steps to a machine whose layers do not overlap; the last is that machine. */
export function stepsTo(assumptions: Assumptions, dram: DramModel, hardware: Hardware): LadderStep[] {
  const asked = namesOf(assumptions);
  const all: readonly LadderStep[] = [...LADDER, KEEP_RESIDENT];
  const place = all.findIndex((step) => 'assumptions' in step && namesOf(step.assumptions) === asked);
  const steps =
    place >= 0
      ? all.slice(0, place + 1)
      : [...LADDER, { name: ASSUMED, meaning: `the assumptions asked for: ${asked}`, assumptions, dram: IDEAL }];
  return [...steps, ...dramSteps(dram, assumptions, hardware)];
}
