/**
 * Requests as lines of text, in four formats that the first line tells apart: our own address traces (CSV), the trace
 * files of DRAMsim3 and of Ramulator 2 (LoadStoreTrace), and plain ones of several ports.
 */
import type { Request } from './requestRules.ts';
import { LATEST_CYCLE } from './requestRules.ts';

/** A request of a line: bytes from an address on. */
export interface LineRequest extends Request {
  bytes: number;
}

/** Reads the lines of a trace, which all have the format of the first. */
export interface LineFormat {
  /** Whether the first line is no request but names the columns. */
  readonly hasHead: boolean;
  /** What a line has to say, for messages. */
  readonly expected: string;
  /** Names of the ports; undefined where they have numbers, given by whoever reads. */
  readonly ports: readonly string[] | undefined;
  /** Whether each line says how many bytes it asks for; else it is for a whole access. */
  readonly hasSizes: boolean;
  /** How many requests a cycle are offered; undefined for as many as there are channels. */
  readonly perCycle: number | undefined;
  /** Fills a request from a line without comment or blanks around it; false if it is none. */
  readonly read: (line: string, request: LineRequest) => boolean;
}

const NUMBER = String.raw`(\d+|0x[\da-f]+)`;
const PLAIN = new RegExp(String.raw`^(\d+)\s+([RW])\s+${NUMBER}(?:\s+(\d+))?$`, 'i');
const DRAMSIM3 = /^(?:0x)?([\da-f]+)\s+(READ|WRITE)\s+(\d+)$/i;
const RAMULATOR2 = new RegExp(String.raw`^(LD|ST)\s+${NUMBER}$`);
const DECIMAL = /^\d+$/;
const ADDRESS = new RegExp(`^${NUMBER}$`, 'i');

/** What limits the requests of a memory: its bytes, and the ports that have numbers. */
export interface LineBounds {
  readonly bytes: number;
  readonly ports: number;
  /** The interfaces that a trace may name. */
  readonly interfaces: readonly string[];
}

/** The format of a trace whose first line this is. */
export function formatOf(firstLine: string, bounds: LineBounds): LineFormat {
  const columns = firstLine.split(',').map((name) => name.trim());
  if (['cycle', 'op', 'address'].every((name) => columns.includes(name))) return csvFormat(columns, bounds);
  if (/^(LD|ST)\b/.test(firstLine)) return ramulator2Format(bounds);
  return DRAMSIM3.test(firstLine) ? dramsim3Format(bounds) : plainFormat(bounds);
}

const addressInWords = ({ bytes }: LineBounds): string => `a byte address from 0 to ${bytes - 1}`;

function plainFormat(bounds: LineBounds): LineFormat {
  return {
    hasHead: false,
    expected: `a cycle up to 2⁵², R or W, ${addressInWords(bounds)}, and a port below ${bounds.ports} (or none)`,
    ports: undefined,
    hasSizes: false,
    perCycle: undefined,
    read: (line, request) => {
      const match = PLAIN.exec(line);
      if (match === null) return false;
      request.cycle = Number(match[1]);
      request.isWrite = match[2] === 'W' || match[2] === 'w';
      request.address = Number(match[3]);
      request.bytes = 1;
      request.port = Number(match[4] ?? 0);
      return isWithin(request, bounds) && request.port < bounds.ports;
    },
  };
}

function dramsim3Format(bounds: LineBounds): LineFormat {
  return {
    hasHead: false,
    expected: `${addressInWords(bounds)} in hexadecimal, READ or WRITE, and a cycle up to 2⁵²`,
    ports: ['all'],
    hasSizes: false,
    perCycle: undefined,
    read: (line, request) => {
      const match = DRAMSIM3.exec(line);
      if (match === null) return false;
      request.cycle = Number(match[3]);
      request.isWrite = match[2]!.toUpperCase() === 'WRITE';
      request.address = Number.parseInt(match[1]!, 16);
      request.bytes = 1;
      request.port = 0;
      return isWithin(request, bounds);
    },
  };
}

function ramulator2Format(bounds: LineBounds): LineFormat {
  return {
    hasHead: false,
    expected: `LD or ST and ${addressInWords(bounds)}`,
    ports: ['all'],
    hasSizes: false,
    // As its front end does.
    perCycle: 1,
    read: (line, request) => {
      const match = RAMULATOR2.exec(line);
      if (match === null) return false;
      request.cycle = 0;
      request.isWrite = match[1] === 'ST';
      request.address = Number(match[2]);
      request.bytes = 1;
      request.port = 0;
      return isWithin(request, bounds);
    },
  };
}

/** Columns in any order; those that are not known are passed over. */
function csvFormat(columns: readonly string[], bounds: LineBounds): LineFormat {
  const [cycle, op, address, bytes, port] = ['cycle', 'op', 'address', 'bytes', 'interface'].map((name) =>
    columns.indexOf(name),
  ) as [number, number, number, number, number];
  const { interfaces } = bounds;
  const words = [
    'cycle up to 2⁵²',
    'op R or W',
    `address from 0 to ${bounds.bytes - 1}`,
    ...(bytes < 0 ? [] : ['bytes from 1 on, all within the memory']),
    ...(port < 0 ? [] : [`interface ${interfaces.join(', ')}`]),
  ];
  return {
    hasHead: true,
    expected: `${columns.length} cells: ${words.join('; ')}`,
    ports: port < 0 ? ['all'] : interfaces,
    hasSizes: bytes >= 0,
    perCycle: undefined,
    read: (line, request) => {
      const cells = cellsOf(line);
      if (cells === undefined || cells.length !== columns.length) return false;
      const [arrival, letter, from] = [cells[cycle]!, cells[op]!, cells[address]!];
      const size = bytes < 0 ? '1' : cells[bytes]!;
      if (!DECIMAL.test(arrival) || !ADDRESS.test(from) || !DECIMAL.test(size)) return false;
      if (letter !== 'R' && letter !== 'W') return false;
      request.cycle = Number(arrival);
      request.isWrite = letter === 'W';
      request.address = Number(from);
      request.bytes = Number(size);
      request.port = port < 0 ? 0 : interfaces.indexOf(cells[port]!);
      return request.port >= 0 && request.bytes > 0 && isWithin(request, bounds);
    },
  };
}

function isWithin({ cycle, address, bytes }: LineRequest, bounds: LineBounds): boolean {
  return cycle <= LATEST_CYCLE && address + bytes <= bounds.bytes;
}

const CELL = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y;

/** The cells of a line of CSV; undefined where it is none. */
function cellsOf(line: string): string[] | undefined {
  if (!line.includes('"')) return line.split(',');
  const cells: string[] = [];
  CELL.lastIndex = 0;
  for (;;) {
    const match = CELL.exec(line);
    if (match === null) return undefined;
    cells.push(match[1]?.replaceAll('""', '"') ?? match[2]!);
    if (match[3] === '') return cells;
  }
}
