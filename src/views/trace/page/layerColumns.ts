/** The columns of the layer table: what stands in them, and by what they sort. */
import { resourceInWords } from '../../report/pathNames.ts';
import type { PageLayer } from '../pageData.ts';
import { causesInWords, changeOf, whereInWords } from './comparison.ts';
import { closedFormError, layerPath } from './layerParts.ts';
import { unitCycles } from './layerTimes.ts';
import { inDigits, percent, signedDigits, signedPercent } from './numbers.ts';
import type { LayerPair, ListedLayer } from './pairs.ts';

export interface LayerColumn {
  /** What the address calls it. */
  readonly key: string;
  readonly title: string;
  readonly isNumber: boolean;
  /** Undefined where a layer has none; such rows come last. */
  readonly value: (listed: ListedLayer) => number | string | undefined;
  readonly text: (listed: ListedLayer) => string;
}

function words(key: string, title: string, value: (listed: ListedLayer) => string | undefined): LayerColumn {
  return { key, title, isNumber: false, value, text: (listed) => value(listed) ?? '' };
}

function numbers(
  key: string,
  title: string,
  value: (listed: ListedLayer) => number | undefined,
  inWords: (value: number) => string = inDigits,
): LayerColumn {
  const text = (listed: ListedLayer): string => {
    const amount = value(listed);
    return amount === undefined ? '' : inWords(amount);
  };
  return { key, title, isNumber: true, value, text };
}

/** A column of the page's own run, empty where only a second run has the layer. */
function number(
  key: string,
  title: string,
  value: (layer: PageLayer) => number | undefined,
  inWords?: (value: number) => string,
): LayerColumn {
  return numbers(key, title, ({ layer }) => layer && value(layer), inWords);
}

/** The use of the PEs; a layer without MACs has none. */
function ofMacs(each: PageLayer, share: number): number | undefined {
  return each.useful.macs === 0 ? undefined : share;
}

const FIRST_COLUMNS: readonly LayerColumn[] = [
  words('name', 'layer', ({ name }) => name),
  words('op', 'op', ({ op }) => op),
  number('tiles', 'tiles', ({ tiles }) => tiles),
  number('cycles', 'cycles', ({ totalCycles }) => totalCycles),
];

const OTHER_COLUMNS: readonly LayerColumn[] = [
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
const PATH_COLUMN = words('path', 'waits most for', ({ layer }) => {
  const [most] = layer === undefined ? [] : layerPath(layer);
  return most && resourceInWords(most[0]);
});

const MOST_CAUSES = 2;

/** Why a second run takes more or less for a layer, or which run lacks it. */
function difference(pair: LayerPair): string {
  return [whereInWords(pair), causesInWords(pair, MOST_CAUSES)].filter((each) => each !== '').join('; ');
}

/** Beside a second run. */
const COMPARED_COLUMNS: readonly LayerColumn[] = [
  numbers('cyclesB', 'cycles B', ({ pair }) => (pair?.in === 'both' || pair?.in === 'B' ? pair.cyclesOfB : undefined)),
  numbers('difference', 'B − A', ({ pair }) => pair?.difference, signedDigits),
  numbers('change', 'change', ({ pair }) => (pair?.in === 'both' ? changeOf(pair) : undefined), signedPercent),
  words('causes', 'by cause', ({ pair }) => pair && difference(pair)),
];

/** The columns of a page's table: those before a layer's bars, and behind them. */
export interface LayerColumns {
  readonly before: readonly LayerColumn[];
  readonly behind: readonly LayerColumn[];
}

/** The columns for some layers; beside a second run the comparison comes first. */
export function layerColumns(listed: readonly ListedLayer[]): LayerColumns {
  const isCompared = listed.some(({ pair }) => pair !== undefined);
  const hasPath = listed.some(({ layer }) => layer?.path !== undefined);
  const others = [...OTHER_COLUMNS, ...(hasPath ? [PATH_COLUMN] : [])];
  return isCompared
    ? { before: [...FIRST_COLUMNS, ...COMPARED_COLUMNS], behind: others }
    : { before: [...FIRST_COLUMNS, ...others], behind: [] };
}

/** Whether there may be a column of that key. */
export function isColumnKey(key: string): boolean {
  return [...FIRST_COLUMNS, ...COMPARED_COLUMNS, ...OTHER_COLUMNS, PATH_COLUMN].some((column) => column.key === key);
}

/** By which column the table is sorted; in program order if by none. */
export interface Sorting {
  readonly key: string;
  readonly isDescending: boolean;
}

/** The places of layers in the order of a sorting; those that are equal stay in program order. */
export function sortedPlaces(listed: readonly ListedLayer[], sorting: Sorting | undefined): number[] {
  const places = listed.map((_, place) => place);
  const { before, behind } = layerColumns(listed);
  const column = [...before, ...behind].find(({ key }) => key === sorting?.key);
  if (column === undefined || sorting === undefined) return places;
  const values = listed.map(column.value);
  const sign = sorting.isDescending ? -1 : 1;
  return places.sort((a, b) => {
    const [x, y] = [values[a], values[b]];
    if (x === undefined || y === undefined) return Number(x === undefined) - Number(y === undefined) || a - b;
    return (x < y ? -sign : x > y ? sign : 0) || a - b;
  });
}
