/** The second run in the timeline: which layers go with what is chosen, and at which layer both runs are aligned. */
import type { Compared } from './compared.ts';
import { byId, element } from './elements.ts';
import { inDigits, signedDigits } from './numbers.ts';
import type { PageState } from './pageState.ts';
import { beginOf, type LayerPair, type ListedLayer, listedPlace, shiftAt } from './pairs.ts';
import type { RulerRun } from './rulerRun.ts';
import type { LayerPlace } from './selection.ts';

export interface Beside {
  /** How a layer of either run compares. */
  readonly pairOf: (layer: LayerPlace) => LayerPair | undefined;
  /** Has a layer of either run begin in both at the same cycle of the ruler; if it does, or of none, both begin at 0. */
  readonly align: (layer: LayerPlace | undefined) => void;
}

/** The second run on the ruler, shifted as the state says. */
export function secondOnRuler(
  compared: Compared,
  listed: readonly ListedLayer[],
  { aligned }: PageState,
): RulerRun | undefined {
  const { data } = compared;
  if (data === undefined) return undefined;
  let [place, shift] = [aligned.value, shiftAt(compared, listed, aligned.value)];
  return {
    data,
    name: 'B',
    get shift() {
      if (place !== aligned.value) [place, shift] = [aligned.value, shiftAt(compared, listed, aligned.value)];
      return shift;
    },
  };
}

/** Sets up what a second run needs beside its rows. */
export function startBeside(
  listed: readonly ListedLayer[],
  second: RulerRun | undefined,
  { aligned }: PageState,
): Beside {
  const placeOf = ({ run, place }: LayerPlace): number | undefined =>
    run === second ? listedPlace(place, listed) : place;
  if (second !== undefined) showAlignment(listed, second, aligned);
  return {
    pairOf: (layer) => {
      const place = placeOf(layer);
      return place === undefined ? undefined : listed[place]?.pair;
    },
    align: (layer) => {
      const place = layer && placeOf(layer);
      aligned.set(place === aligned.value ? undefined : place);
    },
  };
}

/** Says at which layer both runs are aligned, with a button that takes it back. */
function showAlignment(listed: readonly ListedLayer[], second: RulerRun, aligned: PageState['aligned']): void {
  const line = byId('alignment');
  const button = element('button', 'begin both at cycle 0');
  button.type = 'button';
  button.className = 'link';
  button.addEventListener('click', () => aligned.set(undefined));
  const tell = (): void => {
    const layer = aligned.value === undefined ? undefined : listed[aligned.value];
    if (layer === undefined) {
      line.replaceChildren('Both runs begin at cycle 0. A layer that is picked, or a, has both begin with it.');
      return;
    }
    const { shift } = second;
    const words = shift === 0 ? 'as it is' : `shifted by ${signedDigits(shift)} cycles`;
    line.replaceChildren(
      `B is ${words}, so that ${layer.name} begins in both at ${inDigits(startOf(layer, shift))} · `,
      button,
    );
  };
  line.hidden = false;
  aligned.listen(tell);
  tell();
}

/** Where a listed layer begins on the ruler. */
function startOf({ layer, pair }: ListedLayer, shift: number): number {
  if (layer !== undefined) return beginOf(layer);
  return pair?.figuresOfB === undefined ? shift : beginOf(pair.figuresOfB) + shift;
}
