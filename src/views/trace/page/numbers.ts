/** Numbers as the page writes them. */

// Made once: making a formatter takes longer than a frame may.
const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 3 });
const short = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

/** A number with its digits grouped. */
export function inDigits(value: number): string {
  return grouped.format(value);
}

/** A number with its digits grouped and one after the point at most. */
export function inFewDigits(value: number): string {
  return short.format(value);
}

/** A difference with its digits grouped and its sign. */
export function signedDigits(value: number): string {
  return `${value > 0 ? '+' : ''}${inDigits(value).replace('-', '−')}`;
}

/** A number grouped, a text as it is. */
export function inText(value: string | number): string {
  return typeof value === 'number' ? inDigits(value) : value;
}

/** A share in percent. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** A difference in percent, with its sign. */
export function signedPercent(share: number): string {
  const text = (100 * share).toFixed(1);
  return `${Number(text) > 0 ? '+' : ''}${text.replace('-', '−')} %`;
}
