/** Options that are given twice: some add to what was given before, of the others the last would win without a word. */
import type { CommandUnknownOpts } from '@commander-js/extra-typings';

type Parser<Value> = (text: string, before?: Value) => Value;

const ADDING = new WeakSet<object>();

/** A parser that adds to what its option has been given before: that option may be given again. */
export function adding<Value>(parser: Parser<Value>): Parser<Value> {
  ADDING.add(parser);
  return parser;
}

/** Has a command refuse an option that is given twice, with both values, unless its parser adds to the one before. */
export function refuseRepeated(command: CommandUnknownOpts): void {
  const given = new Map<string, string>();
  for (const option of command.options) {
    if (option.parseArg !== undefined && ADDING.has(option.parseArg)) continue;
    command.on(`option:${option.name()}`, (value?: string | null) => {
      const name = option.long ?? option.flags;
      const now = value === undefined || value === null ? name : `${name} ${value}`;
      // `--refresh` and `--no-refresh` are one option; a flag says the same however often.
      const before = given.get(option.attributeName());
      given.set(option.attributeName(), now);
      if (before === undefined || (before === now && now === name)) return;
      command.error(`error: option '${option.flags}' is given twice: ${before} and ${now}. Expected it once`);
    });
  }
}
