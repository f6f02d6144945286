/** The layers of a network as they run: what there is of each, and the tile that a hardware point gives it. */
import type { Layer } from '../../model/layers/layer.ts';
import { ceilDiv } from '../../model/layers/rounding.ts';
import { shownName } from '../../model/schemas/printable.ts';
import type { Operation, Program } from '../../model/workload/program.ts';
import { names, numbers, sentences } from './columnFit.ts';
import { type CsvRow, csvPieces } from './csvPieces.ts';
import { integer } from './numbers.ts';
import { type Row, tableLines } from './plainTable.ts';

type Sides = Readonly<Record<string, number>>;

/** A layer; `tile`, `paddedSizes` and `tiles` on a hardware point only. */
export interface ListedLayer {
  readonly name: string;
  readonly op: string;
  readonly unit: 'SA' | 'SIMD';
  /** Convolutions side by side, where there are several: sizes and tile are those of one. */
  readonly groups?: number;
  /** Of the whole batch, by the paper's names. */
  readonly sizes: Sides;
  /** Rows and columns from one window to the next, where that is not one. */
  readonly stride?: { readonly h: number; readonly w: number };
  readonly paddedSizes?: Sides;
  readonly tile?: Sides;
  readonly loopOrder?: readonly string[];
  /** How many there are. */
  readonly tiles?: number;
}

/** A list of layers and whose they are. */
export interface LayerList {
  readonly workload: string;
  readonly phase: Program['phase'];
  readonly batch: number;
  readonly hardware?: string;
  readonly layers: readonly ListedLayer[];
}

function tilesOf(layer: Layer): number {
  const [sizes, tile] = [layer.sizes as unknown as Sides, layer.tile as unknown as Sides];
  const ofGroup = Object.keys(tile).reduce((count, dim) => count * ceilDiv(sizes[dim]!, tile[dim]!), 1);
  return ofGroup * (layer.unit === 'SA' ? layer.groups : 1);
}

function listedLayer(operation: Exclude<Operation, { unit: 'free' }>, layer: Layer | undefined): ListedLayer {
  const { name, op, unit } = operation;
  const { stride } = operation.unit === 'SA' ? operation : operation.window;
  const groups = operation.unit === 'SA' ? operation.groups : 1;
  return {
    name,
    op,
    unit,
    ...(groups > 1 ? { groups } : {}),
    sizes: { ...operation.sizes },
    ...(stride.h > 1 || stride.w > 1 ? { stride } : {}),
    ...(layer === undefined ? {} : { paddedSizes: { ...layer.sizes }, tile: { ...layer.tile } }),
    ...(layer?.unit === 'SA' ? { loopOrder: layer.loopOrder } : {}),
    ...(layer === undefined ? {} : { tiles: tilesOf(layer) }),
  };
}

/** The layers of a program in its order; with those that it was tiled into, if it was, and the hardware's name. */
export function layerList(
  { name: workload, phase, batch, operations }: Program,
  tiled?: { readonly hardware: string; readonly layers: readonly Layer[] },
): LayerList {
  const run = operations.filter((operation) => operation.unit !== 'free');
  return {
    workload,
    phase,
    batch,
    ...(tiled === undefined ? {} : { hardware: tiled.hardware }),
    layers: run.map((operation, place) => listedLayer(operation, tiled?.layers[place])),
  };
}

/** `oc=64 ic=3 oh=112`: sides of one are left out, unless all are. */
function sidesInWords(sides: Sides): string {
  const longer = Object.entries(sides).filter(([, side]) => side > 1);
  const shown = longer.length > 0 ? longer : Object.entries(sides).slice(0, 1);
  return shown.map(([dim, side]) => `${dim}=${side}`).join(' ');
}

function dimensionsInWords({ groups, sizes, stride }: ListedLayer): string {
  const parts = [
    ...(groups === undefined ? [] : [`g=${groups}`]),
    sidesInWords(sizes),
    ...(stride === undefined ? [] : [`stride=${stride.h === stride.w ? stride.h : `${stride.h},${stride.w}`}`]),
  ];
  return parts.join(' ');
}

/** A row per layer: dimensions and, on a hardware point, tiles. */
export function* layerListTable(list: LayerList, room: number): Generator<string> {
  const { workload, phase, batch, hardware, layers } = list;
  const on = hardware === undefined ? '' : `, on ${shownName(hardware)}`;
  yield `${shownName(workload)} ${phase}, batch ${batch}${on}: ${integer(layers.length)} layers\n\n`;
  const tile = hardware === undefined ? [] : [sentences('tile'), numbers('tiles')];
  const columns = [names('layer'), names('operation', 1), sentences('dimensions'), ...tile];
  const rows: Iterable<Row> = {
    *[Symbol.iterator]() {
      for (const layer of layers) {
        const ofTile = layer.tile === undefined ? [] : [sidesInWords(layer.tile), integer(layer.tiles!)];
        yield [shownName(layer.name), layer.op, dimensionsInWords(layer), ...ofTile];
      }
    },
  };
  yield* tableLines(columns, rows, room);
}

const prefixed = (prefix: string, sides: Sides | undefined): [string, number][] =>
  Object.entries(sides ?? {}).map(([dim, side]) => [`${prefix}.${dim}`, side]);

function csvRow({
  name,
  op,
  unit,
  groups = 1,
  sizes,
  stride,
  paddedSizes,
  tile,
  loopOrder,
  tiles,
}: ListedLayer): CsvRow {
  return {
    layer: name,
    op,
    unit,
    groups,
    ...Object.fromEntries([
      ...prefixed('sizes', sizes),
      ...prefixed('stride', stride ?? { h: 1, w: 1 }),
      ...prefixed('paddedSizes', paddedSizes),
      ...prefixed('tile', tile),
    ]),
    ...(loopOrder === undefined ? {} : { loopOrder: loopOrder.join(' ') }),
    ...(tiles === undefined ? {} : { tiles }),
  };
}

/**
 * A row per layer; layers of either array have columns of their own. The last columns say whose they are: with a column
 * `cycles` beside them, the file is one of predictions.
 */
export function* layerListCsv({
  workload: network,
  hardware = '',
  phase,
  batch,
  layers,
}: LayerList): Generator<string> {
  const run = { network, hardware, phase, batch };
  const ofEither = (['SA', 'SIMD'] as const).flatMap((unit) => layers.find((layer) => layer.unit === unit) ?? []);
  const columns = new Set(ofEither.flatMap((layer) => Object.keys(csvRow(layer))));
  yield* csvPieces([...columns, ...Object.keys(run)], {
    *[Symbol.iterator]() {
      for (const layer of layers) yield { ...csvRow(layer), ...run };
    },
  });
}
