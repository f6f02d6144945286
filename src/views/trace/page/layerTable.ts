/** All layers as rows with a stacked bar each, in the order of any column. */
import type { PageLayer } from '../pageData.ts';
import { PAINTS, type Paint } from '../palette.ts';
import type { PageData } from './data.ts';
import { byId, element, legendEntry } from './elements.ts';
import { type LayerColumn, layerColumns, sortedPlaces } from './layerColumns.ts';
import { layerTip, partName, partsOf } from './layerParts.ts';
import { unitCycles } from './layerTimes.ts';
import { inDigits, percent } from './numbers.ts';
import type { PageState } from './pageState.ts';
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

/** Fills the table; `show` is called with the place of the layer that the user picks. */
export function startLayerTable({ head }: PageData, { sorting }: PageState, show: (place: number) => void): LayerTable {
  const { layers } = head;
  const columns = layerColumns(layers);
  const sameLength = byId<HTMLInputElement>('same-length');
  const longest = Math.max(...layers.map(unitCycles));
  const bars = layers.map((each, place) => barOf(each, () => show(place)));
  const buttons = layers.map((each, place) => {
    const button = element('button', each.layer.name);
    button.type = 'button';
    button.addEventListener('click', () => show(place));
    tipOn(button, () => layerTip(each), bars[place]!);
    return button;
  });
  const rows = layers.map((each, place) => rowOf(columns, each, buttons[place]!, bars[place]!));
  const scale = (): void => {
    layers.forEach((each, place) => {
      bars[place]!.style.width = `${sameLength.checked ? 100 : (100 * unitCycles(each)) / longest}%`;
    });
  };
  sameLength.addEventListener('change', scale);
  scale();
  const stops = roving(buttons);
  const order = (): void => {
    const places = sortedPlaces(layers, sorting.value);
    stops.setOrder(places);
    byId('layers').replaceChildren(...places.map((place) => rows[place]!));
  };
  showHeads(columns, sorting);
  sorting.listen(order);
  order();
  const used = new Set<Paint>(layers.flatMap((each) => partsOf(each).map(([paint]) => paint)));
  const entries = PAINTS.filter((paint) => used.has(paint)).map((paint) => legendEntry(paint, partName(paint)));
  byId('parts-legend').replaceChildren(...entries);
  const goTo = (place: number): void => {
    scrollTo(byId('layers-frame'), rows[place]!);
    stops.setStop(place);
  };
  return { rows, goTo };
}

/** Heads that sort: by a column the larger first, then the smaller, then in program order again. */
function showHeads(columns: readonly LayerColumn[], sorting: PageState['sorting']): void {
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
  const last = element('th', BARS_TITLE);
  last.scope = 'col';
  byId('layer-heads').replaceChildren(...heads, last);
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

function rowOf(
  columns: readonly LayerColumn[],
  each: PageLayer,
  button: HTMLButtonElement,
  bar: HTMLElement,
): HTMLTableRowElement {
  const row = element('tr');
  for (const { key, isNumber, text } of columns) {
    const cell = key === 'name' ? element('td', '', button) : element('td', text(each));
    if (isNumber) cell.className = 'number';
    row.append(cell);
  }
  row.append(element('td', '', bar));
  return row;
}

/** Scrolls a frame so that a row of its table is below the heads and within it. */
function scrollTo(frame: HTMLElement, row: HTMLTableRowElement): void {
  const heads = byId('layer-heads').getBoundingClientRect().height;
  const { top, bottom } = row.getBoundingClientRect();
  const edges = frame.getBoundingClientRect();
  if (top < edges.top + heads) frame.scrollTop -= edges.top + heads - top;
  else if (bottom > edges.bottom) frame.scrollTop += bottom - edges.bottom;
}

function barOf(layer: PageLayer, show: () => void): HTMLElement {
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
