/** A user's own prediction of cycles per layer, compared with the simulation. */
import { LARGEST_EXACT } from '../../model/schemas/bounds.ts';
import { InputError, Problems } from '../../model/schemas/inputError.ts';
import { cellText } from '../../model/schemas/printable.ts';

/** One prediction, with its line in the file for messages. */
export interface Prediction {
  readonly layer: string;
  readonly cycles: number;
  readonly line: number;
}

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

/** Rows of a CSV file (layer, cycles), with or without a header line → predictions. */
export function parsePredictions(rows: readonly (readonly string[])[], file: string): Prediction[] {
  const [first] = rows;
  const hasHeader = first !== undefined && first[1] !== undefined && Number.isNaN(Number(first[1]));
  const problems = new Problems();
  const predictions = rows.slice(hasHeader ? 1 : 0).map((row, place): Prediction => {
    const line = place + (hasHeader ? 2 : 1);
    const [layer = '', text = ''] = row;
    const cycles = text.trim() === '' ? Number.NaN : Number(text);
    if (!(cycles >= 0 && cycles <= LARGEST_EXACT)) {
      const expected =
        cycles > LARGEST_EXACT ? 'layer,cycles with a number up to 2⁵³' : 'layer,cycles with a number ≥ 0';
      problems.add({ file, path: `line ${line}`, value: row.join(','), expected });
    }
    return { layer: layer.trim(), cycles, line };
  });
  problems.throwIfAny();
  if (predictions.length === 0) throw new InputError({ file, path: '', expected: 'lines of layer,cycles' });
  return predictions;
}

function compared(name: string, predicted: number, simulated: number): ComparedPrediction {
  return { name, predicted, simulated, error: simulated === 0 ? 0 : (predicted - simulated) / simulated };
}

/** Compares predictions with the simulated cycles of the layers of the same names. */
export function comparePredictions(
  predictions: readonly Prediction[],
  simulated: ReadonlyMap<string, number>,
  file: string,
): Comparison {
  // As CSV of ours shows a name that is not printable.
  const names = new Map([...simulated.keys()].map((name) => [cellText(name), name]));
  const problems = new Problems();
  const seen = new Set<string>();
  const layers = predictions.map(({ layer, cycles, line }) => {
    const name = simulated.has(layer) ? layer : (names.get(layer) ?? layer);
    const actual = simulated.get(name);
    if (actual === undefined || seen.has(name)) {
      const unknown = `the name of a layer that runs${problems.didYouMean(layer, names.keys())}`;
      problems.add({
        file,
        path: `line ${line}`,
        value: layer,
        expected: actual === undefined ? unknown : 'each layer once',
      });
    }
    seen.add(name);
    return compared(name, cycles, actual ?? 0);
  });
  problems.throwIfAny();
  const sum = (pick: (layer: ComparedPrediction) => number): number =>
    layers.reduce((total, each) => total + pick(each), 0);
  return {
    layers: [...layers].sort((a, b) => Math.abs(b.error) - Math.abs(a.error)),
    totals: compared(
      'total of the predicted layers',
      sum((each) => each.predicted),
      sum((each) => each.simulated),
    ),
    notPredicted: [...simulated.keys()].filter((name) => !seen.has(name)),
  };
}
