/** Every point of a sweep as a row, in CSV and Parquet, block by block. */
import { closeSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import { fileWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import type { NetworkCosts } from '../../explore/networkCosts.ts';
import { type PricedPoint, pricedPoints } from '../../explore/search.ts';
import type { Sweep } from '../../explore/sweep.ts';
import { rowOf } from '../../report/sweepReport.ts';

const ROWS_PER_BLOCK = 1 << 14;

/** A block's columns, in the order of the files. */
interface Column {
  readonly name: string;
  readonly type: 'DOUBLE' | 'STRING' | 'BOOLEAN';
  readonly data: (number | string | boolean)[];
}

/** Turns points into columns; `pareto` holds the indices of the front. */
function columnsOf(sweep: Sweep, points: readonly PricedPoint[], pareto: ReadonlySet<number>): Column[] {
  const { axes } = sweep.space;
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
    ...[...numbers, ...energy].map((name): Column => ({ name, type: 'DOUBLE', data: rows.map((row) => row[name]!) })),
    { name: 'isPareto', type: 'BOOLEAN', data: points.map(({ index }) => pareto.has(index)) },
    // A fit must call itself one wherever its figures stand.
    ...(sweep.energy === undefined
      ? []
      : [{ name: 'energyData', type: 'STRING', data: points.map(() => sweep.energy!.name) } as const]),
  ];
}

/** Points in blocks. */
function* blocksOf(sweep: Sweep, costs: NetworkCosts): Generator<PricedPoint[], void> {
  let block: PricedPoint[] = [];
  for (const point of pricedPoints(sweep.space, costs)) {
    block.push(point);
    if (block.length === ROWS_PER_BLOCK) {
      yield block;
      block = [];
    }
  }
  if (block.length > 0) yield block;
}

/**
 * Writes points.csv and points.parquet into a folder, both under temporary names until they are whole; yields the
 * number of rows written so far.
 */
export function* writeRows(
  folder: string,
  sweep: Sweep,
  costs: NetworkCosts,
  pareto: ReadonlySet<number>,
): Generator<number, void> {
  const [csv, parquet] = [join(folder, 'points.csv'), join(folder, 'points.parquet')];
  const descriptor = openSync(`${csv}.tmp`, 'w');
  try {
    const empty = columnsOf(sweep, [], pareto);
    writeSync(descriptor, stringify([empty.map(({ name }) => name)]));
    const writer = new ParquetWriter({
      writer: fileWriter(`${parquet}.tmp`),
      schema: schemaFromColumnData({ columnData: empty.map((column) => ({ ...column, nullable: false })) }),
    });
    let written = 0;
    // With a file writer both calls are synchronous.
    for (const block of blocksOf(sweep, costs)) {
      const columns = columnsOf(sweep, block, pareto);
      const rows = block.map((_, place) => columns.map(({ data }) => data[place]!));
      writeSync(descriptor, stringify(rows, { cast: { boolean: String } }));
      void writer.write({
        columnData: columns.map((column) => ({ ...column, nullable: false })),
        rowGroupSize: ROWS_PER_BLOCK,
      });
      written += block.length;
      yield written;
    }
    void writer.finish();
  } finally {
    closeSync(descriptor);
  }
  renameSync(`${csv}.tmp`, csv);
  renameSync(`${parquet}.tmp`, parquet);
}
