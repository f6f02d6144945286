/** The README as text: sentences with figures in them, and the numbers that stand outside code. */
import { readFileSync } from 'node:fs';

export const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

/** A stretch of the README, and what is written there. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** A number as it is written: with its sign and its commas. */
export interface WrittenNumber extends Stretch {
  readonly text: string;
}

const NUMBER = '[+−]?\\d[\\d,]*(?:\\.\\d+)?';

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** All places where a text stands, in which `{name}` is any number; line ends count as spaces. */
export function placesOf(
  text: string,
): { readonly at: Stretch; readonly numbers: ReadonlyMap<string, WrittenNumber> }[] {
  const names: string[] = [];
  const pattern = text
    .split(/(\{\w+\})/)
    .map((piece, place) => {
      if (place % 2 === 0) return escaped(piece).replace(/\s+/g, '\\s+');
      names.push(piece.slice(1, -1));
      return `(${NUMBER})`;
    })
    .join('');
  return [...README.matchAll(new RegExp(pattern, 'dg'))].map(({ indices, ...groups }) => {
    const [whole, ...parts] = indices!;
    return {
      at: { from: whole![0], to: whole![1] },
      numbers: new Map(
        names.map((name, place) => {
          const [from, to] = parts[place]!;
          return [name, { from, to, text: groups[place + 1]! }];
        }),
      ),
    };
  });
}

const blank = (text: string): string => text.replace(/[^\n]/g, ' ');

/** The numbers outside code, addresses of links, and names such as ResNet-50 and HI3. */
export function numbersInProse(): WrittenNumber[] {
  const prose = README.replace(/```[\s\S]*?```/g, blank)
    .replace(/`[^`\n]*`/g, blank)
    .replace(/\]\([^)]*\)/g, blank);
  const numbers = prose.matchAll(/(?<![\w.,])(?<![A-Za-z]-)[+−]?\d[\d,]*(?:\.\d+)?(?!\w)/g);
  return [...numbers].map(({ index, 0: text }) => ({ from: index, to: index + text.length, text }));
}

/** A value as the README would write it, with the decimals, the commas and the sign that are written there. */
export function writtenLike(value: number, written: string): string {
  const decimals = /\.(?<decimals>\d+)/.exec(written)?.groups?.['decimals']?.length ?? 0;
  const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  const magnitude = Math.abs(value).toLocaleString('en-US', { ...digits, useGrouping: written.includes(',') });
  const sign = value < 0 ? '−' : /^[+−]/.test(written) ? '+' : '';
  return sign + magnitude;
}
