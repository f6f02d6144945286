/** A replay of memory requests as a readable list. */
import type { ReplayResult } from '../../model/dram/replay.ts';
import { shownName } from '../../model/schemas/printable.ts';
import { integer, percent } from './numbers.ts';
import { wrapped } from './wrapped.ts';

/** A replay and the memory that it ran on. */
export interface DramReport extends ReplayResult {
  /** With the interfaces' names, where the requests are those of a run. */
  readonly ports: readonly (ReplayResult['ports'][number] & { readonly interface?: string })[];
  readonly preset: string;
  /** Whether the preset's numbers have been compared with a reference controller. */
  readonly isValidated: boolean;
}

/** The figures of a replay, a line each. */
export function dramTable(report: DramReport, room: number): string {
  const columns = report.rowHits + report.rowMisses;
  const ports = report.ports.map(
    ({ interface: name, finishCycle }, port) => `${name ?? `port ${port}`} ${integer(finishCycle)}`,
  );
  const lines = [
    `${shownName(report.preset)}${report.isValidated ? '' : ' (unvalidated: not compared with a reference)'}`,
    `requests: ${integer(report.requests)} (${integer(report.reads)} reads, ${integer(report.writes)} writes)`,
    `cycles: ${integer(report.cycles)} of the memory clock`,
    `bandwidth: ${percent(report.bandwidthFraction)} of the peak`,
    `read latency: ${report.avgReadLatency.toFixed(1)} cycles on average`,
    `row hits: ${integer(report.rowHits)} of ${integer(columns)}, activates: ${integer(report.activates)}, refreshes: ${integer(report.refreshes)}`,
    `last data: ${ports.join(', ')}`,
  ];
  return `${wrapped(lines.join('\n'), room)}\n`;
}
