/** What banked memory did as CSV: a row for each tensor, interface or port, and channel, and one for all. */
import { csvText } from './csvText.ts';
import type { Both, BurstsReport, DramCountsReport } from './dramCountsReport.ts';
import type { DramReport } from './dramReport.ts';

type Cells = Record<string, string | number>;

/** Which bursts a row has; rows of one scope add up to that of `all`. */
interface Entry extends Both<BurstsReport & { readonly askedBits?: number }> {
  readonly scope: 'all' | 'channel' | 'interface' | 'port' | 'tensor';
  readonly channel?: number;
  readonly port?: number;
  readonly interface?: string;
  readonly tensor?: string;
  readonly refreshes?: number;
  readonly waitingWrites?: number;
}

/** The figures of one direction, each histogram bin in a column of its own. */
function directionCells(direction: 'read' | 'write', { latency, ...counts }: BurstsReport): Cells {
  const { histogram = [], ...statistics } = latency ?? {};
  const named = (prefix: string, values: object): [string, number][] =>
    Object.entries(values).map(([name, value]) => [`${direction}.${prefix}${name}`, value as number]);
  const bins = histogram.map(({ from, to, bursts }) => [`latencyBursts.${from}-${to}`, bursts] as const);
  return Object.fromEntries([
    ...named('', counts),
    ...named('latency.', statistics),
    ...named('', Object.fromEntries(bins)),
  ]);
}

function cellsOf({ read, write, ...head }: Entry): Cells {
  return { ...head, ...directionCells('read', read), ...directionCells('write', write) };
}

/** Columns in groups: who it is about, then figures; bins by their cycles. */
function columnsOf(heads: readonly string[], rows: readonly Cells[]): string[] {
  const figures = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((name) => !heads.includes(name));
  const ofBins = (name: string): boolean => name.includes('.latencyBursts.');
  const cycles = (name: string): number => Number(/(\d+)-\d+$/.exec(name)![1]);
  const [direct, bins] = [figures.filter((name) => !ofBins(name)), figures.filter(ofBins)];
  const binsOf = (direction: string): string[] =>
    bins.filter((name) => name.startsWith(direction)).sort((a, b) => cycles(a) - cycles(b));
  return [...heads, ...direct, ...binsOf('read.'), ...binsOf('write.')];
}

function csvOf(heads: readonly string[], entries: readonly Entry[], last: Cells = {}): string {
  const rows = entries.map(cellsOf);
  const columns = [...columnsOf(heads, rows), ...Object.keys(last)];
  const whole = rows.map((row) => ({ ...row, ...last }));
  return csvText([columns, ...whole.map((row: Cells) => columns.map((column) => row[column] ?? ''))]);
}

const channelEntries = (channels: DramCountsReport['channels']): Entry[] =>
  channels.map((done) => ({ scope: 'channel', ...done }));

/** Of a run; the last columns say of which. */
export function dramCountsCsv({ all, channels, interfaces, tensors }: DramCountsReport, run: Cells): string {
  const entries: Entry[] = [
    { scope: 'all', ...all },
    ...channelEntries(channels),
    ...interfaces.map((each): Entry => ({ scope: 'interface', ...each })),
    ...tensors.map((each): Entry => ({ scope: 'tensor', ...each })),
  ];
  return csvOf(['scope', 'channel', 'interface', 'tensor', 'refreshes', 'waitingWrites'], entries, run);
}

/** Of a replay. */
export function replayCountsCsv({ all, refreshes, ports, channels }: DramReport): string {
  const entries: Entry[] = [
    { scope: 'all', refreshes, ...all },
    ...channelEntries(channels),
    ...ports.map(
      ({ interface: name, read, write }, port): Entry => ({
        ...{ scope: 'port', port, read, write },
        ...(name === undefined ? {} : { interface: name }),
      }),
    ),
  ];
  return csvOf(['scope', 'channel', 'port', 'interface', 'refreshes'], entries);
}
