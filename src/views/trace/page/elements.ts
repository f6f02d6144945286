/** Small helpers for the page's elements. */
import { PALETTE, type Paint } from '../palette.ts';
import { inText } from './numbers.ts';
import { onSchemeChange, paintVariable } from './scheme.ts';

/** The element with an id; the page has it. */
export function byId<E extends HTMLElement>(id: string): E {
  return document.getElementById(id) as E;
}

/** A new element with text and children. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  text = '',
  ...children: Node[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  made.textContent = text;
  made.append(...children);
  return made;
}

/** A legend entry: a paint and what it stands for. */
export function legendEntry(paint: Paint, text: string = PALETTE[paint].text): HTMLLIElement {
  const swatch = element('i');
  swatch.style.setProperty('--swatch', paintVariable(paint));
  swatch.classList.toggle('striped', PALETTE[paint].isStriped === true);
  const entry = element('li', '', swatch, document.createTextNode(text));
  entry.dataset['paint'] = paint;
  return entry;
}

/** A record as terms and their values. */
export function fieldList(fields: Readonly<Record<string, string | number>>): HTMLElement[] {
  return Object.entries(fields).map(([name, value]) => {
    const shown = element('dd', inText(value));
    shown.dataset['field'] = name;
    shown.dataset['value'] = String(value);
    return element('div', '', element('dt', name), shown);
  });
}

/** Redraws a canvas at most once a frame, and whenever its size or the colour scheme changes. */
export function redrawing(canvas: HTMLCanvasElement, draw: () => void): () => void {
  let isAsked = false;
  const ask = (): void => {
    if (isAsked) return;
    isAsked = true;
    requestAnimationFrame(() => {
      isAsked = false;
      draw();
    });
  };
  new ResizeObserver(ask).observe(canvas);
  onSchemeChange(ask);
  return ask;
}

/** Sets a canvas to its size in device pixels and returns what to draw with. */
export function prepared(canvas: HTMLCanvasElement): { context: CanvasRenderingContext2D; scale: number } {
  const scale = devicePixelRatio;
  const [width, height] = [Math.round(canvas.clientWidth * scale), Math.round(canvas.clientHeight * scale)];
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  return { context: canvas.getContext('2d', { alpha: false })!, scale };
}
