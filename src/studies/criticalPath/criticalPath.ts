/** The critical path of a run: what, cycle by cycle, the end has waited for. */
import type { InterfaceName } from '../../model/machine/observer.ts';
import {
  type DependencyGraph,
  NONE,
  type NodeTile,
  type PathReason,
  type PathResource,
  REASONS,
  RESOURCES,
} from './dependencyGraph.ts';
import type { Hold } from './memoryHolds.ts';

/** A stretch of the path: from one cycle to the other a resource worked on a tile, which had waited for `reason`. */
export interface PathSegment {
  readonly from: number;
  readonly to: number;
  readonly resource: PathResource;
  readonly reason: PathReason;
  readonly tile: NodeTile;
}

/** What a resource has to do with the end of the run. */
export interface PathShare {
  readonly resource: PathResource;
  /** Cycles of the path in which it is what is waited for. */
  readonly pathCycles: number;
  /** Each of its transfers or computes alone could take so many cycles more, and the run would end as it did. */
  readonly slackCycles: number;
  /** If all that it does took half its cycles, the run would still take so many, as long as everything keeps its order. */
  readonly twiceBoundCycles: number;
}

/** A run's path and what follows from it. */
export interface CriticalPath {
  readonly totalCycles: number;
  /** From cycle 0 to the last, without gap or overlap. */
  readonly segments: readonly PathSegment[];
  /** Of the resources that did anything, the longest on the path first. */
  readonly resources: readonly PathShare[];
  /** Cycles of the path by why a segment began when it did; the longest first. */
  readonly reasons: readonly { readonly reason: PathReason; readonly pathCycles: number }[];
}

type Holds = ReadonlyMap<number, readonly Hold[]>;

/** Walks back from the node that ended last. */
function segmentsOf(graph: DependencyGraph, holdsOf: Holds): PathSegment[] {
  const segments: PathSegment[] = [];
  let node = lastOf(graph);
  while (node !== NONE) {
    const { source, reason } = reasonOf(graph, node);
    const resource = graph.resourceOf(node);
    const [from, to] = [graph.startOf(node), graph.endOf(node)];
    if (resource !== undefined && to > from) {
      const segment = { from, to, resource, reason, tile: graph.tileOf(node) };
      segments.push(...heldUp(segment, holdsOf.get(node) ?? []).reverse());
    }
    node = source;
  }
  return segments.reverse();
}

/** A segment in pieces: as it is, and where it was held up. */
function heldUp(segment: PathSegment, holds: readonly Hold[]): PathSegment[] {
  const pieces: PathSegment[] = [];
  let { from } = segment;
  for (const hold of holds) {
    const [begin, end] = [Math.max(from, hold.from), Math.min(segment.to, hold.to)];
    if (end <= begin) continue;
    if (begin > from) pieces.push({ ...segment, from, to: begin });
    pieces.push({ ...segment, from: begin, to: end, reason: hold.reason });
    from = end;
  }
  if (from < segment.to) pieces.push({ ...segment, from });
  return pieces;
}

/** The node that works and ended last; of several, the one that was asked for last. */
function lastOf(graph: DependencyGraph): number {
  let last = NONE;
  for (let node = 0; node < graph.size; node++) {
    if (graph.resourceOf(node) !== undefined && (last === NONE || graph.endOf(node) >= graph.endOf(last))) last = node;
  }
  return last;
}

/** What works and ended when this node began, and the first reason on the way there. */
function reasonOf(graph: DependencyGraph, node: number): { readonly source: number; readonly reason: PathReason } {
  let found: PathReason | undefined;
  for (let at = node; ; ) {
    const { source, reason } = graph.bindingOf(at);
    found ??= reason;
    if (source === NONE) return { source, reason: found ?? 'first' };
    if (graph.resourceOf(source) !== undefined) return { source, reason: found ?? 'order' };
    at = source;
  }
}

/** The path of a run whose dependencies are known; `holds`: per load, what held it up in banked memory. */
export function criticalPath(graph: DependencyGraph, holds: Holds = new Map()): CriticalPath {
  const segments = segmentsOf(graph, holds);
  const cyclesOf = (isMeant: (segment: PathSegment) => boolean): number =>
    segments.reduce((sum, segment) => sum + (isMeant(segment) ? segment.to - segment.from : 0), 0);
  const slack = slackByResource(graph);
  const resources = RESOURCES.filter((resource) => slack.has(resource)).map((resource) => ({
    resource,
    pathCycles: cyclesOf((segment) => segment.resource === resource),
    slackCycles: slack.get(resource)!,
    twiceBoundCycles: graph.totalWith(resource, (cycles) => Math.ceil(cycles / 2)),
  }));
  const reasons = REASONS.map((reason) => ({ reason, pathCycles: cyclesOf((segment) => segment.reason === reason) }));
  return {
    totalCycles: graph.totalCycles(),
    segments,
    resources: resources.sort((a, b) => b.pathCycles - a.pathCycles),
    reasons: reasons.filter(({ pathCycles }) => pathCycles > 0).sort((a, b) => b.pathCycles - a.pathCycles),
  };
}

/** The least slack of what each resource did. */
function slackByResource(graph: DependencyGraph): Map<PathResource, number> {
  const latest = graph.latestEnds();
  const least = new Map<PathResource, number>();
  for (let node = 0; node < graph.size; node++) {
    const resource = graph.resourceOf(node);
    if (resource === undefined) continue;
    const slack = latest[node]! - graph.endOf(node);
    least.set(resource, Math.min(slack, least.get(resource) ?? Number.POSITIVE_INFINITY));
  }
  return least;
}

/** The resources whose speed a hardware file gives as bits per cycle. */
export function isInterfaceResource(resource: PathResource): resource is InterfaceName {
  return resource === 'weight' || resource === 'ifmap' || resource === 'psum' || resource === 'vmem';
}
