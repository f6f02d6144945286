/** A network's critical path as data, as tables and as CSV. */
import { dramInWords } from '../../model/dram/model.ts';
import { nameOfGroup } from '../../model/fusion/groups.ts';
import { shownName } from '../../model/schemas/printable.ts';
import type { CriticalPath, PathSegment, PathShare } from '../../studies/criticalPath/criticalPath.ts';
import { type PathResource, RESOURCES } from '../../studies/criticalPath/dependencyGraph.ts';
import type { LayerPath, NetworkPath, NetworkPathShare } from '../../studies/criticalPath/networkPath.ts';
import type { PathPart } from '../../studies/criticalPath/pathPart.ts';
import { lists, names, numbers, sentences } from './columnFit.ts';
import { type CsvRow, csvPieces } from './csvPieces.ts';
import { change, integer, percent } from './numbers.ts';
import { REASONS_IN_WORDS, resourceInWords } from './pathNames.ts';
import { plainTable, type Row } from './plainTable.ts';
import type { RunSettings } from './runSettings.ts';
import { wrapped } from './wrapped.ts';

/** Layers shown in the table. */
const MOST_LAYERS = 10;

/** A layer's part of the path as JSON and CSV show it. */
export interface LayerPathReport {
  readonly name: string;
  readonly op: string;
  readonly unit: 'SA' | 'SIMD';
  /** The fused group that it runs in, if any. */
  readonly group?: string;
  /** Cycles in which one of its tiles is what the end waits for, in all and by resource. */
  readonly pathCycles: number;
  readonly byResource: LayerPath['byResource'];
}

/** A network's critical path as plain data. */
export interface PathReport {
  readonly hardware: string;
  readonly workload: string;
  readonly phase: 'inference' | 'training';
  readonly batch: number;
  readonly expansion?: string;
  readonly assumptions: readonly string[];
  readonly dram: string;
  readonly criticalPath: {
    readonly totalCycles: number;
    readonly resources: readonly NetworkPathShare[];
    readonly reasons: CriticalPath['reasons'];
    readonly layers: readonly LayerPathReport[];
    /** From cycle 0 to the last; only if asked for. */
    readonly segments?: readonly PathSegment[];
  };
}

/** Puts a network's path together with what it was run on. */
export function pathReport(
  { hardware, workload, phase, batch, expansion, assumptions, dram }: Omit<RunSettings, 'closedFormVariant'>,
  { layers, groups, ...path }: NetworkPath,
): PathReport {
  const groupOf = new Map(
    groups.flatMap((group) =>
      layers.slice(group.first, group.last + 1).map(({ layer }) => [layer, nameOfGroup(group)] as const),
    ),
  );
  return {
    hardware: hardware.name,
    workload,
    phase,
    batch,
    ...(expansion === undefined ? {} : { expansion }),
    assumptions,
    dram: dramInWords(dram),
    criticalPath: {
      ...path,
      layers: layers.map(({ layer, ...own }) => {
        const group = groupOf.get(layer);
        return { name: layer.name, op: layer.op, unit: layer.unit, ...(group === undefined ? {} : { group }), ...own };
      }),
    },
  };
}

/** The path of what is explained: its own, or where layers overlap its part of the network's. */
export type ExplainedPath = NetworkPath | PathPart;

/** A path as `explain` has it in JSON. */
export function pathData(path: ExplainedPath): object {
  const { totalCycles, resources, reasons, segments } = path;
  return { totalCycles, ...('pathCycles' in path && { pathCycles: path.pathCycles }), resources, reasons, segments };
}

/** The tables of a path by resource and by reason. */
export function pathTables(path: ExplainedPath | PathReport['criticalPath'], room: number): string[] {
  return 'pathCycles' in path ? partTables(path, room) : wholeTables(path, room);
}

function partTables({ totalCycles, pathCycles, resources, reasons }: PathPart, room: number): string[] {
  if (pathCycles === 0) return ['The end of the run never waits for one of its tiles.'];
  const rows = resources.map((each) => [
    resourceInWords(each.resource),
    integer(each.pathCycles),
    percent(each.pathCycles / pathCycles),
    percent(each.pathCycles / totalCycles),
  ]);
  const share = numbers("share\nof the run's");
  return [
    plainTable(
      [names("what the run's end waits for,\nwith a tile of this"), numbers('cycles'), numbers('share'), share],
      rows,
      room,
    ),
    reasonTable(reasons, pathCycles, room),
  ];
}

