/** The box that fades what is not on the critical path. */
import type { PageData } from './data.ts';
import { byId } from './elements.ts';
import type { PageState } from './pageState.ts';
import { pathLane } from './pathLane.ts';

/** Sets the box up, where the page has a path. */
export function startPathToggle({ head }: PageData, { isPathShown }: PageState): void {
  byId('path-toggle').hidden = pathLane(head) === undefined;
  const box = byId<HTMLInputElement>('show-path');
  const tell = (): void => {
    box.checked = isPathShown.value;
  };
  box.addEventListener('change', () => isPathShown.set(box.checked));
  isPathShown.listen(tell);
  tell();
}
