/** What of a run is compared with a formula: layers, and fused groups, each by the formula and by the machine. */
import { byColumn } from '../../model/formulas/formula.ts';
import { nameOfGroup } from '../../model/fusion/groups.ts';
import type { Layer } from '../../model/layers/layer.ts';
import { columnsOf } from '../../model/layers/result.ts';
import type { SimulatedResult } from '../../model/machine/statistics.ts';
import type { NetworkRun } from '../../model/network/network.ts';
import type { Predicted } from './errorStatistics.ts';
import type { Estimator, ValidationRun } from './estimator.ts';

/** A layer, or a fused group, by a formula and by the machine, in cycles. */
export interface ValidationCase extends Predicted {
  readonly run: ValidationRun;
  readonly name: string;
  readonly op: string;
  readonly layer: Layer;
  readonly result: SimulatedResult;
}

/** A layer or a group of a run on the machine, with the layers of which an estimate is the sum. */
export interface Unit {
  readonly name: string;
  readonly op: string;
  readonly layers: readonly Layer[];
  readonly cycles: number;
  readonly result: SimulatedResult;
}

/** The operation of a group. */
export const FUSED_GROUP = 'fused group';

/** What of a run is compared: each layer by itself; of a fused group, whose layers have no cycles of their own, all of it. */
export function unitsOf({ layers, groups = [] }: NetworkRun): Unit[] {
  const inGroup = new Map(groups.map((each) => [each.group.first, each]));
  const units: Unit[] = [];
  for (let place = 0; place < layers.length; place++) {
    const group = inGroup.get(place);
    if (group === undefined) {
      const { layer, simulated } = layers[place]!;
      units.push({ name: layer.name, op: layer.op, layers: [layer], cycles: simulated.totalCycles, result: simulated });
      continue;
    }
    const { first, last } = group.group;
    const members = layers.slice(first, last + 1);
    units.push({
      name: nameOfGroup(group.group),
      op: FUSED_GROUP,
      layers: members.map(({ layer }) => layer),
      cycles: group.totalCycles,
      result: members[0]!.simulated,
    });
    place = last;
  }
  return units;
}

/** A formula's cases as they are collected. */
export interface Collected {
  readonly estimator: Estimator;
  readonly cases: ValidationCase[];
  readonly columns: Map<string, Predicted[]>;
  notCovered: number;
}

/** Asks a formula for what a run consists of, and keeps both figures of each. */
export function collect(into: Collected, run: ValidationRun, units: readonly Unit[]): void {
  const estimate = into.estimator.of(run);
  for (const { name, op, layers, cycles, result } of units) {
    const estimates = layers.map(estimate);
    if (estimates.some((each) => each === undefined)) {
      into.notCovered++;
      continue;
    }
    const predicted = estimates.reduce((sum, each) => sum + each!.cycles, 0);
    into.cases.push({ run, name, op, layer: layers[0]!, result, predicted, simulated: cycles });
    if (layers.length > 1) continue; // What a member moves on chip is no column of a formula.
    const figures = columnsOf({ ...result });
    for (const [column, value] of byColumn<number>({ ...estimates[0] })) {
      if (column === 'cycles') continue;
      const list = into.columns.get(column) ?? [];
      into.columns.set(column, list);
      list.push({ predicted: value, simulated: figures.get(column)! });
    }
  }
}
