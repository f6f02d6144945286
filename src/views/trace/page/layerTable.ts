/** All layers as rows with a stacked bar each, in the order of any column. */
import type { LayerFigures } from '../pageData.ts';
import { PAINTS, type Paint } from '../palette.ts';
import { byId, element, legendEntry } from './elements.ts';
import { type LayerColumn, type LayerColumns, layerColumns, sortedPlaces } from './layerColumns.ts';
import { layerTip, partName, partsOf } from './layerParts.ts';
import { unitCycles } from './layerTimes.ts';
import { inDigits, percent } from './numbers.ts';
import type { PageState } from './pageState.ts';
import type { ListedLayer } from './pairs.ts';
import { roving } from './roving.ts';
import { paintVariable } from './scheme.ts';
import { tipOn } from './tip.ts';

const BARS_TITLE = 'compute, pipeline fill, waiting by cause';

export interface LayerTable {
  /** By place in the program, whatever the table's order. */
  readonly rows: readonly HTMLTableRowElement[];
  /** Scrolls the table, and nothing else, to a layer, and makes it the table's stop for Tab. */
  goTo(place: number): void;
}

/** Fills the table; `show` is called with the place of the listed layer that the user picks. */
export function startLayerTable(
  listed: readonly ListedLayer[],
  { sorting }: PageState,
  show: (place: number) => void,
): LayerTable {
  const columns = layerColumns(listed);
  const sameLength = byId<HTMLInputElement>('same-length');
  const figures = listed.map(figuresOf);
  const longest = figures.flat().reduce((most, each) => Math.max(most, unitCycles(each)), 0);
  const bars = figures.map((runs, place) => runs.map((each) => barOf(each, () => show(place))));
  const buttons = listed.map(({ name }, place) => {
    const button = element('button', name);
    button.type = 'button';
    button.addEventListener('click', () => show(place));
    tipOn(button, () => layerTip(figures[place]![0]!), bars[place]![0]!);
    return button;
  });
  const rows = listed.map((each, place) => rowOf(columns, each, buttons[place]!, bars[place]!));
  const scale = (): void => {
    figures.forEach((runs, place) => {
      runs.forEach((each, run) => {
        bars[place]![run]!.style.width = `${sameLength.checked ? 100 : (100 * unitCycles(each)) / longest}%`;
      });
    });
  };
  sameLength.addEventListener('change', scale);
  scale();
  const stops = roving(buttons);
  const order = (): void => {
    const places = sortedPlaces(listed, sorting.value);
    stops.setOrder(places);
    byId('layers').replaceChildren(...places.map((place) => rows[place]!));
  };
  showHeads(columns, sorting);
  sorting.listen(order);
  order();
  const used = new Set<Paint>(figures.flat().flatMap((each) => partsOf(each).map(([paint]) => paint)));
  const entries = PAINTS.filter((paint) => used.has(paint)).map((paint) => legendEntry(paint, partName(paint)));
  byId('parts-legend').replaceChildren(...entries);
  const goTo = (place: number): void => {
    scrollTo(byId('layers-frame'), rows[place]!);
    stops.setStop(place);
  };
  return { rows, goTo };
}

/** Heads that sort: by a column the larger first, then the smaller, then in program order again. */
function showHeads({ before, behind }: LayerColumns, sorting: PageState['sorting']): void {
  const columns = [...before, ...behind];
  const buttons = columns.map((column) => {
    const button = element('button', column.title);
    button.type = 'button';
    button.title = `sort by ${column.title}`;
    button.addEventListener('click', () => sorting.set(nextSorting(column, sorting.value)));
    return button;
  });
  roving(buttons);
  const heads = columns.map(({ isNumber }, place) => {
    const head = element('th', '', buttons[place]!);
    head.scope = 'col';
    head.classList.toggle('number', isNumber);
    return head;
  });
  const ofBars = element('th', BARS_TITLE);
  ofBars.scope = 'col';
  byId('layer-heads').replaceChildren(...heads.slice(0, before.length), ofBars, ...heads.slice(before.length));
  const tell = (): void => {
    columns.forEach(({ key }, place) => {
      const { value } = sorting;
      const isSorted = value?.key === key;
      heads[place]!.ariaSort = !isSorted ? 'none' : value?.isDescending ? 'descending' : 'ascending';
    });
  };
  sorting.listen(tell);
  tell();
}

function nextSorting({ key, isNumber }: LayerColumn, now: PageState['sorting']['value']): typeof now {
  // Numbers with the largest first, names from A on.
  if (now?.key !== key) return { key, isDescending: isNumber };
  return now.isDescending === isNumber ? { key, isDescending: !isNumber } : undefined;
}

/** What a row has bars of: the layer, and below it its like in a second run, unless that stands in another row. */
function figuresOf({ layer, pair }: ListedLayer): LayerFigures[] {
  const ofB = pair?.figuresOfB;
  return [...(layer === undefined ? [] : [layer]), ...(ofB === undefined || pair?.in === 'fused' ? [] : [ofB])];
}

function rowOf(
  { before, behind }: LayerColumns,
  each: ListedLayer,
  button: HTMLButtonElement,
  bars: readonly HTMLElement[],
): HTMLTableRowElement {
  const cellOf = ({ key, isNumber, text }: LayerColumn): HTMLElement => {
    const cell = key === 'name' ? element('td', '', button) : element('td', text(each));
    if (isNumber) cell.className = 'number';
    return cell;
  };
  const ofBars = element('td', '', ...bars);
  ofBars.className = behind.length === 0 ? 'bars' : 'narrow bars';
  return element('tr', '', ...before.map(cellOf), ofBars, ...behind.map(cellOf));
}

/** Scrolls a frame so that a row of its table is below the heads and within it. */
function scrollTo(frame: HTMLElement, row: HTMLTableRowElement): void {
  const heads = byId('layer-heads').getBoundingClientRect().height;
  const { top, bottom } = row.getBoundingClientRect();
  const edges = frame.getBoundingClientRect();
  if (top < edges.top + heads) frame.scrollTop -= edges.top + heads - top;
  else if (bottom > edges.bottom) frame.scrollTop += bottom - edges.bottom;
}

function barOf(layer: LayerFigures, show: () => void): HTMLElement {
  const bar = element('div');
  bar.className = 'bar';
  bar.setAttribute('role', 'img');
  const parts = partsOf(layer);
  const inWords = parts.map(
    ([paint, cycles]) => `${partName(paint)} ${inDigits(cycles)} (${percent(cycles / unitCycles(layer))})`,
  );
  bar.setAttribute('aria-label', inWords.join(', '));
  for (const [paint, cycles] of parts) {
    const part = element('span');
    part.style.flexGrow = String(cycles);
    part.style.flexBasis = '0';
    part.style.background = paintVariable(paint);
    bar.append(part);
  }
  tipOn(bar, () => layerTip(layer));
  // Keys have the layer's name for it.
  bar.addEventListener('click', show);
  return bar;
}
