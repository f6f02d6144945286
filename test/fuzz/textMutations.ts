/** Broken and odd lines of text: traces of requests, predictions, topologies. */
import type seedrandom from 'seedrandom';
import { choose, integer } from '../../src/model/engine/random.ts';
import { mutateBytes, mutateText } from '../support/mutations.ts';

const ODD_WORDS = [
  '',
  '-1',
  '0',
  '1',
  'R',
  'W',
  '64',
  '1e3',
  '1e999',
  '9007199254740991',
  '9007199254740993',
  '1000000000000',
  '0x40',
  '#',
  '\u001b[2J',
  '\u0000',
  '\u202e',
  'x'.repeat(70_000),
  '"',
];

/** A text with words, cells or lines changed, sometimes its bytes. */
export function mutateLines(random: seedrandom.PRNG, text: string): Uint8Array {
  const kind = random();
  if (kind < 0.1) return mutateBytes(random, Buffer.from(text));
  if (kind < 0.15) return Buffer.from(text.replaceAll('\n', choose(random, ['\r\n', '\r', ' ', '\n\n'])));
  if (kind < 0.5) return Buffer.from(mutateText(random, text));
  const lines = text.split('\n');
  for (let count = integer(random, 0, 3); count > 0; count--) {
    const at = integer(random, 0, lines.length - 1);
    const words = lines[at]!.split(/([ ,]+)/);
    words[2 * integer(random, 0, Math.floor((words.length - 1) / 2))] = choose(random, ODD_WORDS);
    lines[at] = words.join('');
  }
  return Buffer.from(lines.join('\n'));
}
