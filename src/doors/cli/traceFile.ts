/** A request trace as text, one request a line, in any of its formats. Read once, in pieces. */
import { closeSync, readSync } from 'node:fs';
import { memoryBytes } from '../../model/dram/addressMap.ts';
import { formatOf, type LineFormat, type LineRequest } from '../../model/dram/requestLines.ts';
import type { RequestSource } from '../../model/dram/requestRules.ts';
import { StreamedRequests } from '../../model/dram/streamedRequests.ts';
import { TraceRequests } from '../../model/dram/traceRequests.ts';
import { INTERFACES } from '../../model/machine/observer.ts';
import { MARK_AS_BYTES, withoutMark } from '../../model/schemas/byteOrderMark.ts';
import type { DramSpec } from '../../model/schemas/dram.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import { IN_ORDER, type Injection, MOST_PORTS } from '../../model/schemas/requestRule.ts';
import { openInput } from './inputs.ts';

const PIECE_BYTES = 1 << 16;
const LONGEST_LINE = 1 << 12;

/** A trace that can be replayed. */
export interface OpenTrace {
  readonly source: RequestSource;
  readonly inject: Injection;
  /** Names of its ports, where they have any. */
  readonly ports: readonly string[] | undefined;
  /** Lets go of the file. */
  readonly close: () => void;
}

function* piecesOf(path: string): Generator<string> {
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

/** The lines of a trace that say something, without comments and the blanks around them. */
class TraceLines {
  number = 0;
  private readonly path: string;
  private readonly lines: Generator<string>;

  constructor(path: string) {
    this.path = path;
    this.lines = piecesOf(path);
  }

  /** The next one; undefined behind the last. Throws an InputError where the file cannot be read, or for an endless line. */
  next(): string | undefined {
    for (;;) {
      let line = this.read();
      if (line === undefined) return undefined;
      if (this.number++ === 0) line = withoutMark(line, MARK_AS_BYTES);
      if (line.length > LONGEST_LINE) throw this.refuse(line, `at most ${LONGEST_LINE} characters in a line`);
      const text = (line.includes('#') ? line.replace(/#.*/, '') : line).trim();
      if (text !== '') return text;
    }
  }

  /** That the line read last is not what is expected. */
  refuse(value: string, expected: string): InputError {
    this.close();
    return new InputError({ file: this.path, path: `line ${this.number}`, value, expected });
  }

  close(): void {
    this.lines.return(undefined);
  }

  private read(): string | undefined {
    try {
      const { done, value } = this.lines.next();
      return done === true ? undefined : value;
    } catch {
      throw new InputError({ file: '--trace', path: '', value: this.path, expected: 'a file that can be read' });
    }
  }
}

/** Lines between two pauses. */
const LINES_PER_PAUSE = 1 << 14;

/**
 * Opens a trace; pauses now and then, yielding the number of requests read so far. A trace of numbered ports, each with a
 * queue of its own, is read whole; any other while it is replayed, in its order. Throws an InputError that names the first
 * bad line, or, from the source, while it is walked over.
 */
export function* openTrace(path: string, spec: DramSpec): Generator<number, OpenTrace> {
  const lines = new TraceLines(path);
  const first = lines.next();
  if (first === undefined) throw new InputError({ file: path, path: '', expected: 'at least one request' });
  const format = formatOf(first, { bytes: memoryBytes(spec), ports: MOST_PORTS, interfaces: INTERFACES });
  if (format.ports === undefined) return yield* readWhole(lines, first, format, spec);
  const { channels, bytesPerAccess } = spec.organization;
  let pending = format.hasHead ? undefined : first;
  let count = 0;
  const read = (request: LineRequest): boolean => {
    const line = pending ?? lines.next();
    pending = undefined;
    if (line === undefined) {
      if (count === 0) throw new InputError({ file: path, path: '', expected: 'at least one request' });
      return false;
    }
    if (!format.read(line, request)) throw lines.refuse(line, format.expected);
    count++;
    return true;
  };
  return {
    source: new StreamedRequests(format.ports.length, bytesPerAccess, read, format.hasSizes),
    inject: format.perCycle === undefined ? { mode: 'inorder', max_per_cycle: channels } : IN_ORDER,
    ports: format.ports.length > 1 ? format.ports : undefined,
    close: () => lines.close(),
  };
}

function* readWhole(
  lines: TraceLines,
  first: string,
  format: LineFormat,
  spec: DramSpec,
): Generator<number, OpenTrace> {
  const requests = new TraceRequests();
  const request: LineRequest = { cycle: 0, isWrite: false, address: 0, port: 0, bytes: 0 };
  for (let line: string | undefined = first; line !== undefined; line = lines.next()) {
    if (!format.read(line, request)) throw lines.refuse(line, format.expected);
    requests.add(request.cycle, request.isWrite, request.address, request.port);
    if (requests.count % LINES_PER_PAUSE === 0) yield requests.count;
  }
  const source = requests.source();
  const { channels } = spec.organization;
  const inject: Injection = source.ports === 1 ? IN_ORDER : { mode: 'ports', max_per_cycle: channels };
  return { source, inject, ports: undefined, close: () => lines.close() };
}
