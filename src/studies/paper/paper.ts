/** Any table or figure of the paper by its number. */
import type { Fusion } from '../../model/fusion/groups.ts';
import type { Progress } from '../../model/network/network.ts';
import { type EconomicPoints, economicPoints } from '../sweep/paperLattices.ts';
import { SEARCH_PRESET, tableIX, tableVIII, tableX } from './allocations.ts';
import { everyNetwork } from './everyNetwork.ts';
import { figure5 } from './figure5.ts';
import { figure11, figure12 } from './landscape.ts';
import { networkTable } from './networkTables.ts';
import type { PaperInputs, PaperTarget, PaperTargetName } from './target.ts';

/** Tables by their Roman numbers, figures by their Arabic ones. */
function targetInWords(name: PaperTargetName): string {
  if (name === 'networks') return 'all networks';
  return `${/\d/.test(name) ? 'figure' : 'table'} ${name}`;
}

/** How far a recomputation has come. */
export interface PaperProgress {
  /** Between 0 and 1, all targets alike. */
  readonly share: number;
  /** What is being computed. */
  readonly text: string;
}

/** Recomputes targets in the order of their names, layers fused where that is asked for; yields progress now and then. */
export function* paperTargets(
  names: readonly PaperTargetName[],
  inputs: PaperInputs,
  fusion: Fusion = 'none',
): Generator<PaperProgress, PaperTarget[]> {
  const targets: PaperTarget[] = [];
  const searched = economicSearch(inputs);
  for (const name of names) {
    yield { share: targets.length / names.length, text: targetInWords(name) };
    const run = paperTarget(name, inputs, searched, fusion);
    let step = run.next();
    for (; step.done !== true; step = run.next()) {
      const { share, text } = step.value;
      yield { share: (targets.length + share) / names.length, text: `${targetInWords(name)}, ${text}` };
    }
    targets.push(step.value);
  }
  return targets;
}

/** The progress of a target whose layers are run. */
function* running<Result>(run: Generator<Progress, Result>): Generator<PaperProgress, Result> {
  for (let step = run.next(); ; step = run.next()) {
    if (step.done === true) return step.value;
    const { layersDone, layers, layerName, layerShare } = step.value;
    yield { share: (layersDone + layerShare) / layers, text: layerName };
  }
}

/** The progress of a target that is searched for: nobody knows how many points will fit. */
function* searching<Result>(search: Generator<number, Result>): Generator<PaperProgress, Result> {
  for (let step = search.next(); ; step = search.next()) {
    if (step.done === true) return step.value;
    yield { share: 0, text: `${step.value} points` };
  }
}

/** The search that table X and figure 11 share, done when first asked for. */
function economicSearch(inputs: PaperInputs): () => Generator<PaperProgress, EconomicPoints> {
  let points: EconomicPoints | undefined;
  return function* () {
    points ??= yield* searching(economicPoints(inputs.hardware(SEARCH_PRESET), inputs.network('resnet50')));
    return points;
  };
}

function* paperTarget(
  name: PaperTargetName,
  inputs: PaperInputs,
  searched: () => Generator<PaperProgress, EconomicPoints>,
  fusion: Fusion,
): Generator<PaperProgress, PaperTarget> {
  switch (name) {
    case 'VI':
    case 'VII':
      return yield* running(networkTable(name, inputs, fusion));
    case 'VIII':
      return yield* searching(tableVIII(inputs));
    case 'IX':
      return yield* searching(tableIX(inputs));
    case 'X':
      return tableX(yield* searched());
    case '5':
      return figure5(inputs);
    case '11':
      return figure11(yield* searched());
    case '12':
      return yield* searching(figure12(inputs));
    case 'networks':
      return yield* running(everyNetwork(inputs, fusion));
  }
}
