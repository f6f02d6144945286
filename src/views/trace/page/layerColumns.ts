/** The columns of the layer table: what stands in them, and by what they sort. */
import { resourceInWords } from '../../report/pathNames.ts';
import type { PageLayer } from '../pageData.ts';
import { closedFormError, layerPath } from './layerParts.ts';
import { unitCycles } from './layerTimes.ts';
import { inDigits, percent, signedPercent } from './numbers.ts';

export interface LayerColumn {
  /** What the address calls it. */
  readonly key: string;
  readonly title: string;
  readonly isNumber: boolean;
  /** Undefined where a layer has none; such rows come last. */
  readonly value: (layer: PageLayer) => number | string | undefined;
  readonly text: (layer: PageLayer) => string;
}

function number(
  key: string,
  title: string,
  value: (layer: PageLayer) => number | undefined,
  inWords: (value: number) => string = inDigits,
): LayerColumn {
  const text = (layer: PageLayer): string => {
    const amount = value(layer);
    return amount === undefined ? '' : inWords(amount);
  };
  return { key, title, isNumber: true, value, text };
}

/** The use of the PEs; a layer without MACs has none. */
function ofMacs(each: PageLayer, share: number): number | undefined {
  return each.useful.macs === 0 ? undefined : share;
}

const LAYER_COLUMNS: readonly LayerColumn[] = [
  {
    key: 'name',
    title: 'layer',
    isNumber: false,
    value: ({ layer }) => layer.name,
    text: ({ layer }) => layer.name,
  },
  { key: 'op', title: 'op', isNumber: false, value: ({ layer }) => layer.op, text: ({ layer }) => layer.op },
  number('tiles', 'tiles', ({ tiles }) => tiles),
  number('cycles', 'cycles', ({ totalCycles }) => totalCycles),
  number(
    'closedForm',
    'closed form',
    ({ closedFormCycles }) => closedFormCycles,
    (cycles) => inDigits(Math.round(cycles)),
  ),
  number('error', 'its error', closedFormError, signedPercent),
  number('stall', 'stall', (each) => 1 - each.computeCycles / unitCycles(each), percent),
  number('issued', 'PE use, issued', (each) => ofMacs(each, each.issued.peUtilisation), percent),
  number('useful', 'PE use, useful', (each) => ofMacs(each, each.useful.peUtilisation), percent),
];

/** What the end of the run waits for most while a layer runs; only where the page knows its path. */
const PATH_COLUMN: LayerColumn = {
  key: 'path',
  title: 'waits most for',
  isNumber: false,
  value: (each) => mostWaitedFor(each),
  text: (each) => mostWaitedFor(each) ?? '',
};

function mostWaitedFor(each: PageLayer): string | undefined {
  const [most] = layerPath(each);
  return most && resourceInWords(most[0]);
}

/** The columns of a page's table. */
export function layerColumns(layers: readonly PageLayer[]): readonly LayerColumn[] {
  return layers.some(({ path }) => path !== undefined) ? [...LAYER_COLUMNS, PATH_COLUMN] : LAYER_COLUMNS;
}

/** Whether there may be a column of that key. */
export function isColumnKey(key: string): boolean {
  return [...LAYER_COLUMNS, PATH_COLUMN].some((column) => column.key === key);
}

/** By which column the table is sorted; in program order if by none. */
export interface Sorting {
  readonly key: string;
  readonly isDescending: boolean;
}

/** The places of layers in the order of a sorting; those that are equal stay in program order. */
export function sortedPlaces(layers: readonly PageLayer[], sorting: Sorting | undefined): number[] {
  const places = layers.map((_, place) => place);
  const column = layerColumns(layers).find(({ key }) => key === sorting?.key);
  if (column === undefined || sorting === undefined) return places;
  const values = layers.map(column.value);
  const sign = sorting.isDescending ? -1 : 1;
  return places.sort((a, b) => {
    const [x, y] = [values[a], values[b]];
    if (x === undefined || y === undefined) return Number(x === undefined) - Number(y === undefined) || a - b;
    return (x < y ? -sign : x > y ? sign : 0) || a - b;
  });
}