function reasonTable(reasons: CriticalPath['reasons'], of: number, room: number): string {
  const rows = reasons.map(({ reason, pathCycles }) => [
    REASONS_IN_WORDS[reason],
    integer(pathCycles),
    percent(of === 0 ? 0 : pathCycles / of),
  ]);
  return plainTable([sentences('why a tile came when it did'), numbers('cycles'), numbers('share')], rows, room);
}

function wholeTables(
  { totalCycles, resources, reasons }: Pick<NetworkPath, 'totalCycles' | 'resources' | 'reasons'>,
  room: number,
): string[] {
  const share = (cycles: number): string => percent(totalCycles === 0 ? 0 : cycles / totalCycles);
  const after = (cycles: number | undefined): string => (cycles === undefined ? '' : change(totalCycles, cycles));
  const resourceRows = resources.map(({ resource, pathCycles, slackCycles, twiceBoundCycles, twiceRunCycles }) => [
    resourceInWords(resource),
    integer(pathCycles),
    share(pathCycles),
    integer(slackCycles),
    after(twiceBoundCycles),
    after(twiceRunCycles),
  ]);
  return [
    plainTable(
      [
        names('what the end waits for'),
        numbers('cycles'),
        numbers('share'),
        numbers('least\nslack'),
        numbers('twice as fast:\nat best'),
        numbers('\nin a run'),
      ],
      resourceRows,
      room,
    ),
    reasonTable(reasons, totalCycles, room),
  ];
}

/** What follows for a resource of which there could be more. */
function leadInWords({ totalCycles, resources }: PathReport['criticalPath']): string[] {
  const [longest] = resources;
  if (longest === undefined) return ['Nothing takes any time.'];
  const lead = `The end waits for the ${resourceInWords(longest.resource)} in ${percent(longest.pathCycles / totalCycles)} of the time.`;
  const idle = resources.filter(({ twiceRunCycles }) => twiceRunCycles === totalCycles);
  if (idle.length === 0) return [lead];
  const listed = idle.map(({ resource }) => resourceInWords(resource)).join(', ');
  return [lead, `Twice the bandwidth saves nothing at all: ${listed}.`];
}

/** The whole report as text. */
export function pathText(report: PathReport, room: number): string {
  const { criticalPath: path, workload, phase, batch, hardware, assumptions, dram } = report;
  const head = `${shownName(workload)} ${phase}, batch ${batch}, on ${shownName(hardware)}; machine: ${assumptions.join(', ')}; DRAM: ${shownName(dram)}`;
  const sections = [
    [head],
    [`Critical path: ${integer(path.totalCycles)} cycles, each of which the end has waited for.`, ...leadInWords(path)],
    ...pathTables(path, room).map((table) => [table]),
    layerTable(path, room),
  ];
  return `${sections.map((lines) => wrapped(lines.join('\n'), room)).join('\n\n')}\n`;
}

function layerTable({ layers, totalCycles }: PathReport['criticalPath'], room: number): string[] {
  const longest = [...layers].sort((a, b) => b.pathCycles - a.pathCycles).slice(0, MOST_LAYERS);
  const rows = longest.map(({ name, op, pathCycles, byResource }): Row => {
    const parts = Object.entries(byResource).sort(([, a], [, b]) => b - a) as [PathResource, number][];
    const inWords = parts.map(([resource, cycles]) => `${resourceInWords(resource)} ${percent(cycles / pathCycles)}`);
    return [name, op, integer(pathCycles), percent(pathCycles / totalCycles), inWords.join(', ')];
  });
  const more = layers.length > longest.length ? [`… ${layers.length - longest.length} more layers`] : [];
  return [
    plainTable(
      [names('layers with most of it'), names('op'), numbers('cycles'), numbers('share'), lists('what of it')],
      rows,
      room,
    ),
    ...more,
  ];
}

/** A row per layer, then one for the network. */
export function* pathCsv({ criticalPath: { layers, resources, totalCycles } }: PathReport): Generator<string> {
  const columns = ['layer', 'op', 'unit', 'group', 'pathCycles', ...RESOURCES.map((name) => `pathCycles.${name}`)];
  const cells = (byResource: Readonly<Partial<Record<PathResource, number>>>): CsvRow =>
    Object.fromEntries(RESOURCES.map((name) => [`pathCycles.${name}`, byResource[name] ?? 0]));
  function* rows(): Generator<CsvRow> {
    for (const { name, op, unit, group, pathCycles, byResource } of layers)
      yield { layer: name, op, unit, group: group ?? '', pathCycles, ...cells(byResource) };
    const sums = Object.fromEntries(resources.map(({ resource, pathCycles }: PathShare) => [resource, pathCycles]));
    yield { layer: 'total', op: '', unit: '', group: '', pathCycles: totalCycles, ...cells(sums) };
  }
  yield* csvPieces(columns, rows());
}
