/** A trace as CSV: a row per slice and per counter sample, and a last one that says what is left out, if anything. */
import { stringify } from 'csv-stringify/sync';
import { CONV_DIMS } from '../layers/layer.ts';
import { sliceFields, sliceName } from './slice.ts';
import type { TraceWriter, WriteText } from './traceFile.ts';

/** Cycles are network cycles; `value` is a counter's. Coordinates that a row does not have are empty. */
export const CSV_COLUMNS: readonly string[] = [
  ...['kind', 'lane', 'name', 'startCycle', 'endCycle', 'cycles', 'layer', 'op', 'unit', 'step'],
  ...[...CONV_DIMS, 'part', 'c', 'h', 'w', 'tensor', 'bits'],
  ...['rowHits', 'rowMisses', 'forwarded', 'cause', 'value'],
];

const ROWS_AT_ONCE = 1000;

type Row = Readonly<Record<string, string | number>>;

/** The cells of a row; as arrays csv-stringify writes them several times faster than as records. */
function cellsOf(row: Row): (string | number | undefined)[] {
  return CSV_COLUMNS.map((column) => row[column]);
}

/** Writes some rows at a time. */
export function csvWriter(write: WriteText): TraceWriter {
  let rows: (string | number | undefined)[][] = [];
  const writeRows = (): void => {
    write(stringify(rows));
    rows = [];
  };
  const add = (row: Row): void => {
    rows.push(cellsOf(row));
    if (rows.length === ROWS_AT_ONCE) writeRows();
  };
  write(stringify([[...CSV_COLUMNS]]));
  return {
    slice: (slice) => {
      const { kind, lane, start, end } = slice;
      const place = { kind, lane: lane.name, name: sliceName(slice), startCycle: start, endCycle: end };
      add({ ...place, ...sliceFields(slice) });
      return true;
    },
    // The coordinates of load, compute and store already say which belong together.
    flow: () => {},
    counter: ({ counter, layer, cycle, value }) =>
      add({ kind: 'counter', name: `${counter.name} (${counter.unit})`, startCycle: cycle, layer: layer.name, value }),
    end: ({ notice }) => {
      if (notice !== undefined) add({ kind: 'notice', name: notice });
      if (rows.length > 0) writeRows();
    },
  };
}
