/** How far evaluations have come, on stderr. */
import { openDisplay, timeLeft } from '../progress.ts';

/** Shows how far evaluations have come, and how long they will take; `more` is said behind that. */
export async function evaluationProgress(model: string, evaluations: number, more: () => string = () => '') {
  const display = await openDisplay();
  const left = timeLeft();
  return {
    /** `begun` is what those that are under way amount to. */
    show: (evaluated: number, begun: number): void => {
      const share = Math.min(1, (evaluated + begun) / evaluations);
      const percent = Math.floor(100 * share);
      const text = `${evaluated} of ${evaluations} evaluations (${model}), ${percent} %${left(share)}${more()}`;
      display.show({ share, text });
    },
    close: display.close,
  };
}
