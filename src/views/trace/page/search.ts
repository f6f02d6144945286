/** Finds layers by name: Enter shows the first, then the next. */

import { byId } from './elements.ts';
import type { LayerTable } from './layerTable.ts';
import type { ListedLayer } from './pairs.ts';
import type { RooflineMark } from './roofline.ts';

/** Sets the search field up; the layers found are marked in the table and in the roofline. */
export function startSearch(
  listed: readonly ListedLayer[],
  show: (place: number) => void,
  table: LayerTable,
  marks: readonly RooflineMark[],
): void {
  const query = byId<HTMLInputElement>('query');
  const found = byId<HTMLOutputElement>('found');
  let places: number[] = [];
  let next = 0;
  const find = (): void => {
    const text = query.value.trim().toLowerCase();
    const isFound = ({ name }: ListedLayer): boolean => text !== '' && name.toLowerCase().includes(text);
    places = listed.flatMap((layer, place) => (isFound(layer) ? [place] : []));
    next = 0;
    found.textContent = text === '' ? '' : `${places.length} found`;
    for (const [place, row] of table.rows.entries()) row.classList.toggle('found', isFound(listed[place]!));
    for (const { mark, place } of marks) mark.classList.toggle('found', isFound(listed[place]!));
  };
  const showNext = (): void => {
    const place = places[next % places.length];
    if (place === undefined) return;
    show(place);
    found.textContent = `${(next % places.length) + 1} of ${places.length}: ${listed[place]!.name}`;
    next++;
  };
  query.addEventListener('input', find);
  byId('search').addEventListener('submit', (event) => {
    event.preventDefault();
    showNext();
  });
  query.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    query.value = '';
    find();
    byId('timeline').focus();
  });
  document.addEventListener('keydown', (event) => {
    if (event.key !== '/' || event.target === query) return;
    event.preventDefault();
    query.focus();
    query.select();
  });
}
