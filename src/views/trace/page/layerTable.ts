/** All layers as rows with a stacked bar each. */
import type { PageLayer } from '../pageData.ts';
import { PAINTS, type Paint } from '../palette.ts';
import type { PageData } from './data.ts';
import { byId, element, legendEntry } from './elements.ts';
import { layerTip, partName, partsOf } from './layerParts.ts';
import { inDigits, percent } from './numbers.ts';
import { roving } from './roving.ts';
import { paintVariable } from './scheme.ts';
import { tipOn } from './tip.ts';

export interface LayerTable {
  readonly rows: readonly HTMLTableRowElement[];
  /** Scrolls a layer into view and makes it the table's stop for Tab. */
  goTo(place: number): void;
}

/** Fills the table; `show` is called with the place of the layer that the user picks. */
export function startLayerTable({ head }: PageData, show: (place: number) => void): LayerTable {
  const sameLength = byId<HTMLInputElement>('same-length');
  const longest = Math.max(...head.layers.map(({ totalCycles }) => totalCycles));
  const bars = head.layers.map(barOf);
  const buttons = head.layers.map((each, place) => {
    const button = element('button', each.layer.name);
    button.type = 'button';
    button.addEventListener('click', () => show(place));
    tipOn(button, () => layerTip(each), bars[place]!);
    return button;
  });
  const rows = head.layers.map((each, place) => {
    const { layer, tiles, totalCycles, computeCycles, issued, useful } = each;
    const row = element('tr', '', element('td', '', buttons[place]!), element('td', layer.op));
    const stall = percent((totalCycles - computeCycles) / totalCycles);
    const peUse = [issued, useful].map(({ peUtilisation }) => (useful.macs === 0 ? '' : percent(peUtilisation)));
    for (const text of [inDigits(tiles), inDigits(totalCycles), stall, ...peUse]) {
      const cell = element('td', text);
      cell.className = 'number';
      row.append(cell);
    }
    const bar = bars[place]!;
    const scale = (): void => {
      bar.style.width = `${sameLength.checked ? 100 : (100 * totalCycles) / longest}%`;
    };
    sameLength.addEventListener('change', scale);
    scale();
    row.append(element('td', '', bar));
    return row;
  });
  const setStop = roving(buttons);
  byId('layers').replaceChildren(...rows);
  const used = new Set<Paint>(head.layers.flatMap((each) => partsOf(each).map(([paint]) => paint)));
  const entries = PAINTS.filter((paint) => used.has(paint)).map((paint) => legendEntry(paint, partName(paint)));
  byId('parts-legend').replaceChildren(...entries);
  const goTo = (place: number): void => {
    rows[place]!.scrollIntoView({ block: 'nearest' });
    setStop(place);
  };
  return { rows, goTo };
}

function barOf(layer: PageLayer): HTMLElement {
  const bar = element('div');
  bar.className = 'bar';
  bar.setAttribute('role', 'img');
  const parts = partsOf(layer);
  const inWords = parts.map(
    ([paint, cycles]) => `${partName(paint)} ${inDigits(cycles)} (${percent(cycles / layer.totalCycles)})`,
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
  return bar;
}
