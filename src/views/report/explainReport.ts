/** An explanation of a layer in words, and as JSON. */
import type { Move, Segment, SegmentKind } from '../../model/analytical/segmentKinds.ts';
import { dramInWords, isRegular } from '../../model/dram/model.ts';
import { sumOf } from '../../model/layers/result.ts';
import { shownName } from '../../model/schemas/printable.ts';
import { type Explanation, unitCyclesOf } from '../../studies/explain/explanation.ts';
import { names, numbers, sentences } from './columnFit.ts';
import { energyDataInWords, layerEnergyTable } from './energyTable.ts';
import { bottleneckInWords } from './explainBottleneck.ts';
import { nameOf } from './explainNames.ts';
import { boundsInWords, sramsInWords, tileInWords } from './explainTile.ts';
import { change, integer, megabits, percent } from './numbers.ts';
import { type ExplainedPath, pathData, pathTables } from './pathReport.ts';
import { plainTable } from './plainTable.ts';
import type { RunSettings } from './runSettings.ts';
import { wrapped } from './wrapped.ts';

/** What happens in a segment while a tile computes. */
const SEGMENTS: Readonly<Record<Exclude<SegmentKind, 'other'>, string>> = {
  first: 'first tile: weights, bias and ifmap in, nothing computes yet',
  second: 'second tile: its ifmap in',
  case1: 'case 1: an ifmap in, a psum out',
  case2: 'case 2: and a psum back in',
  case3: 'case 3: an ifmap and weights in, a psum out',
  case4: 'case 4: and the next weights in',
  case5: 'case 5: a new oc tile: weights, bias and ifmap in, psum out',
  nextOc: 'a new oc tile: weights, bias and ifmap in',
  nextOcAndStore: 'a new oc tile, and the last one out',
  nextIc: 'the next ic tile: weights and ifmap in',
  nextIcAndStore: 'the next ic tile, and the last oc tile out',
  secondLast: 'second last tile: a psum out',
  last: 'last tile: out, nothing computes any more',
};
const MOVES_IN_WORDS: Readonly<Record<Move, string>> = {
  ifmap: 'ifmap in',
  weight: 'weights in',
  bias: 'bias in',
  psumLoad: 'psum back in',
  psumStore: 'psum out',
};

/** A segment of a loop order that the paper has no name for. */
function movesInWords(moves: readonly Move[]): string {
  return moves.length === 0 ? 'nothing moves' : moves.map((move) => MOVES_IN_WORDS[move]).join(', ');
}

/** The explanation as plain data for JSON; what there is none of is left out. */
export function explainData(settings: RunSettings, explanation: Explanation, path: ExplainedPath): object {
  return {
    ...explainedSettings(settings),
    ...explanation,
    dimensionLevers: explanation.dimensionLevers.map(leverWithTile),
    tileLevers: explanation.tileLevers.map(leverWithTile),
    criticalPath: pathData(path),
  };
}

/** What was explained, and under which assumptions, as data. */
export function explainedSettings(settings: RunSettings): object {
  const { hardware, workload, phase, batch, assumptions, closedFormVariant, dram } = settings;
  return {
    hardware: hardware.name,
    workload,
    phase,
    batch,
    assumptions,
    closedFormVariant,
    dram: dramInWords(dram),
  };
}

/** A lever with the tile that it makes in place of the layer. */
export function leverWithTile<Lever extends Explanation['tileLevers' | 'dimensionLevers'][number]>({
  more,
  ...lever
}: Lever): object {
  const { layer, ...rest } = more ?? {};
  return { ...lever, ...(more && { more: { ...rest, tile: layer?.tile } }) };
}

/** The whole explanation as text. */
export function explainText(
  settings: RunSettings,
  explanation: Explanation,
  path: ExplainedPath,
  room: number,
): string {
  const { simulated, network } = explanation;
  // Where layers overlap, what is tried is the network's run.
  const { totalCycles: triedCycles } = network ?? simulated;
  const sections = [
    explainHead(settings, network !== undefined),
    headline(explanation),
    tileInWords(explanation, room),
    boundsInWords(explanation, triedCycles),
    sramsInWords(explanation, triedCycles, explanation.givenTile === undefined),
    ...(explanation.segments.length > 0 ? [segments(explanation.segments, room)] : []),
    waiting(explanation, room),
    ...pathTables(path, room).map((table) => [table]),
    bottleneckInWords(
      {
        ...explanation,
        users: network === undefined ? explanation.layer.unit : 'both',
        totalCycles: triedCycles,
        computes: `In ${percent(simulated.computeCycles / unitCyclesOf(simulated))} of its cycles it computes`,
      },
      room,
    ),
    ...(explanation.energy && settings.energy
      ? [[energyDataInWords(settings.energy), layerEnergyTable(explanation.energy, room)]]
      : []),
  ];
  return `${sections.map((lines) => wrapped(lines.join('\n'), room)).join('\n\n')}\n`;
}

