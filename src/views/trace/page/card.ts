/** What is chosen in the timeline, in words beside it. */

import type { Beside } from './beside.ts';
import { aboutPair } from './comparison.ts';
import { byId, element, fieldList } from './elements.ts';
import { aboutLayer } from './layerParts.ts';
import { inText } from './numbers.ts';
import type { LayerPair } from './pairs.ts';
import type { Selection } from './selection.ts';

const DISTANCE = 6;

/** Where something is in the window's pixels. */
export interface Anchor {
  readonly left: number;
  readonly top: number;
  readonly bottom: number;
}

/** Writes what is chosen into the card; nothing chosen, no card. */
export function fillCard(selection: Selection, beside: Beside | undefined): void {
  const { chosen, row } = selection;
  const tip = chosen && selection.tipOf(chosen);
  const layer = selection.chosenLayer();
  byId('card').hidden = tip === undefined;
  byId('details').replaceChildren(
    ...(tip === undefined ? [] : fieldList({ [chosen!.kind]: tip.title, ...tip.fields })),
  );
  const pair = layer && beside?.pairOf(layer);
  const both = pair && aboutBoth(pair);
  const alone = both === undefined && layer ? fieldList(aboutLayer(layer.run.data.head.layers[layer.place]!)) : [];
  byId('about').replaceChildren(...alone);
  byId('about-both').replaceChildren(...(both ?? []));
  byId('compared').replaceChildren(...(pair === undefined ? [] : fieldList(aboutPair(pair))));
  byId('flow').textContent = selection.flowInWords();
  byId('row').textContent = row.label;
}

/** What is known of a layer's cycles in both runs, side by side; undefined where only one of them has it. */
function aboutBoth({ figuresOfA, figuresOfB }: LayerPair): HTMLElement[] | undefined {
  if (figuresOfA === undefined || figuresOfB === undefined) return undefined;
  const [ofA, ofB] = [aboutLayer(figuresOfA), aboutLayer(figuresOfB)];
  const cell = (value: string | number | undefined): HTMLElement => {
    const made = element('td', value === undefined ? '' : inText(value));
    made.className = 'number';
    return made;
  };
  const headOf = (scope: 'col' | 'row', text: string): HTMLElement => {
    const head = element('th', text);
    head.scope = scope;
    if (scope === 'col') head.className = 'number';
    return head;
  };
  const names = new Set([...Object.keys(ofA), ...Object.keys(ofB)]);
  const rows = [...names].map((name) => element('tr', '', headOf('row', name), cell(ofA[name]), cell(ofB[name])));
  const heads = element('tr', '', element('td'), headOf('col', 'A'), headOf('col', 'B'));
  return [element('thead', '', heads), element('tbody', '', ...rows)];
}

/** Puts the card beside what it is about: below it, where there is no room above it, within the window if it can be. */
export function placeCard(anchor: Anchor): void {
  const card = byId('card');
  if (card.hidden) return;
  const frame = card.parentElement!.getBoundingClientRect();
  const { width, height } = card.getBoundingClientRect();
  const below = anchor.bottom + DISTANCE;
  const above = anchor.top - DISTANCE - height;
  const isBelow = below + height <= innerHeight || above < Math.max(frame.top, 0);
  const left = Math.max(Math.min(anchor.left, frame.right - width - DISTANCE), frame.left);
  card.style.transform = `translate(${Math.round(left - frame.left)}px, ${Math.round((isBelow ? below : above) - frame.top)}px)`;
}
