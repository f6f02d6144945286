/** A layer's tile in words: its sides, what it takes of the SRAMs, what bounds it and what could go. */
import type { SaLayer } from '../../model/layers/layer.ts';
import type { Explanation } from '../../studies/explain/explanation.ts';
import type { TileChange } from '../../studies/explain/tileLevers.ts';
import { names, numbers } from './columnFit.ts';
import { nameOf } from './explainNames.ts';
import { change, integer, percent } from './numbers.ts';
import { plainTable } from './plainTable.ts';

/** Sides, loops and slots. */
export function tileInWords(
  { layer, trips, slots }: Pick<Explanation, 'layer' | 'trips' | 'slots'>,
  room: number,
): string[] {
  const sides = layer.tile as Readonly<Record<string, number>>;
  const sizes = layer.sizes as Readonly<Record<string, number>>;
  const rows = Object.keys(trips).map((dim) => [dim, `${sizes[dim]}`, `${sides[dim]}`, `${trips[dim]}`]);
  const order = layer.unit === 'SA' ? [loopsInWords(layer)] : [];
  const slot = layer.unit === 'SA' ? 'slot' : 'slot, in each half';
  const uses = slots.map(
    ({ sram, tileBits, slotBits }) => `${nameOf(sram)} ${percent(tileBits / slotBits)} of ${integer(slotBits)} bits`,
  );
  return [
    plainTable([names('loop'), numbers('size'), numbers('tile'), numbers('tiles')], rows, room),
    ...order,
    `the tile takes of a ${slot}: ${uses.join(', ')}`,
  ];
}

function loopsInWords({ groups, loopOrder }: SaLayer): string {
  const order = `loops, outermost first: ${groups > 1 ? 'g ' : ''}${loopOrder.join(' ')}`;
  return groups > 1 ? `${order}; sizes and tiles are those of one of ${groups} groups` : order;
}

/** `T_oh would be 28 instead of 14`. */
function changesInWords(changes: readonly TileChange[]): string {
  return changes.map(({ dim, from, to }) => `T_${dim} would be ${to} instead of ${from}`).join(', ');
}

/** `40,746 cycles (-31.1%)`. */
function cyclesInWords(cycles: number, totalCycles: number): string {
  return `${integer(cycles)} cycles (${change(totalCycles, cycles)})`;
}

/** Which SRAMs bound which side, or whose tile it is if not the generator's. */
export function boundsInWords(
  {
    layer,
    givenTile,
    dimensionLevers,
  }: Pick<Explanation, 'dimensionLevers'> & Partial<Pick<Explanation, 'layer' | 'givenTile'>>,
  totalCycles: number,
): string[] {
  if (givenTile !== undefined) return ['Whose tile it is:', `  ${givenInWords(layer!, givenTile, totalCycles)}`];
  const full = dimensionLevers.filter(({ more }) => more === undefined).map(({ dim }) => dim);
  const byLever = new Map<string, string[]>();
  for (const { dim, more, cyclesThen } of dimensionLevers) {
    if (more === undefined) continue;
    const srams = Object.entries(more.kib).map(([sram, kib]) => `${nameOf(sram)}: ${integer(kib)} KiB more`);
    const together = srams.length > 1 ? ', together,' : '';
    const lever = `${srams.join(', ')}${together} and ${changesInWords(more.changes)}: ${cyclesInWords(cyclesThen!, totalCycles)}.`;
    byLever.set(lever, [...(byLever.get(lever) ?? []), dim]);
  }
  return [
    'What bounds each side of the tile (the generator asked again, nothing guessed):',
    ...(full.length > 0
      ? [
          `  ${full.map((dim) => `T_${dim} = ${dim.toUpperCase()}`).join(', ')}: nothing bounds ${full.length > 1 ? 'them' : 'it'}.`,
        ]
      : []),
    ...[...byLever].map(([lever, dims]) => `  ${dims.map((dim) => `T_${dim}`).join(', ')}: ${lever}`),
  ];
}

function givenInWords(
  layer: Explanation['layer'],
  { generated, generatedCycles }: NonNullable<Explanation['givenTile']>,
  totalCycles: number,
): string {
  const file = 'The tile is the one that the workload file gives, whatever the sizes of the SRAMs';
  if (generated === undefined) return `${file}; the generator finds none that fits.`;
  const sideOf = generated as Readonly<Record<string, number>>;
  const sides = Object.keys(layer.sizes).map((dim) => `${dim} ${sideOf[dim]}`);
  return `${file}. The generator would have chosen ${sides.join(', ')}: ${cyclesInWords(generatedCycles!, totalCycles)}.`;
}

/** What each SRAM changes alone, if the generator chooses the tile, and what of it could go. */
export function sramsInWords(
  { tileLevers }: Pick<Explanation, 'tileLevers'>,
  totalCycles: number,
  isGenerated: boolean,
): string[] {
  return [
    isGenerated
      ? 'What each SRAM changes by itself, and what it could do without:'
      : 'What each SRAM could do without:',
    ...tileLevers.map((lever) => {
      const { sram, kib, sparedKib, sparedUntil, smallestKib } = lever;
      const limit = sparedUntil === 'the tile' ? '' : ` (${smallestKib} KiB is the smallest valid ${nameOf(sram)})`;
      const spared = `${sparedKib > 0 ? integer(sparedKib) : 'not a'} KiB could go without a change of the tile${limit}`;
      return `  ${nameOf(sram)} (${kib} KiB): ${isGenerated ? `${alone(lever, totalCycles)}; ` : ''}${spared}.`;
    }),
  ];
}

function alone({ more, cyclesThen }: Explanation['tileLevers'][number], totalCycles: number): string {
  if (more === undefined) return 'no size up to 64 times as large changes the tile by itself';
  const then = cyclesInWords(cyclesThen!, totalCycles);
  return `${integer(more.kib)} KiB more and ${changesInWords(more.changes)}: ${then}`;
}
