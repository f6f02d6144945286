/** A list that is one stop for Tab: arrow keys, Home and End go from item to item. */

/** Sets a list up, its first item being the stop; returns how to make another one the stop. */
export function roving(items: readonly (HTMLElement | SVGElement)[]): (place: number) => void {
  let current = 0;
  const setCurrent = (place: number): void => {
    items[current]?.setAttribute('tabindex', '-1');
    current = place;
    items[current]?.setAttribute('tabindex', '0');
  };
  const last = items.length - 1;
  const places: Readonly<Record<string, (place: number) => number>> = {
    ArrowUp: (place) => place - 1,
    ArrowLeft: (place) => place - 1,
    ArrowDown: (place) => place + 1,
    ArrowRight: (place) => place + 1,
    Home: () => 0,
    End: () => last,
  };
  items.forEach((item, place) => {
    item.setAttribute('tabindex', place === 0 ? '0' : '-1');
    item.addEventListener('focus', () => setCurrent(place));
    item.addEventListener('keydown', (event) => {
      const { key, ctrlKey, metaKey, altKey } = event as KeyboardEvent;
      const next = ctrlKey || metaKey || altKey ? undefined : places[key]?.(place);
      if (next === undefined) return;
      event.preventDefault();
      items[Math.min(Math.max(next, 0), last)]!.focus();
    });
  });
  return setCurrent;
}
