/** All layers as rows with a stacked bar each. */
import type { PageLayer } from '../pageData.ts';
import { PALETTE } from '../palette.ts';
import type { PageData } from './data.ts';
import { byId, element } from './elements.ts';
import { partsOf } from './layerParts.ts';
import { inDigits, percent } from './numbers.ts';
import { paintVariable } from './scheme.ts';

/** Fills the table; `show` is called with the layer that the user picks. Returns the rows. */
export function startLayerTable({ head }: PageData, show: (layer: PageLayer) => void): HTMLTableRowElement[] {
  const sameLength = byId<HTMLInputElement>('same-length');
  const longest = Math.max(...head.layers.map(({ totalCycles }) => totalCycles));
  const rows = head.layers.map((each) => {
    const { layer, tiles, totalCycles, computeCycles } = each;
    const button = element('button', layer.name);
    button.type = 'button';
    button.addEventListener('click', () => show(each));
    const row = element('tr', '', element('td', '', button), element('td', layer.op));
    const stall = percent((totalCycles - computeCycles) / totalCycles);
    for (const text of [inDigits(tiles), inDigits(totalCycles), stall]) {
      const cell = element('td', text);
      cell.className = 'number';
      row.append(cell);
    }
    const bar = barOf(each);
    const scale = (): void => {
      bar.style.width = `${sameLength.checked ? 100 : (100 * totalCycles) / longest}%`;
    };
    sameLength.addEventListener('change', scale);
    scale();
    row.append(element('td', '', bar));
    return row;
  });
  byId('layers').replaceChildren(...rows);
  return rows;
}

function barOf(layer: PageLayer): HTMLElement {
  const bar = element('div');
  bar.className = 'bar';
  bar.setAttribute('role', 'img');
  const parts = partsOf(layer);
  const inWords = parts.map(
    ([paint, cycles]) => `${PALETTE[paint].text} ${inDigits(cycles)} (${percent(cycles / layer.totalCycles)})`,
  );
  bar.setAttribute('aria-label', inWords.join(', '));
  parts.forEach(([paint, cycles], place) => {
    const part = element('span');
    part.style.flexGrow = String(cycles);
    part.style.flexBasis = '0';
    part.style.background = paintVariable(paint);
    part.title = inWords[place]!;
    bar.append(part);
  });
  return bar;
}
