/** What a second run changes, in words. */
import type { Compared } from './compared.ts';
import { byId, element, legendEntry } from './elements.ts';
import { paintOfCause } from './layerParts.ts';
import { inDigits, signedDigits, signedPercent } from './numbers.ts';
import type { LayerPair } from './pairs.ts';
import { roving } from './roving.ts';

const MOST_LAYERS = 3;
const MOST_CAUSES = 6;

/** `ifmap −1,234, busy +56`: the first of them. */
export function causesInWords({ causes }: Pick<LayerPair, 'causes'>, most: number): string {
  const words = causes.slice(0, most).map(([cause, cycles]) => `${cause} ${signedDigits(cycles)}`);
  return causes.length > most ? `${words.join(', ')}, …` : words.join(', ');
}

/** Where a layer is, if not in both runs on its own. */
export function whereInWords({ in: where, figuresOfB }: LayerPair): string {
  switch (where) {
    case 'both':
      return '';
    case 'fused':
      return `in B fused: ${figuresOfB!.layer.name}`;
    default:
      return `only in ${where}`;
  }
}

/** The change of a layer as a share of what it took; undefined where it took nothing. */
export function changeOf({ difference, cyclesOfA }: Pick<LayerPair, 'difference' | 'cyclesOfA'>): number | undefined {
  return cyclesOfA === 0 ? undefined : difference / cyclesOfA;
}

/** How a layer compares, for its card. */
export function aboutPair(pair: LayerPair): Record<string, string | number> {
  const { cyclesOfA, cyclesOfB, difference, causes } = pair;
  const change = changeOf(pair);
  const where = whereInWords(pair);
  return {
    ...(where !== '' && { compared: where }),
    'cycles in A': cyclesOfA,
    'cycles in B': cyclesOfB,
    'B − A': `${signedDigits(difference)}${change === undefined ? '' : ` (${signedPercent(change)})`}`,
    ...Object.fromEntries(causes.map(([cause, cycles]) => [`B − A: ${cause}`, signedDigits(cycles)])),
  };
}

/** What B saves or costs. */
function totalInWords(cyclesOfA: number, { cycles }: Compared, changed: number): string {
  const difference = cycles - cyclesOfA;
  if (difference === 0) {
    return `B takes as many cycles as A${changed === 0 ? ', and so does each layer' : `, but ${changed} layers do not`}.`;
  }
  const share = signedPercent(difference / cyclesOfA);
  return `B ${difference < 0 ? 'saves' : 'costs'} ${inDigits(Math.abs(difference))} cycles (${share}).`;
}

/** How many layers of a kind there are, and what they take. */
function countInWords(pairs: readonly LayerPair[], where: LayerPair['in'], words: string): string[] {
  const own = pairs.filter((pair) => pair.in === where);
  if (own.length === 0) return [];
  const cycles = own.reduce((sum, { cyclesOfA, cyclesOfB }) => sum + (where === 'B' ? cyclesOfB : cyclesOfA), 0);
  return [`${own.length} ${own.length === 1 ? 'layer' : 'layers'} ${words}, ${inDigits(cycles)} cycles`];
}

/** Shows it at the top; `show` is called with the pair that the user picks. */
export function showComparison(cyclesOfA: number, compared: Compared, show: (pair: LayerPair) => void): void {
  const { pairs } = compared;
  byId('comparison').hidden = false;
  const changed = pairs.filter(({ difference }) => difference !== 0);
  byId('comparison-words').textContent = totalInWords(cyclesOfA, compared, changed.length);
  const sums = new Map<string, number>();
  for (const { causes } of pairs) {
    for (const [cause, cycles] of causes) sums.set(cause, (sums.get(cause) ?? 0) + cycles);
  }
  const causes = [...sums].filter(([, cycles]) => cycles !== 0).sort(([, x], [, y]) => Math.abs(y) - Math.abs(x));
  byId('comparison-causes').replaceChildren(
    ...causes
      .slice(0, MOST_CAUSES)
      .map(([cause, cycles]) =>
        legendEntry(cause === 'busy' ? 'sa' : paintOfCause(cause), `${cause} ${signedDigits(cycles)}`),
      ),
  );
  const largest = [...changed].sort((x, y) => Math.abs(y.difference) - Math.abs(x.difference)).slice(0, MOST_LAYERS);
  showLayers(largest, pairs, show);
}

function showLayers(largest: readonly LayerPair[], pairs: readonly LayerPair[], show: (pair: LayerPair) => void): void {
  const links = largest.map((pair) => {
    const button = element('button', pair.name);
    button.type = 'button';
    button.className = 'link';
    button.addEventListener('click', () => show(pair));
    return button;
  });
  roving(links);
  const parts = largest.map((pair, place) => {
    const words = [whereInWords(pair), causesInWords(pair, 2)].filter((each) => each !== '').join('; ');
    return element('span', '', links[place]!, document.createTextNode(` ${signedDigits(pair.difference)} (${words})`));
  });
  const counts = [
    ...countInWords(pairs, 'fused', 'of A run fused with another in B'),
    ...countInWords(pairs, 'A', 'only in A'),
    ...countInWords(pairs, 'B', 'only in B'),
  ];
  const all: Node[] = [];
  parts.forEach((part, place) => {
    all.push(document.createTextNode(place === 0 ? 'Layers that change most: ' : ' · '), part);
  });
  byId('comparison-layers').replaceChildren(
    ...all,
    document.createTextNode(counts.map((count, place) => `${all.length + place === 0 ? '' : ' · '}${count}`).join('')),
  );
}
