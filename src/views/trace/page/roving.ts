/** A list that is one stop for Tab: arrow keys, Home and End go from item to item. */

export interface Roving {
  /** Makes an item the stop, by its place as it was given. */
  setStop(place: number): void;
  /** From now on keys go through the items in this order of their places. */
  setOrder(order: readonly number[]): void;
}

/** Sets a list up, its first item being the stop. */
export function roving(items: readonly (HTMLElement | SVGElement)[]): Roving {
  let current = 0;
  let order: readonly number[] = items.map((_, place) => place);
  const setStop = (place: number): void => {
    items[current]?.setAttribute('tabindex', '-1');
    current = place;
    items[current]?.setAttribute('tabindex', '0');
  };
  const last = items.length - 1;
  const moves: Readonly<Record<string, (at: number) => number>> = {
    ArrowUp: (at) => at - 1,
    ArrowLeft: (at) => at - 1,
    ArrowDown: (at) => at + 1,
    ArrowRight: (at) => at + 1,
    Home: () => 0,
    End: () => last,
  };
  items.forEach((item, place) => {
    item.setAttribute('tabindex', place === 0 ? '0' : '-1');
    item.addEventListener('focus', () => setStop(place));
    item.addEventListener('keydown', (event) => {
      const { key, ctrlKey, metaKey, altKey } = event as KeyboardEvent;
      const next = ctrlKey || metaKey || altKey ? undefined : moves[key]?.(order.indexOf(place));
      if (next === undefined) return;
      event.preventDefault();
      items[order[Math.min(Math.max(next, 0), last)]!]!.focus();
    });
  });
  return {
    setStop,
    setOrder: (places) => {
      order = places;
    },
  };
}
