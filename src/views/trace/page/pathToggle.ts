/** The box that fades what is not on the critical path. */
import { byId } from './elements.ts';
import type { PageState } from './pageState.ts';
import { pathLane } from './pathLane.ts';
import type { RulerRun } from './rulerRun.ts';

/** Sets the box up, where the page has the path of any run. */
export function startPathToggle(runs: readonly RulerRun[], { isPathShown }: PageState): void {
  byId('path-toggle').hidden = runs.every(({ data }) => pathLane(data.head) === undefined);
  const box = byId<HTMLInputElement>('show-path');
  const tell = (): void => {
    box.checked = isPathShown.value;
  };
  box.addEventListener('change', () => isPathShown.set(box.checked));
  isPathShown.listen(tell);
  tell();
}
