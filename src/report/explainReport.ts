/** An explanation of a layer in words. */
import type { BandwidthLever } from '../explain/bandwidthLevers.ts';
import type { Explanation, PricedTileLever } from '../explain/explanation.ts';
import type { TileChange } from '../explain/tileLevers.ts';
import { change, integer, percent } from './numbers.ts';
import { plainTable } from './plainTable.ts';

const NAMES: Readonly<Record<string, string>> = {
  wbuf: 'WBuf',
  ibuf: 'IBuf',
  obuf: 'OBuf',
  bbuf: 'BBuf',
  vmem: 'VMem',
  weight: 'weight+bias',
  psum: 'psum/ofmap',
};
const nameOf = (part: string): string => NAMES[part] ?? part;

const CASES = {
  case1: 'an ifmap in, a psum out',
  case2: 'and a psum back in',
  case4: 'and the next weights in',
  case5: 'a new oc tile: weights, bias and ifmap in, psum out',
} as const;

/** The whole explanation as text; `setting` is its headline. */
export function explainText(setting: string, explanation: Explanation): string {
  return `${[
    setting,
    '',
    ...headline(explanation),
    '',
    ...tile(explanation),
    '',
    ...cases(explanation),
    ...waiting(explanation),
    '',
    'What would change it (tried, not guessed):',
    ...explanation.tileLevers.map((lever) => `  ${tileLever(lever, explanation)}`),
    ...explanation.bandwidthLevers.map((lever) => `  ${bandwidthLever(lever, explanation)}`),
    `  ${largerArray(explanation)}`,
  ].join('\n')}\n`;
}

function headline({ layer, closedForm, simulated, bottleneck }: Explanation): string[] {
  const { totalCycles } = simulated;
  const roof = bottleneck.roof === 'compute' ? 'its arithmetic' : `the ${nameOf(bottleneck.roof)} interface`;
  return [
    `${layer.name} (${layer.op}): ${integer(totalCycles)} cycles simulated, ${integer(closedForm.totalCycles)} by the closed form (${change(closedForm.totalCycles, totalCycles)})`,
    `${bottleneck.opsPerDramByte.toFixed(1)} operations per DRAM byte; ${roof} alone would take ${percent(bottleneck.shareOfRoof)} of the time`,
  ];
}

function tile({ layer, trips, slots }: Explanation): string[] {
  const sides = layer.tile as Readonly<Record<string, number>>;
  const sizes = layer.sizes as Readonly<Record<string, number>>;
  const rows = Object.keys(trips).map((dim) => [dim, `${sizes[dim]}`, `${sides[dim]}`, `${trips[dim]}`]);
  const order = layer.unit === 'SA' ? [`loops, outermost first: ${layer.loopOrder.join(' ')}`] : [];
  const uses = slots.map(
    ({ sram, tileBits, slotBits }) => `${nameOf(sram)} ${percent(tileBits / slotBits)} of ${integer(slotBits)} bits`,
  );
  return [
    plainTable(['loop', 'size', 'tile', 'tiles'], rows, ['loop']),
    ...order,
    ...(uses.length > 0 ? [`the tile takes of a slot: ${uses.join(', ')}`] : []),
  ];
}

function cases({ cases }: Explanation): string[] {
  if (cases === undefined) return [];
  const rows = (Object.keys(CASES) as (keyof typeof CASES)[]).map((name) => [
    `${name.replace('case', 'case ')}: ${CASES[name]}`,
    cases.segments[name].toFixed(2),
    integer(cases.stallCycles[name]),
  ]);
  return [
    plainTable(['segments of the closed form', 'how many', 'stall cycles each'], rows, ['segments of the closed form']),
    '',
  ];
}

function waiting({ simulated }: Explanation): string[] {
  const { totalCycles, computeCycles, fillCycles } = simulated;
  const parts: [string, number][] = [
    ['busy', computeCycles - fillCycles],
    ['pipeline fill', fillCycles],
    ...Object.entries(simulated.waiting).map(([cause, cycles]): [string, number] => [`waits: ${cause}`, cycles]),
  ];
  const rows = parts
    .filter(([, cycles]) => cycles > 0)
    .map(([name, cycles]) => [name, integer(cycles), percent(cycles / totalCycles)]);
  return [plainTable(['where the cycles go', 'cycles', 'share'], rows, ['where the cycles go'])];
}

/** `T_oh would be 28 instead of 14`. */
function changesInWords(changes: readonly TileChange[]): string {
  return changes.map(({ dim, from, to }) => `T_${dim} would be ${to} instead of ${from}`).join(', ');
}

function tileLever({ sram, kib, more, sparedKib, cyclesThen }: PricedTileLever, { simulated }: Explanation): string {
  const spared =
    sparedKib > 0
      ? `${integer(sparedKib)} KiB could go without a change of the tile`
      : 'not a KiB could go without a change of the tile';
  if (more === undefined)
    return `${nameOf(sram)} (${kib} KiB): no size up to 64 times as large changes the tile; ${spared}.`;
  const { totalCycles } = simulated;
  return `${nameOf(sram)} (${kib} KiB): ${integer(more.kib)} KiB more and ${changesInWords(more.changes)}: ${integer(cyclesThen!)} cycles (${change(totalCycles, cyclesThen!)}); ${spared}.`;
}

function bandwidthLever(lever: BandwidthLever, { simulated }: Explanation): string {
  const { bitsPerCycle, cyclesUnlimited, enough, needed } = lever;
  const { totalCycles } = simulated;
  const name = `${nameOf(lever.interface)} at ${bitsPerCycle} bits per cycle`;
  if (enough !== undefined) {
    return `${name}: a bottleneck; at ${integer(enough.bitsPerCycle)} the layer takes ${integer(enough.cycles)} cycles (${change(totalCycles, enough.cycles)}), beyond that less than a percent more.`;
  }
  if (needed === undefined)
    return `${name}: without any limit ${integer(cyclesUnlimited)} cycles (${change(totalCycles, cyclesUnlimited)}).`;
  if (lever.usableBitsPerCycle <= bitsPerCycle) {
    return `${name}: more is of no use, the array takes J · b_w = ${lever.usableBitsPerCycle} of it; ${integer(needed)} would do within a percent.`;
  }
  return `${name}: no bottleneck; ${integer(needed)} would do within a percent.`;
}

function largerArray({ largerArrayCycles, simulated }: Explanation): string {
  if (largerArrayCycles === undefined) return 'Twice the rows and columns: no tile fits the buffers.';
  return `Twice the rows and columns: ${integer(largerArrayCycles)} cycles (${change(simulated.totalCycles, largerArrayCycles)}).`;
}
