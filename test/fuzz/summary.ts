/** What a run of the fuzzer came to, as data and as the table that the README shows. */
import type { Counts } from './fuzzing.ts';
import { FAILURES } from './judge.ts';
import { KINDS, type Kind } from './seeds.ts';

/** One kind of file. */
export interface SummaryRow {
  readonly kind: Kind;
  readonly cases: number;
  readonly accepted: number;
  readonly refused: number;
  readonly stopped: number;
  readonly failures: Readonly<Record<string, number>>;
}

/** All of them. */
export interface Summary {
  readonly seed: string;
  readonly from: number;
  readonly count: number;
  readonly failures: number;
  /** Cases that had failed, and were run again once what they had found was mended. */
  readonly again?: readonly number[];
  readonly rows: readonly SummaryRow[];
}

export function summaryOf(
  counts: ReadonlyMap<Kind, Counts>,
  what: { readonly seed: string; readonly from: number },
): Summary {
  const rows = KINDS.flatMap((kind) => {
    const of = counts.get(kind);
    return of === undefined ? [] : [{ kind, ...of }];
  });
  const sum = (pick: (row: SummaryRow) => number): number => rows.reduce((all, row) => all + pick(row), 0);
  return { ...what, count: sum(({ cases }) => cases), failures: sum(failuresOf), rows };
}

/** How many cases of a row failed, in whatever way. */
export function failuresOf({ failures }: Pick<SummaryRow, 'failures'>): number {
  return Object.values(failures).reduce((sum, each) => sum + each, 0);
}

const integer = (value: number): string => value.toLocaleString('en-US');

/** The table in Markdown: a row for each kind of file, and their sums. */
export function tableOf({ rows }: Summary): string {
  const sum = (pick: (row: SummaryRow) => number): number => rows.reduce((all, row) => all + pick(row), 0);
  const cells = (name: string, of: (pick: (row: SummaryRow) => number) => number): string => {
    const figures = [
      of((row) => row.cases),
      of((row) => row.accepted),
      of((row) => row.refused),
      of((row) => row.stopped),
      ...FAILURES.map((failure) => of((row) => row.failures[failure] ?? 0)),
    ];
    return `| ${name} | ${figures.map(integer).join(' | ')} |`;
  };
  return [
    `| file | cases | accepted | refused | stopped | ${FAILURES.join(' | ')} |`,
    `|---|${'---|'.repeat(4 + FAILURES.length)}`,
    ...rows.map((row) => cells(row.kind, (pick) => pick(row))),
    cells('all', sum),
  ].join('\n');
}
