/** The colours of the scheme that the user wants, light or dark: of the page and of the paints. */
import { PAINTS, PALETTE, type Paint, textOn } from '../palette.ts';

const dark = matchMedia('(prefers-color-scheme: dark)');

/** The page's own colours, as style.css names them. */
const NAMES = ['background', 'panel', 'line', 'text', 'quiet', 'focus'] as const;
export type PageColour = (typeof NAMES)[number];

export interface Scheme {
  readonly name: 'light' | 'dark';
  readonly page: Readonly<Record<PageColour, string>>;
  /** By the paints' places in PAINTS. */
  readonly paints: readonly string[];
  /** Of the text on each paint. */
  readonly texts: readonly string[];
}

let current: Scheme | undefined;
dark.addEventListener('change', () => {
  current = undefined;
});

/** The scheme now; read once, because drawing asks for it again and again. */
export function scheme(): Scheme {
  if (current !== undefined) return current;
  const name = dark.matches ? 'dark' : 'light';
  const style = getComputedStyle(document.documentElement);
  const page = Object.fromEntries(NAMES.map((each) => [each, style.getPropertyValue(`--${each}`).trim()]));
  const paints = PAINTS.map((paint) => PALETTE[paint][name]);
  current = { name, page: page as Record<PageColour, string>, paints, texts: paints.map(textOn) };
  return current;
}

/** Calls back whenever the user wants the other scheme. */
export function onSchemeChange(listener: () => void): void {
  dark.addEventListener('change', listener);
}

/** A paint as CSS has it, right in both schemes. */
export function paintVariable(paint: Paint): string {
  return `var(--paint-${paint})`;
}

/** Makes the paints known to CSS. */
export function addPaintVariables(): void {
  const rules = (name: 'light' | 'dark'): string =>
    `:root{${PAINTS.map((paint) => `--paint-${paint}:${PALETTE[paint][name]}`).join(';')}}`;
  const style = document.createElement('style');
  style.textContent = `${rules('light')}@media(prefers-color-scheme:dark){${rules('dark')}}`;
  document.head.append(style);
}
