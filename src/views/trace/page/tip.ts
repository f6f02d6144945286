/** The fields of what is pointed at, or of what has the focus, beside it. */
import { byId, element, fieldList } from './elements.ts';

export interface Tip {
  readonly title: string;
  readonly fields: Readonly<Record<string, string | number>>;
}

const DISTANCE = 14;
const MARGIN = 8;

/** Shows a tip beside a point of the window, or none. */
export function showTip(tip: Tip | undefined, x: number, y: number): void {
  const box = byId('tip');
  box.hidden = tip === undefined;
  if (tip === undefined) return;
  const list = element('dl', '', ...fieldList(tip.fields));
  list.className = 'fields';
  box.replaceChildren(element('strong', tip.title), list);
  const { width, height } = box.getBoundingClientRect();
  // Never over the point itself: where there is no room below it, above.
  const below = y + DISTANCE;
  const top = below + height + MARGIN <= innerHeight ? below : Math.max(y - DISTANCE - height, MARGIN);
  box.style.left = `${Math.max(Math.min(x + DISTANCE, innerWidth - width - MARGIN), MARGIN)}px`;
  box.style.top = `${top}px`;
}

/** Hides the tip. */
export function hideTip(): void {
  byId('tip').hidden = true;
}

/** Shows a tip of an element while it is pointed at, or, beside `anchor`, while it has the focus from the keyboard. */
export function tipOn(target: Element & HTMLOrSVGElement, tip: () => Tip, anchor: Element = target): void {
  target.addEventListener('pointermove', (event) => {
    const { clientX, clientY } = event as PointerEvent;
    showTip(tip(), clientX, clientY);
  });
  target.addEventListener('pointerleave', hideTip);
  target.addEventListener('focus', () => {
    if (!target.matches(':focus-visible')) return;
    // The browser scrolls the element into view after it has the focus.
    requestAnimationFrame(() => {
      if (document.activeElement !== target) return;
      const { right, bottom } = anchor.getBoundingClientRect();
      showTip(tip(), right, bottom - DISTANCE);
    });
  });
  target.addEventListener('blur', hideTip);
}

/** Escape closes the tip, wherever the focus is; so does the wheel, which moves what it belongs to away. */
export function startTip(): void {
  document.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape') hideTip();
  });
  document.addEventListener('wheel', hideTip, { passive: true });
}
