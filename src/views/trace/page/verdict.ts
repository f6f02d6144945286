/** The top of the page: what limits the network, by how much, what would help. */
import type { NetworkPathShare } from '../../../studies/criticalPath/networkPath.ts';
import { resourceInWords } from '../../report/pathNames.ts';
import type { PagePath } from '../pageData.ts';
import { type Paint, paintOfResource } from '../palette.ts';
import { byId, element, legendEntry } from './elements.ts';
import { isCompute, type JudgedLayer, layerPath, partName, partsOf } from './layerParts.ts';
import { inDigits, percent, signedPercent } from './numbers.ts';
import { roving } from './roving.ts';

const MOST_LAYERS = 3;
/** Less than this share of the network saves nothing worth a change. */
const SMALLEST_SHARE = 0.001;

/** What twice the speed of a resource saves, as a share: in a run of an interface, at best of others. */
function savedShare({ twiceRunCycles, twiceBoundCycles }: NetworkPathShare, totalCycles: number): number {
  return (totalCycles - (twiceRunCycles ?? twiceBoundCycles)) / totalCycles;
}

function savingInWords(share: NetworkPathShare, totalCycles: number): string {
  const saved = savedShare(share, totalCycles);
  if (saved < SMALLEST_SHARE) return 'twice as fast saves nothing';
  return `twice as fast ${share.twiceRunCycles === undefined ? 'at best ' : ''}${signedPercent(-saved)}`;
}

/** What the end waits for most, and what would help most. */
function pathWords({ totalCycles, resources }: PagePath): string {
  const [longest] = resources;
  if (longest === undefined) return '';
  const waits = `The end waits for the ${resourceInWords(longest.resource)} in ${percent(longest.pathCycles / totalCycles)} of the time.`;
  const [best] = [...resources].sort((a, b) => savedShare(b, totalCycles) - savedShare(a, totalCycles));
  const saved = savedShare(best!, totalCycles);
  if (saved < SMALLEST_SHARE) return `${waits} Nothing that is made twice as fast alone saves anything.`;
  const atBest = best!.twiceRunCycles === undefined ? ' at best' : '';
  const isSame = best!.resource === longest.resource;
  const name = isSame ? 'it' : `the ${resourceInWords(best!.resource)}`;
  return `${waits} ${isSame ? 'M' : 'But m'}ade twice as fast, ${name} saves ${percent(saved)}${atBest}: nothing else would save more.`;
}

/** Without a path: what the units do most of the time. */
function timeWords(layers: readonly JudgedLayer[], cycles: number): string {
  const sums = new Map<string, { readonly unit: string; readonly paint: Paint; cycles: number }>();
  for (const each of layers) {
    for (const [paint, part] of partsOf(each)) {
      const { unit } = each.layer;
      const sum = sums.get(`${unit} ${paint}`) ?? { unit, paint, cycles: 0 };
      sum.cycles += part;
      sums.set(`${unit} ${paint}`, sum);
    }
  }
  const parts = [...sums.values()].sort((a, b) => b.cycles - a.cycles).slice(0, 3);
  const words = parts.map(({ unit, paint, cycles: part }) => {
    const name = isCompute(paint) ? partName(paint) : `${unit} awaits ${partName(paint)}`;
    return `${name} ${percent(part / cycles)}`;
  });
  return `Most of the time: ${words.join(', ')}.`;
}

/** A run to be judged: one that was traced, or the figures of one. */
export interface JudgedRun {
  /** What it is called if it is one of two. */
  readonly name: '' | 'A' | 'B';
  readonly layers: readonly JudgedLayer[];
  readonly cycles: number;
  readonly path: PagePath | undefined;
}

/** Shows the verdict on a run in the section of an id; `show` is called with the place of the layer that the user picks. */
export function showVerdict(
  id: 'verdict' | 'second-verdict',
  { name: run, layers, cycles, path }: JudgedRun,
  show: (place: number) => void,
): void {
  const name = run === '' ? '' : `${run}: `;
  byId(id).hidden = false;
  byId(`${id}-words`).textContent = `${name}${path === undefined ? timeWords(layers, cycles) : pathWords(path)}`;
  const shares = (path?.resources ?? []).map((share) => {
    const { resource, pathCycles } = share;
    const name = `${resourceInWords(resource)} ${percent(pathCycles / path!.totalCycles)}`;
    return legendEntry(paintOfResource(resource), `${name} · ${savingInWords(share, path!.totalCycles)}`);
  });
  byId(`${id}-shares`).replaceChildren(...shares);
  const longest = layers
    .map((each, place) => ({ each, place }))
    .filter(({ each }) => !each.isSecondSide)
    .sort((a, b) => b.each.totalCycles - a.each.totalCycles)
    .slice(0, MOST_LAYERS)
    .map(({ each, place }) => {
      const button = element('button', each.layer.name);
      button.type = 'button';
      button.className = 'link';
      button.addEventListener('click', () => show(place));
      const [most] = layerPath(each);
      const waits = most === undefined ? '' : `, waits for the ${resourceInWords(most[0])}`;
      return element('span', '', button, document.createTextNode(` ${percent(each.totalCycles / cycles)}${waits}`));
    });
  // One stop for Tab, as other lists of layers are.
  roving(longest.map((each) => each.querySelector('button')!));
  byId(`${id}-layers`).replaceChildren(
    document.createTextNode('Layers that take most: '),
    ...longest.flatMap((each, place) => (place === 0 ? [each] : [document.createTextNode(' · '), each])),
    document.createTextNode(closedFormWords(layers, cycles)),
  );
}

/** The closed form of the whole network, where it has every layer. */
function closedFormWords(layers: readonly JudgedLayer[], cycles: number): string {
  let sum = 0;
  for (const { closedFormCycles, isSecondSide } of layers) {
    if (isSecondSide) continue;
    if (closedFormCycles === undefined) return '';
    sum += closedFormCycles;
  }
  return ` · closed form ${inDigits(Math.round(sum))} cycles, its error ${signedPercent((sum - cycles) / cycles)}`;
}
