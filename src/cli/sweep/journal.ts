/**
 * What a sweep has evaluated so far, on disk: one line per record, its CRC-32 before it. Lines are only ever appended,
 * each in one write; when a sweep was killed in the middle of one, the checksum tells, and the rest is cut off.
 */
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { Unit } from '../../explore/costKeys.ts';
import type { Cost } from '../../explore/networkCosts.ts';
import { InputError } from '../../spec/inputError.ts';

/** Evaluations of a unit's layers by a model; null where a layer does not fit. */
export interface CostRecord {
  /** Its name in the sweep (see modelName). */
  readonly model: string;
  readonly unit: Unit;
  readonly keys: readonly number[];
  readonly costs: readonly (Cost | null)[];
}

export interface Journal {
  /** What earlier runs have left. */
  readonly records: readonly CostRecord[];
  readonly append: (record: CostRecord) => void;
  readonly close: () => void;
}

function lineOf(record: unknown): string {
  const text = JSON.stringify(record);
  return `${crc32(text).toString(16).padStart(8, '0')} ${text}\n`;
}

/** The whole records at the start of a journal, and how many bytes they take. */
function readRecords(bytes: Buffer): { records: unknown[]; length: number } {
  const records: unknown[] = [];
  let length = 0;
  for (;;) {
    const end = bytes.indexOf('\n', length);
    if (end < 0) return { records, length };
    const line = bytes.toString('utf8', length, end);
    const text = line.slice(9);
    if (Number.parseInt(line.slice(0, 8), 16) !== crc32(text)) return { records, length };
    records.push(JSON.parse(text));
    length = end + 1;
  }
}

/**
 * Opens a sweep's journal or begins one. `fingerprint` stands for all that decides the results; a journal that was
 * begun with another is an InputError, because its evaluations hold for another sweep.
 */
export function openJournal(path: string, fingerprint: string): Journal {
  const descriptor = openSync(path, 'a+');
  const { records, length } = readRecords(readFileSync(descriptor));
  const [head, ...rest] = records as [{ readonly sweep: string } | undefined, ...CostRecord[]];
  if (head !== undefined && head.sweep !== fingerprint) {
    closeSync(descriptor);
    throw new InputError({
      file: path,
      path: '',
      expected: 'the journal of this sweep; it is that of another, so choose another folder or delete it',
    });
  }
  ftruncateSync(descriptor, length);
  const append = (record: unknown): void => {
    writeSync(descriptor, lineOf(record));
  };
  if (head === undefined) append({ sweep: fingerprint });
  return { records: rest, append, close: () => closeSync(descriptor) };
}
