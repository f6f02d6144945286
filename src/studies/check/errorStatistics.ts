/** How far predictions lie from what was simulated, in the figures that comparisons of models are told by. */
import { spearman } from '../../model/statistics/rankCorrelation.ts';

/** A figure predicted and simulated. */
export interface Predicted {
  readonly predicted: number;
  readonly simulated: number;
}

/** (predicted − simulated) / simulated; 0 where both are 0, and undefined where only the simulation's is. */
export function relativeError({ predicted, simulated }: Predicted): number | undefined {
  if (simulated !== 0) return (predicted - simulated) / simulated;
  return predicted === 0 ? 0 : undefined;
}

/** Statistics of relative errors, as shares: 0.05 is 5 %. */
export interface ErrorStatistics {
  readonly cases: number;
  /** Mean of |error|: the mean absolute percent error. */
  readonly meanAbsolute: number;
  /** Mean of the errors with their signs: how far too large predictions are. */
  readonly bias: number;
  /** Error of the sum of all cases. */
  readonly total: number;
  /** The largest error, with its sign. */
  readonly worst: number;
  /** Shares of cases whose |error| is at most so many percent. */
  readonly within1: number;
  readonly within5: number;
  readonly within10: number;
  /** Spearman's ρ of predictions and simulation; left out where one of them does not vary. */
  readonly spearman?: number;
}

/** What floating point adds to an error of exactly so many percent. */
const ROUNDING = 1e-12;

/** A figure under its name, unless it is none. */
export function unlessNone<Name extends string>(name: Name, value: number): { readonly [Key in Name]?: number } {
  return (Number.isNaN(value) ? {} : { [name]: value }) as { readonly [Key in Name]?: number };
}

/** The statistics of some cases, of which there is at least one. */
export function errorStatistics(cases: readonly Predicted[]): ErrorStatistics {
  // Where nothing was simulated and something predicted there is no percentage; such a case is wrong all the same.
  const errors = cases.map((each) => relativeError(each) ?? 1);
  const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
  const within = (percent: number): number =>
    errors.filter((error) => Math.abs(error) <= percent / 100 + ROUNDING).length / errors.length;
  const [predicted, simulated] = [cases.map((each) => each.predicted), cases.map((each) => each.simulated)] as const;
  return {
    cases: cases.length,
    meanAbsolute: sum(errors.map(Math.abs)) / errors.length,
    bias: sum(errors) / errors.length,
    total: relativeError({ predicted: sum(predicted), simulated: sum(simulated) }) ?? 1,
    worst: errors.reduce((worst, error) => (Math.abs(error) > Math.abs(worst) ? error : worst), 0),
    within1: within(1),
    within5: within(5),
    within10: within(10),
    ...unlessNone('spearman', spearman(predicted, simulated)),
  };
}

/** The statistics of cases by a name, in the order in which names first occur. */
export function statisticsBy<Case extends Predicted>(
  cases: readonly Case[],
  nameOf: (each: Case) => string,
): Record<string, ErrorStatistics> {
  const groups = new Map<string, Case[]>();
  for (const each of cases) {
    const name = nameOf(each);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [each]);
    else group.push(each);
  }
  return Object.fromEntries([...groups].map(([name, group]) => [name, errorStatistics(group)]));
}
