/** How numbers look in tables. */

/** Not made before there is a number for it: it brings along what it knows of the world's languages. */
let grouped: Intl.NumberFormat | undefined;
const BEFORE_THREE_DIGITS = /\B(?=(?:\d{3})+$)/g;

/** 1234567.8 → `1,234,568`. */
export function integer(value: number): string {
  // Most are whole, and of these there may be ten in each of a million rows.
  if (Number.isSafeInteger(value)) return String(value).replace(BEFORE_THREE_DIGITS, ',');
  grouped ??= new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
  return grouped.format(value);
}

/** 0.1234 → `12.3%`. */
export function percent(value: number): string {
  return `${(value * 100).toFixed(1)}%`;
}

/** 0.0123 → `+1.2%`. */
export function signedPercent(value: number): string {
  return `${value > 0 ? '+' : ''}${(value * 100).toFixed(1)}%`;
}

/** The change from `from` to `to`: `+3.2%`, `-0.1%`, `0`. */
export function change(from: number, to: number): string {
  if (to === from) return '0';
  if (from === 0) return 'new';
  return signedPercent((to - from) / from);
}

/** Bits as megabits with one digit. */
export function megabits(bits: number): string {
  return (bits / 1e6).toFixed(1);
}
