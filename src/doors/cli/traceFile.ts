/** A request trace as text: a line per request, `cycle R|W byteAddress port`. Read in pieces, however long it is. */
import { closeSync, openSync, readSync } from 'node:fs';
import type { Request, RequestSource } from '../../model/dram/requestRules.ts';
import { InputError } from '../../model/schemas/inputError.ts';

const PIECE_BYTES = 1 << 16;
const MOST_PORTS = 1024;
const LINE = /^(\d+)\s+([RW])\s+(\d+|0x[\da-f]+)(?:\s+(\d+))?$/i;

function* linesOf(path: string): Generator<string> {
  const file = openSync(path, 'r');
  try {
    const piece = Buffer.alloc(PIECE_BYTES);
    let rest = '';
    for (let bytes = readSync(file, piece); bytes > 0; bytes = readSync(file, piece)) {
      const lines = (rest + piece.toString('latin1', 0, bytes)).split('\n');
      rest = lines.pop()!;
      yield* lines;
    }
    yield rest;
  } finally {
    closeSync(file);
  }
}

function* walkTrace(path: string, request: Request): Generator<void> {
  let number = 0;
  for (const line of linesOf(path)) {
    number++;
    const text = line.replace(/#.*/, '').trim();
    if (text === '') continue;
    const match = LINE.exec(text);
    const [cycle, address, port] = [Number(match?.[1]), Number(match?.[3]), Number(match?.[4] ?? 0)];
    if (match === null || !Number.isSafeInteger(cycle) || !Number.isSafeInteger(address) || port >= MOST_PORTS) {
      const expected = `cycle, R or W, byte address, and a port below ${MOST_PORTS} (or none)`;
      throw new InputError({ file: path, path: `line ${number}`, value: text, expected });
    }
    request.cycle = cycle;
    request.isWrite = match[2]!.toUpperCase() === 'W';
    request.address = address;
    request.port = port;
    yield;
  }
}

/** Checks a whole trace and returns its requests; throws an InputError that names the first bad line. */
export function readTrace(path: string): RequestSource {
  const request: Request = { cycle: 0, isWrite: false, address: 0, port: 0 };
  let ports = 0;
  let requests = 0;
  try {
    for (const _ of walkTrace(path, request)) {
      requests++;
      ports = Math.max(ports, request.port + 1);
    }
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError({ file: '--trace', path: '', value: path, expected: 'a file that can be read' });
  }
  if (requests === 0) throw new InputError({ file: path, path: '', expected: 'at least one request' });
  return { requests, ports, walk: (into) => walkTrace(path, into) };
}
