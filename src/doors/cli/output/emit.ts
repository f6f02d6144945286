/** The result of a command, in one piece or many, to where it is to go. */
import { printableLines } from '../../../model/schemas/printable.ts';
import { driveLong } from '../progress.ts';
import { type Output, openOutput } from './output.ts';
import { outputTarget, STDOUT_NAME } from './target.ts';

/**
 * An InputError, about `option`, if a result could not go where it is to go: to be known before a long run. No output is
 * stdout.
 */
export function checkOutput(output: string | undefined, option?: string): void {
  outputTarget(output ?? STDOUT_NAME, option);
}

/** What nearly all text of results is; the general rule takes ten times as long to say so. */
const IS_PRINTABLE = /^[\n\x20-\x7e]*$/;

/** Control characters escaped; most text has none, which the short rule tells at a tenth of the cost. */
function shownText(text: string): string {
  return IS_PRINTABLE.test(text) ? text : printableLines(text);
}

/** Yields the characters written so far. */
function* writePieces(
  pieces: Iterable<string>,
  { write }: Output,
  clean: (text: string) => string,
): Generator<number, void> {
  let characters = 0;
  for (const piece of pieces) {
    write(clean(piece));
    characters += piece.length;
    yield characters;
  }
}

/**
 * Writes a result of text, CSV or JSON, in which an escape means the same: to a file, whole or not at all, or to stdout
 * (no output, or `-`), which holds nothing else. Nothing in it can move a terminal's cursor: `clean`
 * sees to that.
 */
export async function emit(
  pieces: string | Iterable<string>,
  output: string = STDOUT_NAME,
  clean: (text: string) => string = shownText,
): Promise<void> {
  const opened = await openOutput(output);
  try {
    const run = writePieces(typeof pieces === 'string' ? [pieces] : pieces, opened, clean);
    const inWords = (characters: number): string =>
      characters === 0 ? 'laying out the result' : `${(characters / 1e6).toFixed(1)} MB of the result written`;
    await driveLong(run, (characters) => ({ share: 0, text: inWords(characters) }), opened.room);
    await opened.finish();
  } finally {
    opened.discard();
  }
}
