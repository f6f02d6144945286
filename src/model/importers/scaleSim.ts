/**
 * SCALE-Sim's topology files: a list of convolutions with the padding already added to the ifmap, or of gemms as M, N, K.
 * Read by position, as SCALE-Sim reads them; the first line tells which of the two it is.
 */
import { CsvError, parse } from 'csv-parse/sync';
import { withoutMark } from '../schemas/byteOrderMark.ts';
import { InputError } from '../schemas/inputError.ts';
import { type ImportedNetwork, importedNetwork } from './importedNetwork.ts';
import { COLUMNS, type TopologyKind, topologyKind } from './scaleSimHeader.ts';

/** A line of the file, with its number for messages. */
interface Line {
  readonly cells: readonly string[];
  readonly number: number;
}

type Layer = Readonly<Record<string, unknown>>;

const EXPECTED =
  'a SCALE-Sim topology: a first line "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides," or "Layer, M, N, K,", then a line per layer';

/** In bytes: what is longer is no line of a topology, and would take its time. */
const LONGEST_LINE = 1 << 16;

function linesOf(text: string, file: string): Line[] {
  try {
    const records = parse(withoutMark(text), {
      max_record_size: LONGEST_LINE,
      trim: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      info: true,
    }) as unknown as { record: string[]; info: { lines: number } }[];
    return records
      .map(({ record, info }) => ({ cells: withoutTrailing(record), number: info.lines }))
      .filter(({ cells }) => cells.length > 0);
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new InputError({ file, path: '', expected: `${EXPECTED} (${error.message})` });
  }
}

/** Its lines end with a comma, and often with several. */
function withoutTrailing(cells: readonly string[]): string[] {
  const last = cells.findLastIndex((cell) => cell !== '');
  return cells.slice(0, last + 1);
}

/** Reads the lines of one file. */
class TopologyReader {
  private readonly file: string;
  private readonly names = new Set<string>();
  /** Lines of one filter and many channels, of a channel each, and of weights that are partly zero. */
  readonly oneFilter: string[] = [];
  readonly perChannel: string[] = [];
  readonly sparse: string[] = [];

  constructor(file: string) {
    this.file = file;
  }

  complain({ cells, number }: Line, expected: string): never {
    throw new InputError({ file: this.file, path: `line ${number}`, value: cells.join(','), expected });
  }

  private name(line: Line): string {
    const [name = ''] = line.cells;
    if (name === '') this.complain(line, 'a name in the first column');
    let unique = name === 'input' ? 'input_' : name;
    for (let count = 2; this.names.has(unique); count++) unique = `${name}_${count}`;
    this.names.add(unique);
    return unique;
  }

  private number(line: Line, column: number, what: string): number {
    const text = line.cells[column] ?? '';
    const value = Number(text);
    if (text === '' || !Number.isSafeInteger(value) || value < 1) {
      this.complain(line, `a whole number ≥ 1 as ${what} in column ${column + 1}`);
    }
    return value;
  }

  private numbers(line: Line, kind: TopologyKind): number[] {
    return COLUMNS[kind].map((what, place) => this.number(line, place + 1, what));
  }

  /** N:M sparsity, which changes nothing here. */
  private noteSparsity(name: string, cell: string | undefined): void {
    if (cell === undefined || !/^\d+:\d+$/.test(cell)) return;
    const [kept, of] = cell.split(':');
    if (kept !== of) this.sparse.push(name);
  }

  gemm(line: Line): Layer {
    const name = this.name(line);
    const [M, OC, IC] = this.numbers(line, 'gemm') as [number, number, number];
    const [fifth, sixth] = [line.cells[4], line.cells[5]];
    this.noteSparsity(name, fifth);
    const hasBatch = fifth !== undefined && fifth !== '' && !fifth.includes(':');
    const G = hasBatch ? this.number(line, 4, 'batch') : sixth ? this.number(line, 5, 'batch') : 1;
    if (G > 1) return { name, op: 'matmul', dimensions: { G, M, IC, OC } };
    return { name, op: 'gemm', dimensions: { OC, IC, M }, bias: false };
  }

  conv(line: Line, hasTwoStrides: boolean): Layer {
    const name = this.name(line);
    const sizes = this.numbers(line, 'conv') as [number, number, number, number, number, number, number];
    const [IH, IW, KH, KW, channels, filters, strideH] = sizes;
    const strideW = hasTwoStrides ? this.number(line, 8, 'stride width') : strideH;
    this.noteSparsity(name, line.cells[hasTwoStrides ? 9 : 8]);
    if (KH > IH || KW > IW) this.complain(line, 'a filter that is not larger than the ifmap');
    // SCALE-Sim rounds outputs up: a last window that hangs over is counted, over as many rows that are not there.
    const [OH, OW] = [Math.ceil((IH - KH) / strideH) + 1, Math.ceil((IW - KW) / strideW) + 1];
    const [bottom, right] = [(OH - 1) * strideH + KH - IH, (OW - 1) * strideW + KW - IW];
    const isPerChannel = name.includes('DP');
    if (isPerChannel) this.perChannel.push(name);
    else if (filters === 1 && channels > 1) this.oneFilter.push(name);
    return {
      name,
      op: 'conv',
      dimensions: { OC: isPerChannel ? channels * filters : filters, IC: channels, KH, KW, OH, OW },
      stride: strideH === strideW ? strideH : [strideH, strideW],
      padding: bottom === 0 && right === 0 ? 0 : [0, 0, bottom, right],
      ...(isPerChannel && channels > 1 ? { groups: channels } : {}),
      bias: false,
    };
  }

  notes(): string[] {
    const some = (names: readonly string[], what: string): string[] =>
      names.length === 0 ? [] : [`${names.length} layers (first: ${names[0]}) ${what}`];
    return [
      ...some(
        this.oneFilter,
        'have one filter over many channels, as SCALE-Sim files write a depthwise convolution; they are read as written, as convolutions to one channel',
      ),
      ...some(
        this.perChannel,
        'have DP in their name: SCALE-Sim runs each channel by itself, so they are read as groups',
      ),
      ...some(this.sparse, 'have sparse weights, which are read as dense ones'),
    ];
  }
}

/** Reads a topology file as a list; throws an InputError that names the line where it is none. */
export function importScaleSim(text: string, file: string, name: string): ImportedNetwork {
  const [header, ...lines] = linesOf(text, file);
  const kind = header && topologyKind(header.cells);
  if (header === undefined || kind === undefined) {
    throw new InputError({ file, path: '', value: header?.cells.join(','), expected: EXPECTED });
  }
  if (lines.length === 0) throw new InputError({ file, path: '', expected: `${EXPECTED} (there is no layer)` });
  const reader = new TopologyReader(file);
  const hasTwoStrides = /stride/i.test(header.cells[8] ?? '');
  const layers = lines.map((line) => (kind === 'gemm' ? reader.gemm(line) : reader.conv(line, hasTwoStrides)));
  return importedNetwork({ name, graph: 'list', layers }, { file, notes: reader.notes() });
}
