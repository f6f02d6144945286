/** A user's own prediction of cycles per layer, compared with the simulation. */
import { LARGEST_EXACT } from '../../model/schemas/bounds.ts';
import { InputError, Problems } from '../../model/schemas/inputError.ts';
import { didYouMean } from '../../model/schemas/nearest.ts';
import { cellText } from '../../model/schemas/printable.ts';

/** One prediction, with its line in the file for messages. */
export interface Prediction {
  readonly layer: string;
  readonly cycles: number;
  readonly line: number;
  /** The run that it is of, as far as the file says. */
  readonly run: PredictedRun;
}

/** What a file says of the run of a prediction: the values of these columns, where it has them. */
export interface PredictedRun {
  readonly network?: string;
  readonly hardware?: string;
  readonly phase?: string;
  readonly batch?: string;
}

/** Columns that say of which run a prediction is. */
export const RUN_COLUMNS = ['network', 'hardware', 'phase', 'batch'] as const satisfies (keyof PredictedRun)[];

/** A prediction beside what was simulated. `error` is (predicted − simulated) / simulated. */
export interface ComparedPrediction {
  readonly name: string;
  readonly predicted: number;
  readonly simulated: number;
  readonly error: number;
}

/** The comparison: worst layers first, layers without a prediction by name. */
export interface Comparison {
  readonly layers: readonly ComparedPrediction[];
  readonly totals: ComparedPrediction;
  readonly notPredicted: readonly string[];
}

/** Where in a row each thing stands. */
type Places = Readonly<Partial<Record<'layer' | 'cycles' | keyof PredictedRun, number>>>;

/** Without the header that names columns, a row is the layer and its cycles. */
const LAYER_AND_CYCLES: Places = { layer: 0, cycles: 1 };

/** The columns by their names, where the first row is a header that names a layer's and its cycles' or a run's. */
function placesIn(header: readonly string[], file: string): Places {
  const names = header.map((name) => name.trim().toLowerCase());
  const known = ['layer', 'cycles', ...RUN_COLUMNS];
  const places = Object.fromEntries(
    known.map((name) => [name, names.indexOf(name)]).filter(([, at]) => at !== -1),
  ) as Places;
  const isByName = RUN_COLUMNS.some((column) => column in places) || ('layer' in places && 'cycles' in places);
  if (!isByName) return LAYER_AND_CYCLES;
  for (const needed of ['layer', 'cycles'] as const) {
    if (needed in places) continue;
    const expected = `a column ${needed}${didYouMean(needed, names)}`;
    throw new InputError({ file, path: 'line 1', value: header.join(','), expected });
  }
  return places;
}

/**
 * Rows of a CSV file → predictions: layer and cycles, with or without a header line, or the columns that a header names,
 * among them network, hardware, phase and batch where there are several runs in the file.
 */
export function parsePredictions(rows: readonly (readonly string[])[], file: string): Prediction[] {
  const [first] = rows;
  const hasHeader = first !== undefined && first[1] !== undefined && Number.isNaN(Number(first[1]));
  const places = hasHeader ? placesIn(first, file) : LAYER_AND_CYCLES;
  const problems = new Problems();
  const predictions = rows.slice(hasHeader ? 1 : 0).map((row, place): Prediction => {
    const line = place + (hasHeader ? 2 : 1);
    const cell = (column: keyof Places): string => row[places[column]!]?.trim() ?? '';
    const text = cell('cycles');
    const cycles = text === '' ? Number.NaN : Number(text);
    if (!(cycles >= 0 && cycles <= LARGEST_EXACT)) {
      const expected =
        cycles > LARGEST_EXACT ? 'layer,cycles with a number up to 2⁵³' : 'layer,cycles with a number ≥ 0';
      problems.add({ file, path: `line ${line}`, value: row.join(','), expected });
    }
    const run = Object.fromEntries(RUN_COLUMNS.filter((name) => name in places).map((name) => [name, cell(name)]));
    return { layer: cell('layer'), cycles, line, run };
  });
  problems.throwIfAny();
  if (predictions.length === 0) throw new InputError({ file, path: '', expected: 'lines of layer,cycles' });
  return predictions;
}

/** Whether a prediction is of a run, as far as its file says of which it is; letters' case does not matter. */
export function isOfRun({ run }: Prediction, of: Required<PredictedRun>): boolean {
  return RUN_COLUMNS.every((column) => {
    const said = run[column] ?? '';
    return said === '' || said.toLowerCase() === of[column].toLowerCase();
  });
}

function compared(name: string, predicted: number, simulated: number): ComparedPrediction {
  return { name, predicted, simulated, error: simulated === 0 ? 0 : (predicted - simulated) / simulated };
}

/**
 * Predictions by the layers of a run that they are of. Throws an InputError that names those of no layer, and those of a
 * layer that has one already.
 */
export function predictionsByLayer(
  predictions: readonly Prediction[],
  layerNames: readonly string[],
  file: string,
): Map<string, Prediction> {
  const known = new Set(layerNames);
  // As CSV of ours shows a name that is not printable.
  const names = new Map(layerNames.map((name) => [cellText(name), name]));
  const problems = new Problems();
  const found = new Map<string, Prediction>();
  for (const prediction of predictions) {
    const { layer, line } = prediction;
    const name = known.has(layer) ? layer : names.get(layer);
    if (name === undefined || found.has(name)) {
      const unknown = `the name of a layer that runs${problems.didYouMean(layer, names.keys())}`;
      const expected = name === undefined ? unknown : 'each layer once';
      problems.add({ file, path: `line ${line}`, value: layer, expected });
    } else {
      found.set(name, prediction);
    }
  }
  problems.throwIfAny();
  return found;
}

/** Compares predictions with the simulated cycles of the layers of the same names. */
export function comparePredictions(
  predictions: readonly Prediction[],
  simulated: ReadonlyMap<string, number>,
  file: string,
): Comparison {
  const found = predictionsByLayer(predictions, [...simulated.keys()], file);
  const layers = [...found].map(([name, { cycles }]) => compared(name, cycles, simulated.get(name)!));
  const sum = (pick: (layer: ComparedPrediction) => number): number =>
    layers.reduce((total, each) => total + pick(each), 0);
  return {
    layers: [...layers].sort((a, b) => Math.abs(b.error) - Math.abs(a.error)),
    totals: compared(
      'total of the predicted layers',
      sum((each) => each.predicted),
      sum((each) => each.simulated),
    ),
    notPredicted: [...simulated.keys()].filter((name) => !found.has(name)),
  };
}
