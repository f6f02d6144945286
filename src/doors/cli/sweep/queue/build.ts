/** Which program this is, to the byte: only workers of the same come to the same bytes. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { VERSION } from '../../../library/version.ts';

const DIGITS = 10;

/** Programs that lie beside the command line, and are in no package. */
const isOwn = (name: string): boolean => name.endsWith('.js') && !name.startsWith('write');

/** The version, and a digest of the files that the command line consists of: `1.0.0-3fa92b17c0`. */
export function buildName(): string {
  const folder = fileURLToPath(new URL('.', import.meta.url));
  const hash = createHash('sha256');
  for (const name of readdirSync(folder).filter(isOwn).sort()) {
    hash.update(name).update(readFileSync(`${folder}/${name}`));
  }
  return `${VERSION}-${hash.digest('hex').slice(0, DIGITS)}`;
}
