/** What `systole` does with its arguments, in the process that it is called in. */
import { Command, CommanderError, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { InputError } from '../../model/schemas/inputError.ts';
import { forgetInputs } from './inputs.ts';
import { emit } from './output/emit.ts';
import { ReaderGone } from './output/target.ts';
import { Interrupted } from './signals.ts';
import { say } from './stderr.ts';

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
  import: async () => (await import('./importCommand.ts')).importCommand(),
  export: async () => (await import('./exportCommand.ts')).exportCommand(),
  trace: async () => (await import('./traceCommand.ts')).traceCommand(),
};

/** The program with the command that is asked for, or with all of them where that is none of theirs. */
async function programFor(name: string | undefined, writeOut: (text: string) => void): Promise<CommandUnknownOpts> {
  const program = new Command('systole').description(
    'Simulates a systolic DNN accelerator tile by tile, with the closed-form model beside it.',
  );
  const asked = Object.entries(COMMANDS).filter(([each]) => each === name);
  for (const [, load] of asked.length > 0 ? asked : Object.entries(COMMANDS)) program.addCommand(await load());
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({ writeOut, writeErr: say });
  }
  return program;
}

/** Does what the arguments ask for; throws whatever is in the way. */
async function perform(args: readonly string[]): Promise<void> {
  let help = '';
  const program = await programFor(args[0], (text) => {
    help += text;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError) || error.exitCode !== 0) throw error;
    await emit(help);
  }
}

/** Says what went wrong and returns the exit code. */
export function explain(error: unknown): number {
  if (error instanceof CommanderError) return EXIT.badInput; // commander has spoken already
  if (error instanceof InputError) {
    for (const line of error.message.split('\n')) say(`systole: ${line}\n`);
    return EXIT.badInput;
  }
  if (error instanceof Interrupted) {
    say('systole: interrupted\n');
    return error.exitCode;
  }
  // A reader that has seen enough (`systole … | head`) is no error.
  if (error instanceof ReaderGone) return Number(process.exitCode ?? 0);
  say(`systole: internal error, please report it\n${error instanceof Error ? error.stack : String(error)}\n`);
  return EXIT.ourBug;
}

/** Does what the arguments ask for, and returns the exit code. Nothing of an earlier call is left. */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  forgetInputs();
  process.exitCode = undefined;
  try {
    await perform(args);
    return Number(process.exitCode ?? 0);
  } catch (error) {
    return explain(error);
  }
}
