/** The options of a run in one argument of the command line, as `systole diff` and `systole trace --compare` take them. */
import { type Command, CommanderError, type CommandUnknownOpts, type OptionValues } from '@commander-js/extra-typings';
import { InputError } from '../../model/schemas/inputError.ts';
import { refuseRepeated } from './repeatedOptions.ts';
import { shellWords } from './shellWords.ts';

/** Whether an argument holds options; else it is the name of a file. */
export function isOptionSet(argument: string): boolean {
  return argument.trimStart().startsWith('-');
}

/** What stands in a message about an argument: which it is, and what it is to hold. */
export interface SaidOf {
  readonly argument: string;
  readonly expected: string;
}

/**
 * Parses an argument as the command line would parse its words, with a command that has the options and was not parsed
 * with before. Throws an InputError for what the command does not take.
 */
export function parseOptionSet<Args extends unknown[], Given extends OptionValues>(
  command: Command<Args, Given>,
  argument: string,
  { argument: name, expected }: SaidOf,
): Given {
  command
    .helpOption(false)
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  refuseRepeated(command);
  try {
    command.parse(shellWords(argument, name), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    throw new InputError({ file: name, path: '', value: argument, expected: `${expected} (${error.message})` });
  }
  return command.opts();
}

/** Options as somebody has written them: their values by their long names; a flag has none. */
export type GivenOptions = ReadonlyMap<string, string | undefined>;

/** What is written of a command's options, once it has parsed them. */
export function givenOptions(command: CommandUnknownOpts): GivenOptions {
  const given = new Map<string, string | undefined>();
  for (const option of command.options) {
    command.on(`option:${option.name()}`, (value?: string | null) => {
      given.set(option.long ?? option.flags, value ?? undefined);
    });
  }
  return given;
}

/** Has a command take what is not given from options that were parsed before, those of them that it has. */
export function withDefaults(command: CommandUnknownOpts, options: OptionValues): void {
  for (const option of command.options) {
    const name = option.attributeName();
    if (name in options) command.setOptionValueWithSource(name, options[name], 'default');
  }
}
