/** Shows what was measured in the timeline: sums over a range, the distance between two marks. */
import { INTERFACES } from '../../../model/machine/observer.ts';
import type { PathResource } from '../../../studies/criticalPath/dependencyGraph.ts';
import { resourceInWords } from '../../report/pathNames.ts';
import { interfaceKey } from '../lanes.ts';
import { byId, element, fieldList } from './elements.ts';
import { inDigits, inFewDigits, percent } from './numbers.ts';
import type { PageState } from './pageState.ts';
import { type RangeSums, rangeSums } from './rangeSums.ts';
import { nameAmong, partOf, type RulerRun } from './rulerRun.ts';
import type { View } from './view.ts';

/** Sums are made anew at most once a frame while a range is dragged. */
export function startMeasurements(runs: readonly RulerRun[], { range, marks, aligned }: PageState): void {
  let isAsked = false;
  const ask = (): void => {
    if (isAsked) return;
    isAsked = true;
    requestAnimationFrame(() => {
      isAsked = false;
      show(runs, range.value, marks.value);
    });
  };
  range.listen(ask);
  marks.listen(ask);
  aligned.listen(ask);
  ask();
}

function show(runs: readonly RulerRun[], range: View | undefined, marks: readonly number[]): void {
  const box = byId('measured');
  const parts = [
    ...(range === undefined ? [] : [rangePart(range), ...runs.flatMap((run) => sumParts(run, range))]),
    ...(marks.length === 0 ? [] : [markPart(marks)]),
  ];
  box.hidden = parts.length === 0;
  box.replaceChildren(...parts);
}

function part(title: string, fields: Readonly<Record<string, string>>): HTMLElement {
  const list = element('dl', '', ...fieldList(fields));
  list.className = 'fields';
  const made = element('section', '', element('strong', title), list);
  made.dataset['part'] = title;
  return made;
}

function rangePart({ from, to }: View): HTMLElement {
  return part('Range', { from: inDigits(from), to: inDigits(to), cycles: inDigits(to - from) });
}

/** What a run does in a range of the ruler; nothing where it is over or has not begun. */
function sumParts(run: RulerRun, range: View): HTMLElement[] {
  const within = partOf(run, range);
  if (within === undefined) return [];
  const cycles = within.to - within.from;
  const share = (amount: number): string => `${inDigits(amount)} (${percent(amount / cycles)})`;
  const { path, units, interfaces }: RangeSums = rangeSums(run.data, within);
  const ofPath = path.map(([resource, amount]) => [resourceInWords(resource as PathResource), share(amount)]);
  const waited = path.length === 0 ? [] : [part(nameAmong(run, 'The end waits for'), Object.fromEntries(ofPath))];
  const ofUnits = units.map(({ lane, busyCycles, waiting, idleCycles }) => {
    const waits = waiting.map(([cause, amount]) => [`awaits ${cause}`, share(amount)]);
    const idle = idleCycles > 0 ? { idle: share(idleCycles) } : {};
    return part(nameAmong(run, lane.name), { busy: share(busyCycles), ...Object.fromEntries(waits), ...idle });
  });
  const ofInterfaces = interfaces.map(({ key, name, bits }) => {
    const own = INTERFACES.find((each) => interfaceKey(each) === key);
    const most = own === undefined ? undefined : run.data.head.bitsPerCycle[own] * cycles;
    const used = most === undefined ? '' : ` (${percent(bits / most)} of its bandwidth)`;
    return [name, `${inFewDigits(bits)} bits asked for${used}`];
  });
  return [...waited, ...ofUnits, part(nameAmong(run, 'Interfaces'), Object.fromEntries(ofInterfaces))];
}

function markPart(marks: readonly number[]): HTMLElement {
  const [a, b] = marks;
  const distance = a === undefined || b === undefined ? {} : { distance: `${inDigits(Math.abs(b - a))} cycles` };
  return part('Marks', {
    ...Object.fromEntries(marks.map((mark, place) => [`mark ${place + 1}`, inDigits(mark)])),
    ...distance,
  });
}
