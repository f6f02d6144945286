/** Keeps what the user has set in the page's address, behind the #, so that a view can be kept and sent. */
import { FIRST_CHOICES, LANE_CHOICES, type LaneChoices } from './laneChoices.ts';
import { isColumnKey, type Sorting } from './layerColumns.ts';
import type { PageState } from './pageState.ts';
import { rangeOf, type View, viewWithin } from './view.ts';

/** A frame's worth of changes goes into the address at once; browsers take no more than about three a second for long. */
const PAUSE_MILLISECONDS = 350;

function rangeText({ from, to }: View): string {
  return `${Math.round(from)}-${Math.round(to)}`;
}

/** `FROM-TO` in cycles; undefined for anything else. */
function parsedRange(text: string | null): View | undefined {
  const match = /^(\d{1,16})-(\d{1,16})$/.exec(text ?? '');
  if (match === null) return undefined;
  const [from, to] = [Number(match[1]), Number(match[2])];
  return from < to ? { from, to } : undefined;
}

function isWhole({ view: { view, cycles } }: PageState): boolean {
  return view.from === 0 && view.to === cycles;
}

function hasSame(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((each) => b.has(each));
}

/** The state as the address has it: what is as it was at first is left out. */
export function addressOf(state: PageState): string {
  const { view, lanes, range, marks, sorting, isPathShown, aligned } = state;
  const parts: string[] = [];
  if (!isWhole(state)) parts.push(`view=${rangeText(view.view)}`);
  for (const choice of LANE_CHOICES) {
    const chosen = lanes.value[choice];
    if (!hasSame(chosen, FIRST_CHOICES[choice]))
      parts.push(`${choice}=${[...chosen].map(encodeURIComponent).join(',')}`);
  }
  if (range.value !== undefined) parts.push(`range=${rangeText(range.value)}`);
  if (marks.value.length > 0) parts.push(`marks=${marks.value.join(',')}`);
  if (sorting.value !== undefined) parts.push(`sort=${sorting.value.isDescending ? '-' : ''}${sorting.value.key}`);
  if (isPathShown.value) parts.push('path=1');
  if (aligned.value !== undefined) parts.push(`at=${aligned.value}`);
  return parts.join('&');
}

function choicesOf(parts: URLSearchParams): LaneChoices {
  const of = (choice: keyof LaneChoices): ReadonlySet<string> => {
    const text = parts.get(choice);
    return text === null ? FIRST_CHOICES[choice] : new Set(text.split(',').filter((key) => key !== ''));
  };
  return { folded: of('folded'), hidden: of('hidden'), pinned: of('pinned') };
}

function sortingOf(text: string | null): Sorting | undefined {
  const key = text?.replace(/^-/, '');
  if (key === undefined || !isColumnKey(key)) return undefined;
  return { key, isDescending: text!.startsWith('-') };
}

/** Sets the state as an address has it; what is not in it, or cannot be, is as at first. */
export function applyAddress(state: PageState, address: string, first: View): void {
  const parts = new URLSearchParams(address);
  const { cycles } = state.view;
  const view = parsedRange(parts.get('view')) ?? first;
  state.view.show(viewWithin(view.from, view.to - view.from, cycles));
  state.lanes.set(choicesOf(parts));
  const range = parsedRange(parts.get('range'));
  state.range.set(range && rangeOf(range.from, range.to, cycles));
  const marks = (parts.get('marks') ?? '').split(',').filter((mark) => /^\d{1,16}$/.test(mark));
  state.marks.set(marks.slice(0, 2).map((mark) => Math.min(Number(mark), cycles)));
  state.isPathShown.set(parts.get('path') === '1');
  const at = parts.get('at') ?? '';
  state.aligned.set(/^\d{1,9}$/.test(at) ? Number(at) : undefined);
  state.sorting.set(sortingOf(parts.get('sort')));
}

/** Reads the address now and whenever it changes, and writes it after the state has changed. */
export function startAddress(state: PageState): void {
  const first = state.view.view;
  let written = location.hash.slice(1);
  let isWaiting = false;
  if (written !== '') applyAddress(state, written, first);
  addEventListener('hashchange', () => {
    const address = location.hash.slice(1);
    if (address === written) return;
    written = address;
    applyAddress(state, address, first);
  });
  const write = (): void => {
    if (isWaiting) return;
    isWaiting = true;
    setTimeout(() => {
      isWaiting = false;
      const address = addressOf(state);
      if (address === written) return;
      written = address;
      history.replaceState(null, '', address === '' ? location.pathname + location.search : `#${address}`);
    }, PAUSE_MILLISECONDS);
  };
  const { view, lanes, range, marks, sorting, isPathShown, aligned } = state;
  for (const each of [view, lanes, range, marks, sorting, isPathShown, aligned]) each.listen(write);
}
