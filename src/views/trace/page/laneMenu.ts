/** The list of the machine's components: which are shown, folded, pinned. */
import { byId, element } from './elements.ts';
import { type LaneChoice, toggled } from './laneChoices.ts';
import type { PageState } from './pageState.ts';
import { componentsOf } from './rows.ts';
import type { RulerRun } from './rulerRun.ts';

interface Choice {
  readonly choice: LaneChoice;
  readonly title: string;
  /** Whether the box is checked where the choice is not taken: what is not hidden is shown. */
  readonly isOpposite: boolean;
}

const CHOICES: readonly Choice[] = [
  { choice: 'hidden', title: 'shown', isOpposite: true },
  { choice: 'folded', title: 'folded', isOpposite: false },
  { choice: 'pinned', title: 'pinned', isOpposite: false },
];

/** Fills the list and keeps it as the state is. */
export function startLaneMenu(runs: readonly RulerRun[], { lanes }: PageState): void {
  const boxes: { readonly box: HTMLInputElement; readonly isChecked: () => boolean }[] = [];
  const rows = componentsOf(runs).map(({ key, name, parts }) => {
    const cells = CHOICES.map(({ choice, title, isOpposite }) => {
      const box = element('input');
      box.type = 'checkbox';
      box.ariaLabel = `${name} ${title}`;
      box.addEventListener('change', () => lanes.set(toggled(lanes.value, choice, key)));
      boxes.push({ box, isChecked: () => lanes.value[choice].has(key) !== isOpposite });
      return element('td', '', box);
    });
    const { length } = parts[0]!.lanes;
    const count = length > 1 ? ` (${length} lanes)` : '';
    return element('tr', '', element('td', `${name}${count}`), ...cells);
  });
  const heads = ['component', ...CHOICES.map(({ title }) => title)].map((title) => element('th', title));
  byId('lane-choices').replaceChildren(
    element('thead', '', element('tr', '', ...heads)),
    element('tbody', '', ...rows),
  );
  const tell = (): void => {
    for (const { box, isChecked } of boxes) box.checked = isChecked();
  };
  lanes.listen(tell);
  tell();
}
