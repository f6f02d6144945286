/** The runs that a file of predictions is of, and what it says of their layers. */
import { InputError } from '../../../model/schemas/inputError.ts';
import { type PredictedRun, type Prediction, predictionsByLayer, RUN_COLUMNS } from '../../../studies/check/against.ts';
import type { Estimator, ValidationRun } from '../../../studies/check/estimator.ts';
import { loadHardware, type Phase } from '../options.ts';
import { type Planned, prepared, type RunsOptions } from './runs.ts';

/** Predictions of a run, and the options where their file does not say which it is. */
interface PredictedPlan {
  readonly said: PredictedRun;
  readonly predictions: readonly Prediction[];
}

/** Predictions by the run that they are of, as far as their file says. */
function plansOf(predictions: readonly Prediction[]): PredictedPlan[] {
  const plans = new Map<string, { said: PredictedRun; predictions: Prediction[] }>();
  for (const prediction of predictions) {
    const key = JSON.stringify(RUN_COLUMNS.map((column) => prediction.run[column] ?? ''));
    const plan = plans.get(key) ?? { said: prediction.run, predictions: [] };
    plans.set(key, plan);
    plan.predictions.push(prediction);
  }
  return [...plans.values()];
}

/** What a file says, or else the one thing that the option does. */
function saidOr(said: string | undefined, given: readonly string[] | undefined, option: string, file: string): string {
  if (said !== undefined && said !== '') return said;
  const [only, ...others] = given ?? [];
  if (only !== undefined && others.length === 0) return only;
  const column = option.slice(2) === 'workload' ? 'network' : option.slice(2);
  const expected = `a single one, or a column ${column} in ${file}`;
  throw new InputError({ file: option, path: '', ...(given && { value: given.join(',') }), expected });
}

function phaseOf(said: string | undefined, options: RunsOptions, file: string, line: number): Phase {
  const phase = said === undefined || said === '' ? (options.phase?.[0] ?? 'inference') : said.toLowerCase();
  if (phase === 'inference' || phase === 'training') return phase;
  throw new InputError({ file, path: `line ${line}`, value: said, expected: 'inference or training' });
}

function batchOf(said: string | undefined, options: RunsOptions, file: string, line: number): number | undefined {
  if (said === undefined || said === '') return options.batch;
  const batch = Number(said);
  if (Number.isInteger(batch) && batch >= 1) return batch;
  throw new InputError({ file, path: `line ${line}`, value: said, expected: 'a whole number ≥ 1 of images' });
}

/** The runs that a file of predictions names, and what it says of their layers. */
export async function predictedRuns(
  predictions: readonly Prediction[],
  file: string,
  options: RunsOptions,
): Promise<{ readonly runs: ValidationRun[]; readonly estimator: Estimator }> {
  const plans = plansOf(predictions);
  const planned = plans.map(({ said, predictions: [first] }): Planned => {
    const { line } = first!;
    const phase = phaseOf(said.phase, options, file, line);
    const place = `${file}: line ${line}`;
    return {
      ...((said.network ?? '') !== '' && { option: place }),
      workload: saidOr(said.network, options.workload, '--workload', file),
      hardware: loadHardware(
        saidOr(said.hardware, options.hardware, '--hardware', file),
        phase,
        (said.hardware ?? '') === '' ? '--hardware' : place,
      ),
      phase,
      batch: batchOf(said.batch, options, file, line),
    };
  });
  const runs = await prepared(planned, options);
  const found = new Map(
    runs.map((run, place) => {
      const names = run.layers.map(({ name }) => name);
      return [run, predictionsByLayer(plans[place]!.predictions, names, file)] as const;
    }),
  );
  const estimator: Estimator = {
    name: file,
    columns: ['cycles'],
    of: (run) => {
      const byLayer = found.get(run);
      return ({ name }) => {
        const prediction = byLayer?.get(name);
        return prediction && { cycles: prediction.cycles };
      };
    },
  };
  return { runs, estimator };
}
