/** Why a fused group takes what it takes: which of its sides waits for the other, and what would change that. */
import type { EnergyConstants } from '../../model/energy/constants.ts';
import { type Energy, energyOf, energyOfSide, sumOfEnergies } from '../../model/energy/energy.ts';
import { type FusedGroup, nameOfGroup } from '../../model/fusion/groups.ts';
import type { Layer, SaLayer } from '../../model/layers/layer.ts';
import type { GroupResult } from '../../model/machine/programRun.ts';
import type { SimulatedResult } from '../../model/machine/statistics.ts';
import { layersOf } from '../../model/schedule/fusedSchedule.ts';
import { type BandwidthLever, bandwidthLevers } from './bandwidthLevers.ts';
import { type DimensionLever, dimensionLevers } from './dimensionLevers.ts';
import {
  DIMENSION_LEVERS,
  type Explaining,
  type InNetwork,
  type Pause,
  type Priced,
  stagesOf,
  TILE_LEVERS,
  tripsOf,
} from './explanation.ts';
import { type Bottleneck, type Relief, Relieving } from './reliefs.ts';
import { type SlotUse, slotUse } from './slotUse.ts';
import { type Retile, SRAMS_OF, type TileLever, tileLevers } from './tileLevers.ts';
import { type StagePart, Trials, type Trying } from './trials.ts';

/** Those that hold the tiles of both sides. */
const ALL_SRAMS = [...SRAMS_OF.SA, ...SRAMS_OF.SIMD];

/** All that is known about a fused group. */
export interface GroupExplanation {
  readonly group: FusedGroup;
  readonly name: string;
  /** Where layers overlap, those that it adds to the run. */
  readonly totalCycles: number;
  /** Only where layers overlap. */
  readonly network?: InNetwork;
  /**
   * Its layers by themselves, one after another through DRAM, each with its own tile; where layers overlap, the network
   * in which they run apart.
   */
  readonly apartCycles: number;
  /** Busy and waiting cycles of both sides. */
  readonly units: GroupResult['units'];
  /** Cycles in which the PE array waits for a slot of OBuf, and the SIMD array for the PE array's next tile. */
  readonly waitsForOther: Readonly<Record<Layer['unit'], number>>;
  /** The side that waits less for the other; undefined where neither waits for it. */
  readonly binding: Layer['unit'] | undefined;
  /** Per member; loads, stores and accesses, and no cycles of its own. */
  readonly members: readonly SimulatedResult[];
  /** With energy data only; by the simulation. */
  readonly energy: Energy | undefined;
  readonly trips: Readonly<Record<string, number>>;
  readonly slots: readonly SlotUse[];
  /** Its tile is smaller than that of its SA layer by itself. */
  readonly hasSmallerTile: boolean;
  readonly dimensionLevers: readonly Priced<DimensionLever>[];
  readonly tileLevers: readonly Priced<TileLever>[];
  readonly bandwidthLevers: readonly BandwidthLever[];
  readonly reliefs: readonly Relief[];
  readonly bottleneck: Bottleneck | undefined;
}

/** What a group's explanation is made for. */
export interface GroupSetting extends Explaining {
  /** The layers of the group by themselves. */
  readonly apart: readonly Layer[];
  readonly retile: Retile<FusedGroup>;
  readonly energy: EnergyConstants | undefined;
}

/** Explains one fused group; pauses often, so that the caller can show progress or stop. */
export function* explainGroup(group: FusedGroup, setting: GroupSetting): Generator<Pause, GroupExplanation> {
  const { hardware, assumptions, retile, energy, apart } = setting;
  const trials = new Trials(assumptions, setting);
  const stage = stagesOf(trials);
  const run = yield* stage(0, trials.runGroup(group, setting));
  const [{ totalCycles, units }] = run.groups as [GroupResult];
  const waitsForOther = { SA: units.SA.waiting.outputSlot, SIMD: units.SIMD.waiting.obufTile };
  const { sa } = group;
  return {
    group,
    name: nameOfGroup(group),
    totalCycles,
    ...(trials.isOverlapped && { network: { totalCycles: yield* stage(0, trials.cycles(group, setting)) } }),
    apartCycles: yield* stage(0, trials.cyclesApart(group, apart, setting)),
    units,
    waitsForOther,
    binding: bindingOf(waitsForOther),
    members: run.layers,
    energy: energy && energyOfGroup(group, run.layers, { totalCycles, units }, energy),
    trips: tripsOf(sa),
    slots: [...slotUse(sa, hardware), slotUse({ ...handedTile(group) }, hardware)[0]!],
    hasSmallerTile: JSON.stringify(sa.tile) !== JSON.stringify(apart[0]!.tile),
    dimensionLevers: yield* stage(1, pricedDimensions(group, setting, trials)),
    tileLevers: yield* stage(
      1,
      priced(tileLevers(sa, hardware, saOf(retile), ALL_SRAMS), group, setting, trials, TILE_LEVERS),
    ),
    bandwidthLevers: yield* stage(2, bandwidthLevers(group, setting, trials)),
    ...(yield* stage(3, new Relieving(group, setting, trials, retile).all())),
  };
}

function bindingOf({ SA, SIMD }: Readonly<Record<Layer['unit'], number>>): Layer['unit'] | undefined {
  if (SA === SIMD) return undefined;
  return SA < SIMD ? 'SA' : 'SIMD';
}

/** The last member with the tile that it is handed over. */
function handedTile({ sa, members }: FusedGroup): Layer {
  const { oc, n, oh, ow } = sa.tile;
  return { ...members.at(-1)!.layer, tile: { c: oc, n, h: oh, w: ow } };
}

/** The group's SA layer, whose tile is the group's. */
function saOf(retile: Retile<FusedGroup>): Retile<SaLayer> {
  return (hardware) => retile(hardware).sa;
}

function* pricedDimensions(group: FusedGroup, setting: GroupSetting, trials: Trials): Trying<Priced<DimensionLever>[]> {
  const levers = yield* dimensionLevers(group.sa, setting.hardware, saOf(setting.retile), ALL_SRAMS);
  return yield* priced(levers, group, setting, trials, DIMENSION_LEVERS);
}

/** Adds what the group takes with each lever's tile. */
function* priced<Lever extends DimensionLever | TileLever>(
  levers: readonly Lever[],
  group: FusedGroup,
  setting: GroupSetting,
  trials: Trials,
  part: StagePart,
): Trying<Priced<Lever>[]> {
  return yield* trials.each(levers, part, function* (lever) {
    const grown = lever.more?.layer;
    const cyclesThen = grown?.unit === 'SA' ? yield* trials.cycles({ ...group, sa: grown }, setting) : undefined;
    return { ...lever, cyclesThen };
  });
}

function energyOfGroup(
  group: FusedGroup,
  members: readonly SimulatedResult[],
  { totalCycles, units }: Pick<GroupResult, 'totalCycles' | 'units'>,
  constants: EnergyConstants,
): Energy {
  const sides = (['SA', 'SIMD'] as const).map((unit) =>
    energyOfSide(unit, { totalCycles, busyCycles: units[unit].busyCycles }, constants),
  );
  const accesses = layersOf(group).map(({ unit }, place) => energyOf(unit, members[place]!, constants));
  return sumOfEnergies([...sides, ...accesses]);
}
