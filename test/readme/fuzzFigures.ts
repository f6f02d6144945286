/** The README's figures of broken inputs, from the summary that the long run of the fuzzer has left. */
import { FAILURES } from '../fuzz/judge.ts';
import { failuresOf, type Summary, type SummaryRow } from '../fuzz/summary.ts';
import type { Figures } from './figures.ts';
import { file } from './outputs.ts';

const summary = JSON.parse(file('test/fuzz/summary.json')) as Summary;

/** Over all kinds of files. */
function sumOf(pick: (row: SummaryRow) => number): number {
  return summary.rows.reduce((sum, row) => sum + pick(row), 0);
}

const failures = (failure: string): number => sumOf((row) => row.failures[failure] ?? 0);

const row = (name: string, of: (pick: (row: SummaryRow) => number) => number): Figures => ({
  text: `| ${name} | {cases} | {accepted} | {refused} | {stopped} | {failures} |`,
  are: () => ({
    cases: of(({ cases }) => cases),
    accepted: of(({ accepted }) => accepted),
    refused: of(({ refused }) => refused),
    stopped: of(({ stopped }) => stopped),
    failures: of(failuresOf),
  }),
});

export const fuzzFigures: readonly Figures[] = [
  {
    text: 'Of {cases} cases, {again} of them run again when what they had found was mended, there were {crashes} crashes, {bugs} exit codes {ourBug}, {hangs} hangs over {seconds} s of processor time, {characters} raw control characters, {numbers} figures that are no number, {sums} totals that are not the sums of their layers, and {others} other faults',
    are: () => {
      if (FAILURES.join() !== 'crash,exit 70,hang,control character,no number,no sum,other') {
        throw new Error('the README does not name all failures');
      }
      const milliseconds = Number(/HANG_MILLISECONDS = (\d+)/.exec(file('test/fuzz/running.ts'))![1]);
      return {
        cases: summary.count,
        again: summary.again?.length ?? 0,
        crashes: failures('crash'),
        bugs: failures('exit 70'),
        ourBug: 70,
        hangs: failures('hang'),
        seconds: milliseconds / 1000,
        characters: failures('control character'),
        numbers: failures('no number'),
        sums: failures('no sum'),
        others: failures('other'),
      };
    },
  },
  ...summary.rows.map((each) => row(each.kind, (pick) => pick(each))),
  row('all', sumOf),
];
