/** The byte order mark, which some editors and spreadsheets put before a text. */

/** The mark in a text, and in one of which each character is a byte. */
export const MARK = '\ufeff';
export const MARK_AS_BYTES = '\u00ef\u00bb\u00bf';

/** A text without the mark before it. */
export function withoutMark(text: string, mark = MARK): string {
  return text.startsWith(mark) ? text.slice(mark.length) : text;
}
