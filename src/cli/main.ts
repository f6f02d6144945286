#!/usr/bin/env node
/** The command line: stdout is the result, everything else goes to stderr; exit 0, 1 (a check failed), 2 (bad input), 70 (our bug), 128 + n (stopped by a signal). */
import { Command, CommanderError } from '@commander-js/extra-typings';
import { InputError } from '../spec/inputError.ts';
import { checkCommand } from './checkCommand.ts';
import { diffCommand } from './diffCommand.ts';
import { dramCommand } from './dramCommand.ts';
import { explainCommand } from './explainCommand.ts';
import { paperCommand } from './paperCommand.ts';
import { runCommand } from './runCommand.ts';
import { Interrupted } from './signals.ts';
import { sweepCommand } from './sweepCommand.ts';
import { traceCommand } from './traceCommand.ts';
import { verifyCommand } from './verifyCommand.ts';
import { ReaderGone } from './wholeFile.ts';

const EXIT = { badInput: 2, ourBug: 70 } as const;

const program = new Command('systole')
  .description('Simulates a systolic DNN accelerator tile by tile, with the closed-form model beside it.')
  .addCommand(runCommand())
  .addCommand(checkCommand())
  .addCommand(verifyCommand())
  .addCommand(explainCommand())
  .addCommand(diffCommand())
  .addCommand(sweepCommand())
  .addCommand(dramCommand())
  .addCommand(paperCommand())
  .addCommand(traceCommand());

for (const command of [program, ...program.commands]) command.exitOverride();

/** Says what went wrong and returns the exit code. */
function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.badInput; // commander has spoken already
  if (error instanceof InputError) {
    process.stderr.write(`systole: ${error.message}\n`);
    return EXIT.badInput;
  }
  if (error instanceof Interrupted) {
    process.stderr.write('systole: interrupted\n');
    return error.exitCode;
  }
  if (error instanceof ReaderGone) return 0;
  process.stderr.write(
    `systole: internal error, please report it\n${error instanceof Error ? error.stack : String(error)}\n`,
  );
  return EXIT.ourBug;
}

// A reader that has seen enough (`systole … | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : EXIT.ourBug);
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = explain(error);
}