/** What was explained, and under which assumptions; `inNetwork`: among the layers that it overlaps with. */
export function explainHead(
  { hardware, workload, phase, batch, assumptions, closedFormVariant, dram }: RunSettings,
  inNetwork: boolean,
): string[] {
  const alone =
    'The layer runs alone on fresh memory: in `run`, after other layers, it can take some cycles more or less.';
  const together =
    'Layers overlap: whatever is tried below is a run of the whole network, and its cycles are those of that run.';
  return [
    `${shownName(workload)} ${phase}, batch ${batch}, on ${shownName(hardware.name)}; machine: ${assumptions.join(', ')}; DRAM: ${shownName(dramInWords(dram))}; closed form: ${closedFormVariant}`,
    ...(inNetwork ? [together] : isRegular(dram) ? [] : [alone]),
  ];
}

function headline(explanation: Explanation): string[] {
  const { layer, simulated, roofs, elsewhere, network } = explanation;
  const { totalCycles } = network ?? simulated;
  const roof = roofs.roof === 'compute' ? 'its arithmetic' : `the ${nameOf(roofs.roof)} interface`;
  return [
    `${shownName(layer.name)} (${layer.op}): ${cyclesInWords(explanation)}`,
    `${roofs.opsPerDramByte.toFixed(1)} operations per DRAM byte; ${roof} alone would take ${percent(roofs.shareOfRoof)} of the time`,
    ...workInWords(layer.unit, simulated),
    ...(elsewhere === undefined
      ? []
      : [
          `On the ${elsewhere.unit === 'SA' ? 'PE' : 'SIMD'} array it would take ${integer(elsewhere.totalCycles)} cycles (${change(totalCycles, elsewhere.totalCycles)}; --depthwise ${elsewhere.unit}).`,
        ]),
  ];
}

/** What it takes: where layers overlap, what it adds to the run, and what it takes by itself. */
function cyclesInWords({ closedForm, simulated, network, aloneCycles = 0 }: Explanation): string {
  const { totalCycles } = simulated;
  const formula = (cycles: number): string =>
    `${integer(closedForm.totalCycles)} by the closed form (${change(closedForm.totalCycles, cycles)})`;
  if (network === undefined) return `${integer(totalCycles)} cycles simulated, ${formula(totalCycles)}`;
  const adds = `adds ${integer(totalCycles)} cycles to the ${integer(network.totalCycles)} of the run (${percent(totalCycles / network.totalCycles)})`;
  const occupied = `its array has it for ${integer(unitCyclesOf(simulated))} cycles, of which the shares below are`;
  return `${adds}; ${occupied}; by itself it takes ${integer(aloneCycles)}, ${formula(aloneCycles)}`;
}

/** What is done and moved, and what of it is no padding. */
function workInWords(
  unit: Explanation['layer']['unit'],
  { issued, useful, opCounts, dramBits }: Explanation['simulated'],
): string[] {
  const traffic = `DRAM traffic ${megabits(sumOf(dramBits))} Mbit, of which ${megabits(sumOf(useful.dramBits))} useful`;
  if (useful.macs === 0) return [traffic];
  const macs = `${integer(opCounts.mac)} MACs issued, ${integer(useful.macs)} of them useful`;
  if (unit === 'SIMD') return [`${macs}; ${traffic}`];
  const [all, own] = [issued, useful].map(({ peUtilisation }) => percent(peUtilisation));
  return [`${macs}: ${all} and ${own} of what the PEs could do meanwhile; ${traffic}`];
}

function segments(all: readonly Segment[], room: number): string[] {
  const columns = [sentences('segments of the closed form'), numbers('how many'), numbers('stall cycles each')];
  const rows = all.map((segment) => [
    segment.kind === 'other' ? movesInWords(segment.moves) : SEGMENTS[segment.kind],
    segment.count.toFixed(2),
    integer(segment.stallCycles),
  ]);
  return [plainTable(columns, rows, room), ...countsInWords(all.map(({ count }) => count))];
}

/** Why a count is not one that could be counted, where one is not. */
function countsInWords(counts: readonly number[]): string[] {
  return [
    ...(counts.every(Number.isInteger)
      ? []
      : ['Counts are fractions where a tile does not divide the layer: the published form does not round size/tile.']),
    ...(counts.every((count) => count >= 0)
      ? []
      : ['Counts are signed: the end tiles are always counted apart, so the rest is negative where there are fewer.']),
  ];
}

function waiting({ simulated }: Explanation, room: number): string[] {
  const { computeCycles, fillCycles } = simulated;
  const all = unitCyclesOf(simulated);
  const parts: [string, number][] = [
    ['busy', computeCycles - fillCycles],
    ['pipeline fill', fillCycles],
    ...Object.entries(simulated.waiting).map(([cause, cycles]): [string, number] => [`waits: ${cause}`, cycles]),
  ];
  const rows = parts
    .filter(([, cycles]) => cycles > 0)
    .map(([name, cycles]) => [name, integer(cycles), percent(cycles / all)]);
  return [plainTable([names('where the cycles go'), numbers('cycles'), numbers('share')], rows, room)];
}
