#!/usr/bin/env node
/** The command line: stdout is the result, everything else goes to stderr; exit 0, 1 (a check failed), 2 (bad input), 70 (our bug), 128 + n (stopped by a signal). */
import { explain, runCommandLine } from './commandLine.ts';
import { allSaid } from './stderr.ts';

/** Not by itself: what a reader never reads would keep the process waiting for it. */
async function exit(code: number): Promise<never> {
  await allSaid();
  process.exit(code);
}

process.on('uncaughtException', (error) => void exit(explain(error)));
await exit(await runCommandLine(process.argv.slice(2)));
