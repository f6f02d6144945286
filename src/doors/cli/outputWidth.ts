/** How wide a result may be. */
import { isatty } from 'node:tty';
import { STDOUT_DESCRIPTOR, STDOUT_NAME } from './output/target.ts';

const STANDARD_COLUMNS = 80;

/**
 * The columns that a table may take: those of the terminal that it goes to, 80 where it goes elsewhere; more where the
 * environment's COLUMNS says so.
 */
export function outputColumns(output: string | undefined): number {
  const goesToTerminal = (output === undefined || output === STDOUT_NAME) && isatty(STDOUT_DESCRIPTOR);
  const own = (goesToTerminal ? process.stdout.columns : 0) || STANDARD_COLUMNS;
  const asked = Number(process.env['COLUMNS']);
  return Number.isSafeInteger(asked) ? Math.max(own, asked) : own;
}
