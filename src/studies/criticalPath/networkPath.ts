/** The critical path of a network: layer after layer, or across them where they overlap. */

import { isRegular } from '../../model/dram/model.ts';
import { aloneOf, type FusedProgram, fuse } from '../../model/fusion/fuse.ts';
import type { FusedGroup, Fusion } from '../../model/fusion/groups.ts';
import { expectExact } from '../../model/layers/exactness.ts';
import type { Layer } from '../../model/layers/layer.ts';
import { watchedBy } from '../../model/machine/channelWatching.ts';
import { Machine, type MachineOptions } from '../../model/machine/machine.ts';
import { INTERFACES } from '../../model/machine/observer.ts';
import type { Progress } from '../../model/network/network.ts';
import type { Assumptions } from '../../model/schedule/assumptions.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { layerIdentity } from '../../model/tiling/costIdentity.ts';
import { type CriticalPath, criticalPath, type PathSegment, type PathShare } from './criticalPath.ts';
import { type PathReason, type PathResource, REASONS, RESOURCES } from './dependencyGraph.ts';
import { DependencyRecorder } from './dependencyRecorder.ts';
import { MemoryHolds } from './memoryHolds.ts';

/** What a layer has of the path. */
export interface LayerPath {
  readonly layer: Layer;
  /** Cycles of the path in which one of its tiles is what is waited for, in all and by resource. */
  readonly pathCycles: number;
  readonly byResource: Readonly<Partial<Record<PathResource, number>>>;
}

/** A resource of the network. */
export interface NetworkPathShare extends PathShare {
  /** Of an interface: what the network takes with twice its bits per cycle, on the same tiles. */
  readonly twiceRunCycles?: number | undefined;
}

/** A network's path. */
export interface NetworkPath {
  readonly totalCycles: number;
  readonly resources: readonly NetworkPathShare[];
  readonly reasons: CriticalPath['reasons'];
  /** In program order; layers with no cycle of the path included. */
  readonly layers: readonly LayerPath[];
  /** Fused groups by their layers' places. */
  readonly groups: readonly FusedGroup[];
  /** The whole path, if it was asked for. Tiles say their layer's place in the program. */
  readonly segments?: readonly PathSegment[];
}

/** How a path is sought. */
export interface PathOptions extends MachineOptions {
  /** Keep all segments, not only their sums. */
  readonly segments?: boolean;
}

/** What runs without anything else beside it: a layer, a fused group, or the whole network where layers overlap. */
interface Stretch {
  /** Place of its first layer in the program. */
  readonly first: number;
  readonly layers: readonly Layer[];
  readonly kind: 'layer' | 'group' | 'program';
  readonly groups: readonly FusedGroup[];
}

function stretchesOf(
  layers: readonly Layer[],
  groups: readonly FusedGroup[],
  { prefetch }: Assumptions,
): readonly Stretch[] {
  if (prefetch) return [{ first: 0, layers, groups, kind: 'program' }];
  const firsts = new Map(groups.map((group) => [group.first, group] as const));
  const stretches: Stretch[] = [];
  for (let first = 0; first < layers.length; ) {
    const group = firsts.get(first);
    const count = group === undefined ? 1 : group.last - group.first + 1;
    const own = { first, layers: layers.slice(first, first + count) };
    if (group === undefined) stretches.push({ ...own, kind: 'layer', groups: [] });
    else stretches.push({ ...own, kind: 'group', groups: [aloneOf(group)] });
    first += count;
  }
  return stretches;
}

/** Sums of the paths of stretches that follow each other. */
class PathSums {
  totalCycles = 0;
  readonly segments: PathSegment[] = [];
  private readonly shares = new Map<PathResource, { pathCycles: number; slackCycles: number; saved: number }>();
  private readonly reasons = new Map<PathReason, number>();
  private readonly layers: {
    readonly layer: Layer;
    pathCycles: number;
    byResource: Partial<Record<PathResource, number>>;
  }[];

  constructor(layers: readonly Layer[]) {
    this.layers = layers.map((layer) => ({ layer, pathCycles: 0, byResource: {} }));
  }

  add(path: CriticalPath, first: number, keepsSegments: boolean): void {
    for (const { resource, pathCycles, slackCycles, twiceBoundCycles } of path.resources) {
      const share = this.shares.get(resource) ?? { pathCycles: 0, slackCycles: Number.POSITIVE_INFINITY, saved: 0 };
      share.pathCycles += pathCycles;
      share.slackCycles = Math.min(share.slackCycles, slackCycles);
      share.saved += path.totalCycles - twiceBoundCycles;
      this.shares.set(resource, share);
    }
    for (const { reason, pathCycles } of path.reasons) {
      this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + pathCycles);
    }
    for (const { from, to, resource, tile, reason } of path.segments) {
      const place = first + tile.layer;
      const layer = this.layers[place]!;
      layer.pathCycles += to - from;
      layer.byResource[resource] = (layer.byResource[resource] ?? 0) + to - from;
      if (!keepsSegments) continue;
      const [start, end] = [this.totalCycles + from, this.totalCycles + to];
      this.segments.push({ from: start, to: end, resource, reason, tile: { ...tile, layer: place } });
    }
    this.totalCycles += path.totalCycles;
    expectExact(undefined, 'totalCycles', this.totalCycles);
  }

  path(groups: readonly FusedGroup[], keepsSegments: boolean, twice: ReadonlyMap<PathResource, number>): NetworkPath {
    const { totalCycles, shares, reasons, layers, segments } = this;
    const resources = RESOURCES.flatMap((resource): NetworkPathShare[] => {
      const share = shares.get(resource);
      if (share === undefined) return [];
      const { pathCycles, slackCycles, saved } = share;
      const run = twice.get(resource);
      const ran = run === undefined ? {} : { twiceRunCycles: run };
      return [{ resource, pathCycles, slackCycles, twiceBoundCycles: totalCycles - saved, ...ran }];
    });
    return {
      totalCycles,
      resources: resources.sort((a, b) => b.pathCycles - a.pathCycles),
      reasons: REASONS.map((reason) => ({ reason, pathCycles: reasons.get(reason) ?? 0 }))
        .filter(({ pathCycles }) => pathCycles > 0)
        .sort((a, b) => b.pathCycles - a.pathCycles),
      layers,
      groups,
      ...(keepsSegments && { segments }),
    };
  }
}

