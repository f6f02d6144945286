/** Any table or figure of the paper by its number. */
import type { Progress } from '../../model/network/network.ts';
import { type EconomicPoints, economicPoints } from '../sweep/paperLattices.ts';
import { SEARCH_PRESET, tableIX, tableVIII, tableX } from './allocations.ts';
import { figure5 } from './figure5.ts';
import { figure11, figure12 } from './landscape.ts';
import { networkTable } from './networkTables.ts';
import type { PaperInputs, PaperTarget, PaperTargetName } from './target.ts';

/** Tables by their Roman numbers, figures by their Arabic ones. */
function targetInWords(name: PaperTargetName): string {
  return `${/\d/.test(name) ? 'figure' : 'table'} ${name}`;
}

/** How far a recomputation has come. */
export interface PaperProgress {
  /** Between 0 and 1, all targets alike. */
  readonly share: number;
  /** What is being computed. */
  readonly text: string;
}

/** Recomputes targets in the order of their names; yields progress now and then. */
export function* paperTargets(
  names: readonly PaperTargetName[],
  inputs: PaperInputs,
): Generator<PaperProgress, PaperTarget[]> {
  const targets: PaperTarget[] = [];
  const searched = economicSearch(inputs);
  for (const name of names) {
    yield { share: targets.length / names.length, text: targetInWords(name) };
    const run = paperTarget(name, inputs, searched);
    let step = run.next();
    for (; step.done !== true; step = run.next()) {
      const { layersDone, layers, layerName, layerShare } = step.value;
      const shareOfTarget = (layersDone + layerShare) / layers;
      yield { share: (targets.length + shareOfTarget) / names.length, text: `${targetInWords(name)}, ${layerName}` };
    }
    targets.push(step.value);
  }
  return targets;
}

/** The search that table X and figure 11 share, done when first asked for. */
function economicSearch(inputs: PaperInputs): () => EconomicPoints {
  let points: EconomicPoints | undefined;
  return () => {
    points ??= economicPoints(inputs.hardware(SEARCH_PRESET), inputs.network('resnet50'));
    return points;
  };
}

function* paperTarget(
  name: PaperTargetName,
  inputs: PaperInputs,
  searched: () => EconomicPoints,
): Generator<Progress, PaperTarget> {
  switch (name) {
    case 'VI':
    case 'VII':
      return yield* networkTable(name, inputs);
    case 'VIII':
      return tableVIII(inputs);
    case 'IX':
      return tableIX(inputs);
    case 'X':
      return tableX(searched());
    case '5':
      return figure5(inputs);
    case '11':
      return figure11(searched());
    case '12':
      return figure12(inputs);
  }
}
