/** What `systole` does with its arguments, in the process that it is called in. */
import { Command, CommanderError, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { InputError } from '../../model/schemas/inputError.ts';
import { didYouMean, nearest } from '../../model/schemas/nearest.ts';
import { VERSION } from '../library/version.ts';
import { exampleInWords } from './examples.ts';
import { forgetInputs } from './inputs.ts';
import { emit } from './output/emit.ts';
import { ReaderGone } from './output/target.ts';
import { refuseRepeated } from './repeatedOptions.ts';
import { Interrupted } from './signals.ts';
import { say } from './stderr.ts';

const EXIT = { badInput: 2, ourBug: 70 } as const;

/** The commands by name. Only what is asked for is loaded: most of a short run would go into loading the others. */
const COMMANDS = {
  run: async () => (await import('./runCommand.ts')).runCommand(),
  check: async () => (await import('./checkCommand.ts')).checkCommand(),
  validate: async () => (await import('./validateCommand.ts')).validateCommand(),
  verify: async () => (await import('./verifyCommand.ts')).verifyCommand(),
  'critical-path': async () => (await import('./criticalPathCommand.ts')).criticalPathCommand(),
  explain: async () => (await import('./explainCommand.ts')).explainCommand(),
  hunt: async () => (await import('./huntCommand.ts')).huntCommand(),
  diff: async () => (await import('./diffCommand.ts')).diffCommand(),
  sweep: async () => (await import('./sweepCommand.ts')).sweepCommand(),
  worker: async () => (await import('./workerCommand.ts')).workerCommand(),
  dram: async () => (await import('./dramCommand.ts')).dramCommand(),
  paper: async () => (await import('./paperCommand.ts')).paperCommand(),
  import: async () => (await import('./importCommand.ts')).importCommand(),
  export: async () => (await import('./exportCommand.ts')).exportCommand(),
  trace: async () => (await import('./traceCommand.ts')).traceCommand(),
  list: async () => (await import('./listCommand.ts')).listCommand(),
};

/** The word that was probably meant, where a value is none of a few or an option is missing that is there misspelt. */
function meantIn(complaint: string, args: readonly string[]): string {
  const choice = /'(?<got>[^']*)' is invalid\b.*\. Allowed choices are (?<choices>.*)\.\n$/s.exec(complaint)?.groups;
  if (choice !== undefined) return didYouMean(choice['got']!, choice['choices']!.split(', '));
  const missing = /^error: required option '.*(?<option>--[\w-]+).*' not specified/.exec(complaint)?.groups?.['option'];
  if (missing === undefined) return '';
  const written = args
    .filter((arg) => arg.startsWith('--'))
    .map((arg) => arg.split('=')[0]!)
    .find((arg) => nearest(arg, [missing]) !== undefined);
  return written === undefined ? '' : `; did you mean it by ${written}?`;
}

/** Says what commander has against the arguments as we say what is wrong, with what was probably meant instead. */
function sayInOurWords(complaint: string, args: readonly string[]): void {
  const text = complaint
    .replace(/^error: /, '')
    .replace(/\n\(Did you mean (?<meant>.*)\?\)\n$/, '; did you mean $<meant>?\n')
    .replace(/\.?\n$/, meantIn(complaint, args));
  say(`systole: ${text}\n`);
}

/** The commands to be loaded: the one that is asked for, or all of them where that is none of theirs. */
function commandsFor([asked]: readonly string[]): (readonly [string, () => Promise<CommandUnknownOpts>])[] {
  if (asked === '--version') return [];
  const commands = Object.entries(COMMANDS);
  const named = commands.filter(([name]) => name === asked);
  return named.length > 0 ? named : commands;
}

/** The program with the commands that its arguments ask for. */
async function programFor(args: readonly string[], writeOut: (text: string) => void): Promise<CommandUnknownOpts> {
  const program = new Command('systole')
    .description('Simulates a systolic DNN accelerator tile by tile, with the closed-form model beside it.')
    .version(VERSION, '--version', 'say which version this is')
    .enablePositionalOptions() // what stands behind a command's name is the command's
    .addHelpText('after', exampleInWords('run'));
  for (const [each, load] of commandsFor(args)) {
    const command = await load();
    program.addCommand(command.addHelpText('after', exampleInWords(each as keyof typeof COMMANDS)));
  }
  const outputError = (complaint: string): void => sayInOurWords(complaint, args);
  for (const command of [program, ...program.commands, ...program.commands.flatMap((each) => each.commands)]) {
    command.exitOverride().configureOutput({ writeOut, writeErr: say, outputError });
    refuseRepeated(command);
  }
  return program;
}

/** Does what the arguments ask for; throws whatever is in the way. */
async function perform(args: readonly string[]): Promise<void> {
  let help = '';
  const program = await programFor(args, (text) => {
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
