/** What is chosen in the timeline, in words beside it. */

import type { Beside } from './beside.ts';
import { aboutPair } from './comparison.ts';
import { byId, fieldList } from './elements.ts';
import { aboutLayer } from './layerParts.ts';
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
  byId('about').replaceChildren(
    ...(layer === undefined ? [] : fieldList(aboutLayer(layer.run.data.head.layers[layer.place]!))),
  );
  const pair = layer && beside?.pairOf(layer);
  byId('compared').replaceChildren(...(pair === undefined ? [] : fieldList(aboutPair(pair))));
  byId('flow').textContent = selection.flowInWords();
  byId('row').textContent = row.label;
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
