/** What the README's figures are read from: what commands print, each run once, and files of the repository. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PaperTarget } from '../../src/studies/paper/target.ts';
import type { CheckReport } from '../../src/views/report/checkReport.ts';
import type { RunReport } from '../../src/views/report/runReport.ts';
import { root, systole } from '../support/cli.ts';

const known = new Map<string, unknown>();

/** The JSON that a command prints. */
export function outputOf(command: string): unknown {
  if (!known.has(command)) {
    const { status, stdout, stderr } = systole(...command.split(' '), '--format', 'json');
    if (status !== 0) throw new Error(`systole ${command}: exit code ${status}\n${stderr}`);
    known.set(command, JSON.parse(stdout));
  }
  return known.get(command);
}

export const run = (options: string): RunReport => outputOf(`run ${options}`) as RunReport;
export const check = (options: string): CheckReport => outputOf(`check ${options}`) as CheckReport;

/** A table or figure of the paper. */
export const paperTarget = (target: string): PaperTarget => outputOf(`paper ${target}`) as PaperTarget;

/** A row of a table or figure of the paper: what is printed, and what we compute. */
export function paper(target: string, row: string): { readonly printed: number; readonly computed: number } {
  const { printed, computed } = paperTarget(target).rows.find(({ name }) => name === row)!;
  return { printed: printed!, computed };
}

/** The text of a file of the repository. */
export const file = (path: string): string => readFileSync(join(root, path), 'utf8');

/** The numbers in the first place of a file that a pattern describes, by the names of its groups. */
export function quoted(path: string, pattern: RegExp): Record<string, number> {
  const groups = pattern.exec(file(path))?.groups;
  if (groups === undefined) throw new Error(`${path}: nothing like ${pattern}`);
  return Object.fromEntries(Object.entries(groups).map(([name, text]) => [name, Number(text.replaceAll(/[,_]/g, ''))]));
}
