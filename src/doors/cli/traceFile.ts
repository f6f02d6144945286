/** A request trace as text: a line per request, `cycle R|W byteAddress port`. Read once, in pieces. */
import { closeSync, readSync } from 'node:fs';
import { memoryBytes } from '../../model/dram/addressMap.ts';
import { LATEST_CYCLE, type RequestSource } from '../../model/dram/requestRules.ts';
import { TraceRequests } from '../../model/dram/traceRequests.ts';
import type { DramSpec } from '../../model/schemas/dram.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import { MOST_PORTS } from '../../model/schemas/requestRule.ts';
import { openInput } from './inputs.ts';

const PIECE_BYTES = 1 << 16;
const LONGEST_LINE = 1 << 12;
const LINE = /^(\d+)\s+([RW])\s+(\d+|0x[\da-f]+)(?:\s+(\d+))?$/i;

function* linesOf(path: string): Generator<string> {
  const file = openInput(path);
  try {
    const piece = Buffer.alloc(PIECE_BYTES);
    let rest = '';
    for (let bytes = readSync(file, piece); bytes > 0; bytes = readSync(file, piece)) {
      const lines = (rest + piece.toString('latin1', 0, bytes)).split('\n');
      rest = lines.pop()!;
      yield* lines;
      // Whoever reads refuses it: no need for all of it.
      if (rest.length > LONGEST_LINE) break;
    }
    yield rest;
  } finally {
    closeSync(file);
  }
}

/** Lines between two pauses. */
const LINES_PER_PAUSE = 1 << 14;

/**
 * Reads a trace and returns its requests; pauses now and then, yielding their number so far. Throws an InputError that
 * names the first bad line.
 */
export function* readTrace(path: string, spec: DramSpec): Generator<number, RequestSource> {
  const requests = new TraceRequests();
  try {
    yield* readInto(requests, path, memoryBytes(spec));
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError({ file: '--trace', path: '', value: path, expected: 'a file that can be read' });
  }
  if (requests.count === 0) throw new InputError({ file: path, path: '', expected: 'at least one request' });
  return requests.source();
}

function* readInto(requests: TraceRequests, path: string, bytes: number): Generator<number, void> {
  const expected = `a cycle up to 2⁵², R or W, a byte address from 0 to ${bytes - 1}, and a port below ${MOST_PORTS} (or none)`;
  let number = 0;
  for (const line of linesOf(path)) {
    number++;
    if (number % LINES_PER_PAUSE === 0) yield requests.count;
    if (line.length > LONGEST_LINE) {
      const expected = `at most ${LONGEST_LINE} characters in a line`;
      throw new InputError({ file: path, path: `line ${number}`, value: line, expected });
    }
    const text = line.replace(/#.*/, '').trim();
    if (text === '') continue;
    const match = LINE.exec(text);
    const [cycle, address, port] = [Number(match?.[1]), Number(match?.[3]), Number(match?.[4] ?? 0)];
    if (match === null || cycle > LATEST_CYCLE || address >= bytes || port >= MOST_PORTS) {
      throw new InputError({ file: path, path: `line ${number}`, value: text, expected });
    }
    requests.add(cycle, match[2]!.toUpperCase() === 'W', address, port);
  }
}
