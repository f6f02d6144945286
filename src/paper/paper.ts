/** Any table or figure of the paper by its number. */
import type { Progress } from '../crosscheck/network.ts';
import { figure5 } from './figure5.ts';
import { networkTable } from './networkTables.ts';
import type { PaperInputs, PaperTarget, PaperTargetName } from './target.ts';

/** Recomputes a target; yields progress now and then. */
export function* paperTarget(name: PaperTargetName, inputs: PaperInputs): Generator<Progress, PaperTarget> {
  switch (name) {
    case 'VI':
    case 'VII':
      return yield* networkTable(name, inputs);
    case '5':
      return figure5(inputs);
    default:
      throw new Error(name);
  }
}

/** Recomputes several targets. */
export function* paperTargets(
  names: readonly PaperTargetName[],
  inputs: PaperInputs,
): Generator<Progress, PaperTarget[]> {
  const targets: PaperTarget[] = [];
  for (const name of names) targets.push(yield* paperTarget(name, inputs));
  return targets;
}
