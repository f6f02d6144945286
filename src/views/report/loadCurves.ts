/** Bandwidth against latency as text: a table, or a row of CSV for each load. */
import { shownName } from '../../model/schemas/printable.ts';
import type { LoadCurve, LoadPoint, MemoryCurves } from '../../studies/characterise/characterise.ts';
import { names, numbers } from './columnFit.ts';
import { csvText } from './csvText.ts';
import { percent } from './numbers.ts';
import { plainTable } from './plainTable.ts';
import { wrapped } from './wrapped.ts';

/** What is found of memories under load, and by which requests. */
export interface LoadReport {
  readonly seed: string;
  readonly memories: readonly MemoryCurves[];
}

/** Cycles of the memory's clock in nanoseconds. */
export function nanoseconds(cycles: number, { clockPicoseconds }: MemoryCurves): number {
  return (cycles * clockPicoseconds) / 1000;
}

const COLUMNS = [
  names('stream'),
  numbers('reads'),
  numbers('load'),
  numbers('served'),
  numbers('GB/s'),
  numbers('read latency\nmean'),
  numbers('95%'),
  numbers('mean ns', 2),
  numbers('row\nhits', 1),
];

const wholePercent = (share: number): string => percent(share).replace('.0%', '%');

function rowOf(memory: MemoryCurves, { stream, readShare }: LoadCurve, point: LoadPoint): string[] {
  const { meanReadLatencyCycles: mean, p95ReadLatencyCycles: most } = point;
  const none = point.isSaturated ? 'saturated' : '-';
  return [
    stream,
    wholePercent(readShare),
    wholePercent(point.load),
    percent(point.achieved),
    point.achievedGigabytesPerSecond.toFixed(1),
    mean?.toFixed(1) ?? none,
    most?.toFixed(0) ?? '',
    mean === undefined ? '' : nanoseconds(mean, memory).toFixed(1),
    percent(point.rowHitShare),
  ];
}

/** Which loads have no row, where there are some; undefined where all have one. */
function unmeasuredInWords(curves: readonly LoadCurve[]): string | undefined {
  const cut = curves.flatMap(({ stream, readShare, unmeasuredLoads: [least] }) =>
    least === undefined ? [] : [`${stream} at ${wholePercent(readShare)} reads from ${wholePercent(least)}`],
  );
  if (cut.length === 0) return undefined;
  return `not measured, because a lower load saturates the memory already: ${cut.join(', ')}`;
}

function memoryTable(memory: MemoryCurves, room: number): string {
  const { dram, isValidated, channels, mapping, peakGigabytesPerSecond: peak, clockPicoseconds: clock } = memory;
  const head = [
    `${shownName(dram)}${isValidated ? '' : ' (unvalidated: not compared with a reference)'}, ${channels} ${channels === 1 ? 'channel' : 'channels'}, ${mapping}`,
    `peak: ${peak.toFixed(1)} GB/s; cycles of ${clock} ps; stride: ${memory.strideBytes} bytes; ${memory.measuredCycles} cycles at each load`,
  ];
  const rows = memory.curves.flatMap((curve) => curve.points.map((point) => rowOf(memory, curve, point)));
  const unmeasured = unmeasuredInWords(memory.curves);
  const foot = unmeasured === undefined ? '' : `${wrapped(unmeasured, room)}\n`;
  return `${wrapped(head.join('\n'), room)}\n${plainTable(COLUMNS, rows, room)}\n${foot}`;
}

/** A table for each memory: a row for each load, up to the first that is too much, and which are left out then. */
export function loadTable({ memories }: LoadReport, room: number): string {
  return memories.map((memory) => memoryTable(memory, room)).join('\n');
}

/** A row for each load. */
export function loadCsv({ memories }: LoadReport): string {
  const rows = memories.flatMap((memory) =>
    memory.curves.flatMap(({ stream, readShare, points }) =>
      points.map(({ meanReadLatencyCycles: mean, p95ReadLatencyCycles: most, ...point }) => ({
        dram: memory.dram,
        channels: memory.channels,
        mapping: memory.mapping,
        stream,
        readShare,
        load: point.load,
        offered: point.offered,
        achieved: point.achieved,
        achievedGigabytesPerSecond: point.achievedGigabytesPerSecond,
        isSaturated: point.isSaturated,
        meanReadLatencyCycles: mean ?? '',
        p95ReadLatencyCycles: most ?? '',
        meanReadLatencyNanoseconds: mean === undefined ? '' : nanoseconds(mean, memory),
        p95ReadLatencyNanoseconds: most === undefined ? '' : nanoseconds(most, memory),
        rowHitShare: point.rowHitShare,
      })),
    ),
  );
  return csvText(rows, { header: true });
}
