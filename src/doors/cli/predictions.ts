/** A user's predictions, read from CSV. */
import { CsvError, parse } from 'csv-parse/sync';
import { withoutMark } from '../../model/schemas/byteOrderMark.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import { parsePredictions } from '../../studies/check/against.ts';
import type { Predictions } from '../library/check.ts';
import { readInput } from './inputs.ts';

/** What follows is no line of predictions. */
const LONGEST_LINE = 1 << 16;

/** Reads predictions before anything is simulated; throws an InputError for whatever is wrong with the file. */
export function readPredictions(file: string): Predictions {
  const text = readInput(file, { option: '--against', expected: 'a CSV file that can be read' });
  try {
    const rows = parse(withoutMark(text), {
      max_record_size: LONGEST_LINE,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
    }) as string[][];
    return { predictions: parsePredictions(rows, file), file };
  } catch (error) {
    if (error instanceof CsvError) throw new InputError({ file, path: '', expected: `CSV (${error.message})` });
    throw error;
  }
}
