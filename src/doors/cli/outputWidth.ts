/** How wide a result may be. */
import { isatty } from 'node:tty';
import { STDOUT_DESCRIPTOR, STDOUT_NAME } from './output/target.ts';

const STANDARD_COLUMNS = 80;

/**
 * The columns that a table may take: those of the terminal that it goes to, 80 where it goes elsewhere (`undefined`) or
 * the terminal does not say; more where the environment's COLUMNS, `asked`, says so.
 */
export function columnsOf(terminal: number | undefined, asked: string | undefined): number {
  const own = terminal || STANDARD_COLUMNS;
  const wider = Number(asked);
  return Number.isSafeInteger(wider) ? Math.max(own, wider) : own;
}

/** The columns that a table may take in an output, stdout unless it is given. */
export function outputColumns(output: string | undefined): number {
  const goesToTerminal = (output === undefined || output === STDOUT_NAME) && isatty(STDOUT_DESCRIPTOR);
  return columnsOf(goesToTerminal ? process.stdout.columns : undefined, process.env['COLUMNS']);
}
