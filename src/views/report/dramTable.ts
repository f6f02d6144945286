/** A replay of memory requests as a readable list. */
import { shownName } from '../../model/schemas/printable.ts';
import { replayCountsTable } from './dramCountsTable.ts';
import { dramEnergyInWords } from './dramEnergySum.ts';
import type { DramReport } from './dramReport.ts';
import { integer, percent } from './numbers.ts';
import { wrapped } from './wrapped.ts';

/** The figures of a replay, a line each; with `showsCounts` tables by port and channel behind them. */
export function dramTable(report: DramReport, room: number, showsCounts: boolean): string {
  const { bandwidthFraction: bus, askedBandwidthFraction: asked, peakGigabytesPerSecond: peak } = report;
  const { requests, reads, writes, cycles, rowHits, rowMisses, rowConflicts } = report;
  const ports = report.ports.map(
    ({ interface: name, finishCycle }, port) => `${name ?? `port ${port}`} ${integer(finishCycle)}`,
  );
  const ofPeak = (fraction: number): string => `${(fraction * peak).toFixed(1)} GB/s, ${percent(fraction)} of the peak`;
  const lines = [
    `${shownName(report.preset)}${report.isValidated ? '' : ' (unvalidated: not compared with a reference)'}`,
    `requests: ${integer(requests)} (${integer(reads)} reads, ${integer(writes)} writes)`,
    `cycles: ${integer(cycles)} of the memory clock`,
    `bandwidth: ${ofPeak(bus)}, on the data buses`,
    `  asked for: ${ofPeak(asked)}`,
    `read latency: ${report.avgReadLatency.toFixed(1)} cycles on average`,
    `row hits: ${integer(rowHits)} of ${integer(rowHits + rowMisses)}, conflicts: ${integer(rowConflicts)} of ${integer(rowMisses)} misses, activates: ${integer(report.activates)}, refreshes: ${integer(report.refreshes)}`,
    `turnarounds of the bus: ${integer(report.turnarounds)}, answered by waiting writes: ${integer(report.forwarded)}`,
    `last data: ${ports.join(', ')}`,
    ...(report.dramEnergy === undefined ? [] : dramEnergyInWords(report.dramEnergy)),
  ];
  const tables = showsCounts ? `\n${replayCountsTable(report, room)}\n` : '';
  return `${wrapped(lines.join('\n'), room)}\n${tables}`;
}
