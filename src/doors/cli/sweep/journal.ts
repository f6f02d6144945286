/**
 * What a sweep has evaluated so far, on disk: one line per record, its CRC-32 before it. Lines are only ever appended,
 * each in one write; when a sweep was killed in the middle of one, the checksum tells, and the rest is cut off.
 */
import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { InputError } from '../../../model/schemas/inputError.ts';
import { writeAll } from '../output/sink.ts';
import { say } from '../stderr.ts';
import type { CostRecord } from './jobs.ts';
import { writing } from './writing.ts';

export interface Journal {
  /** What earlier runs have left. */
  readonly records: readonly CostRecord[];
  readonly append: (record: CostRecord) => void;
  readonly close: () => void;
  /** Closes and deletes it: the sweep is done. A word on stderr if somebody else has deleted or replaced it. */
  readonly remove: () => void;
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

/** A journal's first record says whose it is. */
function isHead(record: unknown): record is { readonly sweep: string } {
  return typeof record === 'object' && record !== null && 'sweep' in record;
}

/**
 * The evaluations in a sweep's journal, and how many bytes are whole: 0 if it is still to be begun. An InputError if it
 * is no journal, or that of another sweep, whose evaluations do not hold for this one.
 */
function evaluationsIn(bytes: Buffer, head: string, path: string): { records: CostRecord[]; length: number } {
  const { records, length } = readRecords(bytes);
  const [first, ...rest] = records;
  const isTornHead = bytes.length < head.length && head.startsWith(bytes.toString('latin1'));
  if (first === undefined ? !isTornHead : !isHead(first)) {
    const expected = 'the journal of a sweep or nothing; it is something else, so choose another folder';
    throw new InputError({ file: path, path: '', expected });
  }
  if (first !== undefined && lineOf(first) !== head) {
    const expected = 'the journal of this sweep; it is that of another, so choose another folder or delete it';
    throw new InputError({ file: path, path: '', expected });
  }
  return { records: rest as CostRecord[], length };
}

/** The whole records of a sweep's journal, which somebody may be writing. An InputError if it is not this sweep's. */
export function readJournal(path: string, fingerprint: string): readonly CostRecord[] {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const expected = `a journal that can be read (${(error as Error).message})`;
    throw new InputError({ file: path, path: '', expected });
  }
  return evaluationsIn(bytes, lineOf({ sweep: fingerprint }), path).records;
}

/**
 * Opens a sweep's journal or begins one. `fingerprint` stands for all that decides the results. An InputError if the file
 * cannot be written, or is not this sweep's journal; then it is left as it is. `check` throws what is against appending.
 */
export function openJournal(path: string, fingerprint: string, check: () => void): Journal {
  const descriptor = writing({ file: path }, () => openSync(path, 'a+'));
  let isOpen = true;
  let length = 0;
  const close = (): void => {
    if (isOpen) closeSync(descriptor);
    isOpen = false;
  };
  /** The line is there as a whole or, where the disk is full, not at all. */
  const appendLine = (text: string): void => {
    const line = Buffer.from(text);
    try {
      writing({ file: path }, () => writeAll(descriptor, line));
      length += line.length;
    } catch (error) {
      ftruncateSync(descriptor, length);
      throw error;
    }
  };
  const begin = (): readonly CostRecord[] => {
    const head = lineOf({ sweep: fingerprint });
    const bytes = writing({ file: path }, () => readFileSync(descriptor));
    const found = evaluationsIn(bytes, head, path);
    length = found.length;
    if (bytes.length > length) ftruncateSync(descriptor, length);
    if (length === 0) appendLine(head);
    return found.records;
  };
  const append = (record: CostRecord): void => {
    check();
    appendLine(lineOf(record));
  };
  const remove = (): void => {
    const found = statSync(path, { throwIfNoEntry: false });
    const isOurs = found?.ino === fstatSync(descriptor).ino;
    close();
    if (isOurs) rmSync(path, { force: true });
    else if (found === undefined)
      say(`systole: ${path} was deleted while the sweep was at work; its results are whole\n`);
    else say(`systole: ${path} is not this sweep's any more and stays; the results beside it are whole\n`);
  };
  try {
    return { records: begin(), append, close, remove };
  } catch (error) {
    close();
    throw error;
  }
}
