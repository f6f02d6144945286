/** A list of what there is as CSV. */
import type { Catalogue, CatalogueKind } from './catalogue.ts';
import { type CsvRow, csvPieces } from './csvPieces.ts';

/** The fields of an entry at any depth by their paths, `sramKiB.wbuf`; lists as words. */
function flat(entry: object, path = ''): [string, string | number][] {
  return Object.entries(entry).flatMap(([key, value]: [string, unknown]): [string, string | number][] => {
    const name = path === '' ? key : `${path}.${key}`;
    if (value === null || value === undefined) return [[name, '']];
    if (Array.isArray(value)) return [[name, value.join(' ')]];
    if (typeof value === 'object') return flat(value, name);
    return [[name, typeof value === 'number' ? value : String(value)]];
  });
}

/** One list of a catalogue: a row per entry. */
export function* catalogueCsv(catalogue: Catalogue, kind: CatalogueKind): Generator<string> {
  const rows: CsvRow[] = (catalogue[kind] ?? []).map((entry) => Object.fromEntries(flat(entry)));
  yield* csvPieces([...new Set(rows.flatMap((row) => Object.keys(row)))], rows);
}
