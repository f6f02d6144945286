/** A command line in one argument → its words, as a shell would split it: quotes keep spaces, a backslash keeps any character. */
import { InputError } from '../../model/schemas/inputError.ts';

/** A word: quoted pieces, escaped characters and plain ones, without a space between them. */
const WORD = /(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\])+/gs;
const PIECE = /'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)|([^'"\\]+)/gs;
/** Inside double quotes a backslash is one unless it stands before a quote or a backslash. */
const ESCAPED = /\\(["\\])/g;

/** Splits a line; throws an InputError, said of `option`, where a quote does not end. */
export function shellWords(line: string, option: string): string[] {
  if (line.replace(WORD, '').trim() !== '') {
    throw new InputError({
      file: option,
      path: '',
      value: line,
      expected: 'quotes in pairs, and a character after each \\',
    });
  }
  return (line.match(WORD) ?? []).map((word) =>
    word.replace(
      PIECE,
      (_, single?: string, double?: string, escaped?: string, plain?: string) =>
        single ?? double?.replace(ESCAPED, '$1') ?? escaped ?? plain ?? '',
    ),
  );
}
