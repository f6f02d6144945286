/** What a layer, or a fused group, has of the critical path of a network whose layers overlap. */
import type { CriticalPath, PathSegment, PathShare } from './criticalPath.ts';
import type { PathReason, PathResource } from './dependencyGraph.ts';
import type { NetworkPath } from './networkPath.ts';

/** The cycles of a network's path in which a tile of some of its layers is what is waited for. */
export interface PathPart {
  /** Of the network. */
  readonly totalCycles: number;
  /** Of these layers, in all, by resource and by reason, the most first. */
  readonly pathCycles: number;
  readonly resources: readonly Pick<PathShare, 'resource' | 'pathCycles'>[];
  readonly reasons: CriticalPath['reasons'];
  readonly segments: readonly PathSegment[];
}

/** The part of the layers from one place of the program to another; the path has its segments. */
export function partOfPath({ totalCycles, segments = [] }: NetworkPath, first: number, last: number): PathPart {
  const own = segments.filter(({ tile: { layer } }) => first <= layer && layer <= last);
  const resources = new Map<PathResource, number>();
  const reasons = new Map<PathReason, number>();
  let pathCycles = 0;
  for (const { from, to, resource, reason } of own) {
    const cycles = to - from;
    pathCycles += cycles;
    resources.set(resource, (resources.get(resource) ?? 0) + cycles);
    reasons.set(reason, (reasons.get(reason) ?? 0) + cycles);
  }
  const most = (a: { readonly pathCycles: number }, b: { readonly pathCycles: number }): number =>
    b.pathCycles - a.pathCycles;
  return {
    totalCycles,
    pathCycles,
    resources: [...resources].map(([resource, cycles]) => ({ resource, pathCycles: cycles })).sort(most),
    reasons: [...reasons].map(([reason, cycles]) => ({ reason, pathCycles: cycles })).sort(most),
    segments: own,
  };
}
