/** What holds a layer up, in words. */
import type { Explanation } from '../../studies/explain/explanation.ts';
import { type Bottleneck, pays, type Relief, type Turn } from '../../studies/explain/reliefs.ts';
import { isInterface } from '../../studies/explain/resources.ts';
import { amountInWords, weightCapInWords } from './bandwidthInWords.ts';
import { type Column, numbers, sentences } from './columnFit.ts';
import { amountsInWords, nameOf, resourcesInWords, type Users } from './explainNames.ts';
import { change, integer, percent } from './numbers.ts';
import { plainTable } from './plainTable.ts';

const RANKING: readonly Column[] = [
  sentences('twice as much,\nall else as it is'),
  sentences('there is'),
  numbers('cycles then'),
  numbers('change'),
  numbers('without limit'),
];

/** What has been tried of a layer or a fused group. */
export interface TriedWithMore extends Pick<Explanation, 'reliefs' | 'bottleneck' | 'bandwidthLevers' | 'neverHides'> {
  readonly users: Users;
  /** As it is. */
  readonly totalCycles: number;
  /** What is done in them, for where nothing could be faster. */
  readonly computes: string;
}

/** The ranking, the bottleneck, and what bandwidth could go. */
export function bottleneckInWords(tried: TriedWithMore, room: number): string[] {
  return [ranking(tried, room), '', ...theBottleneck(tried), ...refusals(tried), ...bandwidths(tried)];
}

function ranking(tried: TriedWithMore, room: number): string {
  const { reliefs, bandwidthLevers, totalCycles, users } = tried;
  const unlimited = ({ resources }: Relief): string => {
    const lever = resources.length === 1 && bandwidthLevers.find((each) => each.interface === resources[0]);
    return lever ? integer(lever.cyclesUnlimited) : '';
  };
  const rows = reliefs.map((relief) => [
    resourcesInWords(relief.resources, users),
    amountsInWords(relief.resources, relief.amounts),
    relief.doubledCycles === undefined ? 'impossible' : integer(relief.doubledCycles),
    relief.doubledCycles === undefined ? '' : change(totalCycles, relief.doubledCycles),
    unlimited(relief),
  ]);
  return plainTable(RANKING, rows, room);
}

function refusals({ reliefs, users }: TriedWithMore): string[] {
  return reliefs
    .filter(({ refusal }) => refusal !== undefined)
    .map(({ resources, refusal }) => `Twice ${resourcesInWords(resources, users)}: ${refusal}.`);
}

/** `1,568 cycles (4.8%)`. */
function worth(cycles: number, of: number): string {
  return `${integer(cycles)} cycles (${percent(cycles / of)})`;
}

function theBottleneck(tried: TriedWithMore): string[] {
  const { bottleneck, totalCycles, users, computes } = tried;
  if (bottleneck === undefined) {
    return [
      'No bottleneck: twice as much of anything, or of any two things together, saves less than a percent.',
      `  ${computes}.`,
    ];
  }
  const { resources, worthCycles } = bottleneck.relief;
  const isBandwidth = resources.length === 1 && isInterface(resources[0]!);
  const saves = `saves ${worth(worthCycles, totalCycles)}`;
  return [
    `The bottleneck: ${resourcesInWords(resources, users)}${resources.length > 1 ? ' together' : ''}; twice as much ${saves}.`,
    ...(isBandwidth ? alongBandwidth(tried, bottleneck) : alongSizes(tried, bottleneck)).map((line) => `  ${line}`),
  ];
}

function moves({ users }: TriedWithMore, { relief, movesAt }: Bottleneck): string[] {
  if (movesAt === undefined) return [];
  const { amounts, cycles, to, toWorthCycles } = movesAt;
  return [
    `From ${amountsInWords(relief.resources, amounts)} on (${integer(cycles)} cycles) twice as much of ${resourcesInWords(to, users)} saves more: ${worth(toWorthCycles, cycles)}.`,
  ];
}

function alongBandwidth(tried: TriedWithMore, bottleneck: Bottleneck): string[] {
  const { bandwidthLevers, neverHides } = tried;
  const { enough } = bandwidthLevers.find((lever) => lever.interface === bottleneck.relief.resources[0])!;
  const ends =
    enough === undefined
      ? []
      : [
          `From ${integer(enough.bitsPerCycle)} bits per cycle on (${integer(enough.cycles)} cycles) more of it saves less than a percent.`,
        ];
  const isMovedFirst = enough === undefined || (bottleneck.movesAt?.amounts[0] ?? 0) <= enough.bitsPerCycle;
  return [
    ...(neverHides
      ? ['VMem has one slot, so loads, compute and stores take turns: no bandwidth hides the transfers.']
      : []),
    ...(isMovedFirst ? [...moves(tried, bottleneck), ...ends] : [...ends, ...moves(tried, bottleneck)]),
  ];
}

/** The first size after which none that was tried saves a percent. */
function lastThatPays(larger: readonly Turn[]): Turn | undefined {
  return larger
    .slice(0, -1)
    .find((turn, place) => larger.slice(place + 1).every(({ cycles }) => !pays(turn.cycles, cycles)));
}

function alongSizes(explained: TriedWithMore, bottleneck: Bottleneck): string[] {
  const { relief, larger, movesAt, refusal } = bottleneck;
  const enough = lastThatPays(larger);
  const tried = enough === undefined ? larger : larger.slice(0, larger.indexOf(enough) + 1);
  const inWords = ({ amounts }: Turn): string => amountsInWords(relief.resources, amounts);
  const movesBefore = movesAt && tried.some(({ amounts }) => amounts[0] === movesAt.amounts[0]);
  return [
    `Tried: ${tried.map((turn) => `${inWords(turn)}, ${integer(turn.cycles)} cycles`).join('; ')}.`,
    ...(movesBefore ? moves(explained, bottleneck) : []),
    ...(enough === undefined ? [] : [`From ${inWords(enough)} on more saves less than a percent.`]),
    ...(enough === undefined && refusal !== undefined ? [`For more ${refusal}.`] : []),
  ];
}

/** Which interfaces have more than they need, and of which the array takes only a part. */
function bandwidths({ bandwidthLevers }: TriedWithMore): string[] {
  const needed = bandwidthLevers.flatMap((lever) =>
    lever.needed === undefined
      ? []
      : [`${nameOf(lever.interface)} ${integer(lever.needed)} of ${amountInWords(lever.bitsPerCycle)}`],
  );
  const capped = bandwidthLevers.filter((lever) => lever.usableBitsPerCycle < 2 * lever.bitsPerCycle);
  return [
    ...(needed.length > 0 ? [`Bits per cycle that would do within a percent: ${needed.join(', ')}.`] : []),
    ...capped.map(({ usableBitsPerCycle }) => `${weightCapInWords(usableBitsPerCycle)}.`),
  ];
}
