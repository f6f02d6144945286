#!/usr/bin/env node
/** The command line: stdout is the result, everything else goes to stderr; exit 0, 1 (a check failed), 2 (bad input), 70 (our bug), 128 + n (stopped by a signal). */
import { Command, CommanderError, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { InputError } from '../../model/schemas/inputError.ts';
import { Interrupted } from './signals.ts';
import { ReaderGone } from './wholeFile.ts';

const EXIT = { badInput: 2, ourBug: 70 } as const;

/** The commands by name. Only what is asked for is loaded: most of a short run would go into loading the others. */
const COMMANDS = {
  run: async () => (await import('./runCommand.ts')).runCommand(),
  check: async () => (await import('./checkCommand.ts')).checkCommand(),
  verify: async () => (await import('./verifyCommand.ts')).verifyCommand(),
  explain: async () => (await import('./explainCommand.ts')).explainCommand(),
  diff: async () => (await import('./diffCommand.ts')).diffCommand(),
  sweep: async () => (await import('./sweepCommand.ts')).sweepCommand(),
  dram: async () => (await import('./dramCommand.ts')).dramCommand(),
  paper: async () => (await import('./paperCommand.ts')).paperCommand(),
  trace: async () => (await import('./traceCommand.ts')).traceCommand(),
};

/** The program with the command that is asked for, or with all of them where that is none of theirs. */
async function programFor(name: string | undefined): Promise<CommandUnknownOpts> {
  const program = new Command('systole').description(
    'Simulates a systolic DNN accelerator tile by tile, with the closed-form model beside it.',
  );
  const asked = Object.entries(COMMANDS).filter(([each]) => each === name);
  for (const [, load] of asked.length > 0 ? asked : Object.entries(COMMANDS)) program.addCommand(await load());
  for (const command of [program, ...program.commands]) command.exitOverride();
  return program;
}

/** Says what went wrong and returns the exit code. */
function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.badInput; // commander has spoken already
  if (error instanceof InputError) {
    for (const line of error.message.split('\n')) process.stderr.write(`systole: ${line}\n`);
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
  const program = await programFor(process.argv[2]);
  await program.parseAsync();
} catch (error) {
  process.exitCode = explain(error);
}
