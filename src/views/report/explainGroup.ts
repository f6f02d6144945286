/** An explanation of a fused group in words, and as JSON. */

import { componentsOf, type Energy } from '../../model/energy/energy.ts';
import type { UnitTime } from '../../model/machine/programRun.ts';
import { totalWaiting } from '../../model/machine/waiting.ts';
import { printable, shownName } from '../../model/schemas/printable.ts';
import type { GroupExplanation } from '../../studies/explain/groupExplanation.ts';
import { names, numbers } from './columnFit.ts';
import { energyDataInWords } from './energyTable.ts';
import { bottleneckInWords } from './explainBottleneck.ts';
import { explainedSettings, explainHead, leverWithTile } from './explainReport.ts';
import { boundsInWords, sramsInWords, tileInWords } from './explainTile.ts';
import { change, integer, percent } from './numbers.ts';
import { type ExplainedPath, pathData, pathTables } from './pathReport.ts';
import { plainTable } from './plainTable.ts';
import type { RunSettings } from './runSettings.ts';
import { wrapped } from './wrapped.ts';

/** The explanation as plain data for JSON; what there is none of is left out. */
export function groupData(settings: RunSettings, explanation: GroupExplanation, path: ExplainedPath): object {
  const { group, name, members, dimensionLevers, tileLevers, ...figures } = explanation;
  const { sa } = group;
  const all = [sa, ...group.members.map(({ layer }) => layer)];
  return {
    ...explainedSettings(settings),
    group: name,
    tile: sa.tile,
    isSumStored: group.isSumStored,
    members: all.map((layer, place) => ({ name: layer.name, op: layer.op, unit: layer.unit, ...members[place]! })),
    ...figures,
    dimensionLevers: dimensionLevers.map(leverWithTile),
    tileLevers: tileLevers.map(leverWithTile),
    criticalPath: pathData(path),
  };
}

/** The whole explanation as text. */
export function groupText(
  settings: RunSettings,
  explanation: GroupExplanation,
  path: ExplainedPath,
  room: number,
): string {
  const { group, energy, network } = explanation;
  // Where layers overlap, what is tried is the network's run.
  const { totalCycles: triedCycles } = network ?? explanation;
  const sections = [
    explainHead(settings, network !== undefined),
    headline(explanation),
    tileInWords({ ...explanation, layer: group.sa }, room),
    boundsInWords(explanation, triedCycles),
    sramsInWords(explanation, triedCycles, true),
    sides(explanation, room),
    ...pathTables(path, room).map((table) => [table]),
    bottleneckInWords(
      {
        ...{ ...explanation, totalCycles: triedCycles },
        ...{ users: 'both', neverHides: false, computes: computesInWords(explanation) },
      },
      room,
    ),
    ...(energy && settings.energy ? [[energyDataInWords(settings.energy), energyOf(energy, room)]] : []),
  ];
  return `${sections.map((lines) => wrapped(lines.join('\n'), room)).join('\n\n')}\n`;
}

/** What it takes: where layers overlap, what it adds to the run. */
function cyclesInWords({ totalCycles, apartCycles, network }: GroupExplanation): string {
  if (network === undefined)
    return `${integer(totalCycles)} cycles simulated, ${integer(apartCycles)} one after the other through DRAM (${change(apartCycles, totalCycles)})`;
  const run = network.totalCycles;
  return `adds ${integer(totalCycles)} cycles to the ${integer(run)} of the run (${percent(totalCycles / run)}), which takes ${integer(apartCycles)} where its layers go through DRAM (${change(apartCycles, run)})`;
}

function headline(explanation: GroupExplanation): string[] {
  const { name, group, hasSmallerTile } = explanation;
  return [
    `${shownName(name)} (fused): ${cyclesInWords(explanation)}`,
    ...(group.isSumStored ? [`What ${shownName(group.sa.name)} makes is stored too, as others read it.`] : []),
    ...(hasSmallerTile
      ? [`Its tile is smaller than that of ${shownName(group.sa.name)} by itself: VMem must hold it too.`]
      : []),
  ];
}

/** What a side takes of its array: all the group's cycles, where nothing else runs meanwhile. */
function cyclesOf({ busyCycles, waiting }: UnitTime): number {
  return busyCycles + totalWaiting(waiting);
}

function computesInWords({ units: { SA, SIMD } }: GroupExplanation): string {
  const share = (side: UnitTime): string => percent(side.busyCycles / cyclesOf(side));
  return `The PE array computes in ${share(SA)} of its cycles, the SIMD array in ${share(SIMD)}`;
}

const SIDES = { SA: 'PE array', SIMD: 'SIMD array' } as const;

/** Which side waits for the other, and what each does all the time. */
function sides({ units, waitsForOther, binding }: GroupExplanation, room: number): string[] {
  const share = (unit: 'SA' | 'SIMD', cycles: number): string => {
    const all = cyclesOf(units[unit]);
    return percent(all === 0 ? 0 : cycles / all);
  };
  const causes = Object.keys(units.SA.waiting) as (keyof typeof units.SA.waiting)[];
  const parts: [string, number, number][] = [
    ['computes', units.SA.busyCycles, units.SIMD.busyCycles],
    ...causes.map((cause): [string, number, number] => [
      `waits: ${cause}`,
      units.SA.waiting[cause],
      units.SIMD.waiting[cause],
    ]),
  ];
  const cell = (unit: 'SA' | 'SIMD', cycles: number): string =>
    cycles === 0 ? '' : `${integer(cycles)} (${share(unit, cycles)})`;
  const rows = parts
    .filter(([, sa, simd]) => sa > 0 || simd > 0)
    .map(([name, sa, simd]) => [name, cell('SA', sa), cell('SIMD', simd)]);
  const waits = `the PE array waits ${share('SA', waitsForOther.SA)} of the time for a slot of OBuf, the SIMD array ${share('SIMD', waitsForOther.SIMD)} for the PE array's next tile`;
  const whole = ['all', ...[units.SA, units.SIMD].map((side) => integer(cyclesOf(side)))];
  return [
    binding === undefined
      ? `Neither side waits for the other: ${waits}.`
      : `The ${SIDES[binding]}'s side binds: ${waits}.`,
    plainTable([names('where the cycles go'), numbers(SIDES.SA), numbers(SIDES.SIMD)], [...rows, whole], room),
  ];
}

function energyOf(energy: Energy, room: number): string {
  const rows = componentsOf(energy).map(({ name, joules }) => [
    printable(name),
    (joules * 1e3).toPrecision(4),
    percent(energy.totalJoules === 0 ? 0 : joules / energy.totalJoules),
  ]);
  const total = ['total', (energy.totalJoules * 1e3).toPrecision(4), percent(1)];
  return plainTable([names('component'), numbers('simulated\nmJ'), numbers('share')], [...rows, total], room);
}