/** The critical path of a network whose layers are fused as the options ask for; else as `programPath`. */
export function* networkPath(
  layers: readonly Layer[],
  hardware: Hardware,
  assumptions: Assumptions,
  { fusion = 'none', ...options }: PathOptions & { readonly fusion?: Fusion | undefined } = {},
): Generator<Progress, NetworkPath> {
  return yield* programPath(fuse(layers, hardware, fusion), hardware, assumptions, options);
}

/**
 * Runs a program tile by tile and finds its critical path; then again with twice the bandwidth of each interface that it
 * uses. Yields progress now and then. Layers that are alike run once where the memory is regular. Throws an InputError
 * where the assumptions do not go with the hardware.
 */
export function* programPath(
  { layers, groups }: Pick<FusedProgram, 'layers' | 'groups'>,
  hardware: Hardware,
  assumptions: Assumptions,
  { segments: keepsSegments = false, ...options }: PathOptions = {},
): Generator<Progress, NetworkPath> {
  const stretches = stretchesOf(layers, groups, assumptions);
  const memory = options.dram?.kind === 'banked' ? new MemoryHolds() : undefined;
  const machine = new Machine(hardware, { ...options, channelWatching: memory && watchedBy(memory) });
  const isIrregular = options.dram !== undefined && !isRegular(options.dram);
  const sums = new PathSums(layers);
  const known = new Map<string, CriticalPath>();
  const used = new Set<PathResource>();
  for (const stretch of stretches) {
    const identity =
      stretch.kind !== 'layer' || isIrregular ? undefined : layerIdentity(stretch.layers[0]!, assumptions).join();
    const path =
      (identity && known.get(identity)) ||
      (yield* pathOf(stretch, layers.length, machine, memory?.startingAt(sums.totalCycles), hardware, assumptions));
    if (identity !== undefined) known.set(identity, path);
    sums.add(path, stretch.first, keepsSegments);
    for (const { resource } of path.resources) used.add(resource);
  }
  const twice = new Map<PathResource, number>();
  for (const name of INTERFACES) {
    if (!used.has(name)) continue;
    const { bitsPerCycle } = hardware;
    const faster = { ...hardware, bitsPerCycle: { ...bitsPerCycle, [name]: 2 * bitsPerCycle[name] } };
    twice.set(name, yield* cyclesOf(stretches, layers.length, new Machine(faster, options), assumptions));
  }
  return sums.path(groups, keepsSegments, twice);
}

/** Finds the path of a stretch. */
function* pathOf(
  stretch: Stretch,
  layersInAll: number,
  machine: Machine,
  memory: MemoryHolds | undefined,
  hardware: Hardware,
  assumptions: Assumptions,
): Generator<Progress, CriticalPath> {
  const recorder = new DependencyRecorder(hardware, assumptions, memory);
  machine.observe(recorder);
  yield* run(stretch, layersInAll, machine, assumptions);
  machine.forget(recorder);
  return criticalPath(recorder.graph, recorder.holds);
}

/** What stretches take one after another. */
function* cyclesOf(
  stretches: readonly Stretch[],
  layersInAll: number,
  machine: Machine,
  assumptions: Assumptions,
): Generator<Progress, number> {
  let cycles = 0;
  for (const stretch of stretches) cycles += yield* run(stretch, layersInAll, machine, assumptions);
  return cycles;
}

/** Runs a stretch; returns its cycles. */
function* run(
  { first, layers, groups, kind }: Stretch,
  layersInAll: number,
  machine: Machine,
  assumptions: Assumptions,
): Generator<Progress, number> {
  const progress = { layersDone: first, layers: layersInAll, layerName: layers[0]!.name };
  if (kind === 'layer') {
    const alone = machine.runWithPauses(layers[0]!, assumptions);
    let step = alone.next();
    for (; step.done !== true; step = alone.next()) yield { ...progress, layerShare: step.value };
    yield { ...progress, layerShare: 1 };
    return step.value.totalCycles;
  }
  const together =
    kind === 'group'
      ? machine.runGroup(layers, groups[0]!, assumptions)
      : machine.runOverlapped(layers, assumptions, groups);
  let step = together.next();
  for (; step.done !== true; step = together.next()) {
    const { layersDone, layerShare } = step.value;
    const layerName = layers[layersDone]?.name ?? progress.layerName;
    yield { ...progress, layersDone: first + layersDone, layerName, layerShare };
  }
  return step.value.totalCycles;
}
