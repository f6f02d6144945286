/** The word that was probably meant. */

/** Letters that may be wrong, missing or too many: a third of the word, so that `b` is not taken for `J`. */
const mostEdits = (word: string): number => Math.floor(word.length / 3);
/** Longer words are no misspelt ones. */
const LONGEST = 60;
/** Of more words the others are not looked at. */
const MOST_WORDS = 10_000;

/** The fewest letters to change, insert, drop or exchange with their neighbour that make `a` of `b`. */
function editsBetween(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, place) => place);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      const isExchanged = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const fewest = Math.min(row[j - 1]! + 1, last[j]! + 1, last[j - 1]! + (isSame ? 0 : 1));
      row.push(isExchanged ? Math.min(fewest, beforeLast[j - 2]! + 1) : fewest);
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length]!;
}

/** The word of `words` that `word` is a misspelling of, letters' case aside; undefined where none is near. */
export function nearest(word: string, words: Iterable<string>): string | undefined {
  if (word.length > LONGEST) return undefined;
  const asked = word.toLowerCase();
  let best: string | undefined;
  let fewest = mostEdits(word) + 1;
  let looked = 0;
  for (const each of words) {
    if (++looked > MOST_WORDS) break;
    if (Math.abs(each.length - word.length) >= fewest) continue;
    const edits = editsBetween(asked, each.toLowerCase());
    if (edits < fewest) [best, fewest] = [each, edits];
  }
  return best;
}

/** `; did you mean sramKiB.wbuf?`, or nothing where no word is near. */
export function didYouMean(word: string, words: Iterable<string>): string {
  const found = nearest(word, words);
  return found === undefined ? '' : `; did you mean ${found}?`;
}
