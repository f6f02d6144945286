/** Whether a formula orders hardware points as the machine does. */
import { kendall, spearman } from '../../model/statistics/rankCorrelation.ts';
import { relativeError, unlessNone } from './errorStatistics.ts';
import type { ValidationRun } from './estimator.ts';
import type { ValidationCase } from './validationCase.ts';

/** How a formula orders hardware points for a network, beside the order of the machine. */
export interface DesignRanking {
  readonly network: string;
  readonly phase: 'inference' | 'training';
  readonly batch: number;
  readonly points: number;
  /** Kendall's τ-b and Spearman's ρ of the networks' cycles; left out where one side does not vary. */
  readonly kendall?: number;
  readonly spearman?: number;
  /** The fastest point by the machine, and the one that the formula would choose. */
  readonly best: string;
  readonly chosen: string;
  /** What the choice costs on the machine: its cycles over the best's, less 1. */
  readonly regret: number;
}

const settingOf = ({ network, phase, batch }: ValidationRun): string => JSON.stringify([network, phase, batch]);

/** How the formula ranks the hardware points of each network that runs on several. */
export function rankings(cases: readonly ValidationCase[]): DesignRanking[] {
  const settings = new Map<string, Map<ValidationRun, { predicted: number; simulated: number }>>();
  for (const { run, predicted, simulated } of cases) {
    const setting = settings.get(settingOf(run)) ?? new Map<ValidationRun, { predicted: number; simulated: number }>();
    settings.set(settingOf(run), setting);
    const sums = setting.get(run) ?? { predicted: 0, simulated: 0 };
    setting.set(run, sums);
    sums.predicted += predicted;
    sums.simulated += simulated;
  }
  return [...settings.values()].flatMap((setting) => {
    if (setting.size < 2) return [];
    const [runs, sums] = [[...setting.keys()], [...setting.values()]];
    const [predicted, simulated] = [sums.map((each) => each.predicted), sums.map((each) => each.simulated)];
    const [chosen, best] = [predicted.indexOf(Math.min(...predicted)), simulated.indexOf(Math.min(...simulated))];
    const { network, phase, batch } = runs[0]!;
    return [
      {
        ...{ network, phase, batch, points: runs.length },
        ...unlessNone('kendall', kendall(predicted, simulated)),
        ...unlessNone('spearman', spearman(predicted, simulated)),
        best: runs[best]!.hardwareName,
        chosen: runs[chosen]!.hardwareName,
        regret: relativeError({ predicted: simulated[chosen]!, simulated: simulated[best]! }) ?? 0,
      },
    ];
  });
}
