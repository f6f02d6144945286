/** Every point of a sweep as a row, in CSV and Parquet, block by block. */
import { renameSync, rmSync } from 'node:fs';
import { fileWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import type { NetworkCosts } from '../../../studies/sweep/networkCosts.ts';
import { type PricedPoint, pricedPoints } from '../../../studies/sweep/search.ts';
import { digitsOf } from '../../../studies/sweep/space.ts';
import type { Sweep } from '../../../studies/sweep/sweep.ts';
import { csvText } from '../../../views/report/csvText.ts';
import { rowOf } from '../../../views/report/sweepReport.ts';
import { openWholeFile } from '../output/wholeFile.ts';
import { type SweepFolder, temporary } from './folder.ts';
import { writing } from './writing.ts';

const ROWS_PER_BLOCK = 1 << 14;

/** A block's columns, in the order of the files. */
interface Column {
  readonly name: string;
  readonly type: 'DOUBLE' | 'STRING' | 'BOOLEAN';
  readonly data: (number | string | boolean)[];
}

/** Turns points into columns; `pareto` holds the indices of the front. */
function columnsOf(sweep: Sweep, points: readonly PricedPoint[], pareto: ReadonlySet<number>): Column[] {
  const { axes, derived = [] } = sweep.space;
  const rows = points.map(rowOf(sweep));
  const numbers = ['totalSramKiB', 'totalBitsPerCycle', 'cycles'] as const;
  const energy = sweep.energy === undefined ? [] : (['joules', 'seconds', 'jouleSeconds'] as const);
  return [
    ...axes.map(
      ({ parameter, values }): Column => ({
        name: parameter,
        type: typeof values[0] === 'number' ? 'DOUBLE' : 'STRING',
        data: rows.map((row) => row.parameters[parameter]!),
      }),
    ),
    ...derived.map(
      ({ parameter, type }): Column => ({
        name: parameter,
        type: type === 'number' ? 'DOUBLE' : 'STRING',
        data: rows.map((row) => row.parameters[parameter]!),
      }),
    ),
    ...[...numbers, ...energy].map((name): Column => ({ name, type: 'DOUBLE', data: rows.map((row) => row[name]!) })),
    { name: 'isPareto', type: 'BOOLEAN', data: points.map(({ index }) => pareto.has(index)) },
    // A fit must call itself one wherever its figures stand.
    ...(sweep.energy === undefined
      ? []
      : [
          {
            name: 'energyData',
            type: 'STRING',
            data: points.map(({ index }) => sweep.energy!.nameAt(digitsOf(axes, index))),
          } as const,
        ]),
  ];
}

/** Points in blocks, none of them empty; undefined where no point was found for a while. */
function* blocksOf(sweep: Sweep, costs: NetworkCosts): Generator<PricedPoint[] | undefined, void> {
  let block: PricedPoint[] = [];
  for (const point of pricedPoints(sweep.space, costs)) {
    if (point === undefined) {
      yield undefined;
      continue;
    }
    block.push(point);
    if (block.length === ROWS_PER_BLOCK) {
      yield block;
      block = [];
    }
  }
  if (block.length > 0) yield block;
}

/** A Parquet file that is there whole or not at all. */
function openParquet(path: string, columns: readonly Column[]) {
  const where = { file: '--output', value: path };
  const required = (each: readonly Column[]) => each.map((column) => ({ ...column, nullable: false }));
  const writer = writing(
    where,
    () =>
      new ParquetWriter({
        writer: fileWriter(temporary(path)),
        schema: schemaFromColumnData({ columnData: required(columns) }),
      }),
  );
  return {
    // With a file writer these calls are synchronous.
    write: (block: readonly Column[]): void => {
      writing(where, () => void writer.write({ columnData: required(block), rowGroupSize: ROWS_PER_BLOCK }));
    },
    /** All that is left to do is to give it its name. */
    flush: (): void => writing(where, () => void writer.finish()),
    finish: (): void => writing(where, () => renameSync(temporary(path), path)),
    discard: (): void => rmSync(temporary(path), { force: true }),
  };
}

/**
 * Writes points.csv and points.parquet into a folder, both under temporary names until they are whole; yields the
 * number of rows written so far.
 */
export function* writeRows(
  folder: SweepFolder,
  sweep: Sweep,
  costs: NetworkCosts,
  pareto: ReadonlySet<number>,
): Generator<number, void> {
  const empty = columnsOf(sweep, [], pareto);
  const csv = openWholeFile(folder.path('csv'), undefined, temporary(folder.path('csv')));
  let parquet: ReturnType<typeof openParquet> | undefined;
  try {
    parquet = openParquet(folder.path('parquet'), empty);
    csv.write(csvText([empty.map(({ name }) => name)]));
    let written = 0;
    for (const block of blocksOf(sweep, costs)) {
      if (block !== undefined) {
        const columns = columnsOf(sweep, block, pareto);
        const rows = block.map((_, place) => columns.map(({ data }) => data[place]!));
        csv.write(csvText(rows));
        parquet.write(columns);
        written += block.length;
      }
      yield written;
    }
    parquet.flush();
    csv.finish();
    parquet.finish();
  } finally {
    csv.discard();
    parquet?.discard();
  }
}
