/** What banked memory did as tables: bursts and row hits, latencies, and how many took how long. */
import type { LatencyBin, LatencySummary } from '../../model/dram/latencyCounts.ts';
import { type Column, names, numbers } from './columnFit.ts';
import type { Both, BurstsReport, DramCountsReport } from './dramCountsReport.ts';
import type { DramReport } from './dramReport.ts';
import { integer, percent } from './numbers.ts';
import { plainTable, type Row } from './plainTable.ts';

/** A line of the tables: who it is about, and its bursts. */
interface Line extends Both<BurstsReport & { readonly askedBits?: number }> {
  readonly name: string;
  readonly refreshes?: number;
}

const BURSTS: readonly Column[] = [
  names('bursts of'),
  numbers('read'),
  numbers('written'),
  numbers('forwarded', 3),
  numbers('row hits'),
  numbers('misses'),
  numbers('of these\nconflicts'),
  numbers('bus\nturned'),
  numbers('asked for\nof moved', 1),
  numbers('refreshes', 2),
];

const LATENCIES: readonly Column[] = [
  names('cycles of'),
  ...['read', 'write'].flatMap((direction) => [
    numbers(`${direction}\nmean`),
    numbers('\n50%'),
    numbers('\n95%'),
    numbers('\n99%'),
    numbers('\nmost'),
  ]),
];

const HISTOGRAM: readonly Column[] = [
  names('cycles'),
  numbers('reads'),
  numbers('share'),
  numbers('up to\nhere'),
  numbers('writes'),
  numbers('share'),
  numbers('up to\nhere'),
];

const share = (part: number, whole: number): string => (whole === 0 ? '' : percent(part / whole));

function burstsRow({ name, refreshes, read, write }: Line): Row {
  const sum = (count: 'forwarded' | 'rowHits' | 'rowMisses' | 'rowConflicts' | 'turnarounds' | 'busBits'): number =>
    read[count] + write[count];
  const asked = read.askedBits === undefined ? '' : share(read.askedBits + write.askedBits!, sum('busBits'));
  return [
    name,
    integer(read.busBursts),
    integer(write.busBursts),
    integer(sum('forwarded')),
    share(sum('rowHits'), read.busBursts + write.busBursts),
    integer(sum('rowMisses')),
    integer(sum('rowConflicts')),
    integer(sum('turnarounds')),
    asked,
    refreshes === undefined ? '' : integer(refreshes),
  ];
}

function latencyCells(latency: LatencySummary | undefined): string[] {
  if (latency === undefined) return ['', '', '', '', ''];
  const { meanCycles, p50Cycles, p95Cycles, p99Cycles, maxCycles } = latency;
  return [meanCycles.toFixed(1), ...[p50Cycles, p95Cycles, p99Cycles, maxCycles].map(integer)];
}

function latencyRow({ name, read, write }: Line): Row {
  return [name, ...latencyCells(read.latency), ...latencyCells(write.latency)];
}

/** All octaves of reads and writes together. */
function histogramRows({ read, write }: Both<BurstsReport>): Row[] {
  const of = ({ latency }: BurstsReport): ReadonlyMap<number, LatencyBin> =>
    new Map(latency?.histogram.map((bin) => [bin.to, bin]));
  const [reads, writes] = [of(read), of(write)];
  const ends = [...new Set([...reads.keys(), ...writes.keys()])].sort((a, b) => a - b);
  const cellsOf = (bins: ReadonlyMap<number, LatencyBin>): ((end: number) => string[]) => {
    const all = [...bins.values()].reduce((sum, { bursts }) => sum + bursts, 0);
    let upToHere = 0;
    return (end) => {
      const bursts = bins.get(end)?.bursts ?? 0;
      upToHere += bursts;
      return all === 0 ? ['', '', ''] : [integer(bursts), share(bursts, all), share(upToHere, all)];
    };
  };
  const [readCells, writeCells] = [cellsOf(reads), cellsOf(writes)];
  return ends.map((end) => {
    const from = (reads.get(end) ?? writes.get(end))!.from;
    const range = from === end ? `${end}` : `${integer(from)} to ${integer(end)}`;
    return [range, ...readCells(end), ...writeCells(end)];
  });
}

function tables(lines: readonly Line[], all: Line, room: number): string {
  const shown = [...lines, all];
  const parts = [plainTable(BURSTS, shown.map(burstsRow), room)];
  if (all.read.latency !== undefined || all.write.latency !== undefined) {
    parts.push(plainTable(LATENCIES, shown.map(latencyRow), room));
    parts.push(plainTable(HISTOGRAM, histogramRows(all), room));
  }
  return parts.join('\n\n');
}

const channelLines = (channels: DramCountsReport['channels']): Line[] =>
  channels.map(({ channel, ...done }) => ({ name: `channel ${channel}`, ...done }));

/** Of a run: interfaces with their tensors, then channels, then all. Without the end of its last line. */
export function dramCountsTable({ all, channels, interfaces, tensors }: DramCountsReport, room: number): string {
  const lines = interfaces.flatMap((side): Line[] => {
    const mine = tensors.filter((each) => each.interface === side.interface);
    const isOne = mine.length < 2 && mine.every(({ tensor }) => tensor === side.interface);
    const ofTensors = isOne ? [] : mine.map(({ tensor, ...bursts }) => ({ name: `  ${tensor}`, ...bursts }));
    return [{ name: side.interface, read: side.read, write: side.write }, ...ofTensors];
  });
  return tables([...lines, ...channelLines(channels)], { name: 'all', ...all }, room);
}

/** Of a replay: ports, then channels, then all. Without the end of its last line. */
export function replayCountsTable({ all, ports, channels, refreshes }: DramReport, room: number): string {
  const ofPorts = ports.map(
    ({ interface: name, read, write }, port): Line => ({ name: name ?? `port ${port}`, read, write }),
  );
  return tables([...ofPorts, ...channelLines(channels)], { name: 'all', refreshes, ...all }, room);
}
