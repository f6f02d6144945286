/** The lane of the critical path, and what its resources are in the timeline. */
import type { PathResource } from '../../../studies/criticalPath/dependencyGraph.ts';
import { interfaceKey } from '../lanes.ts';
import type { PageHead } from '../pageData.ts';
import { sliceAt } from '../pyramid.ts';
import type { SlicePlace } from '../tileFlow.ts';
import type { PageData } from './data.ts';

/** The lane's place, if the page has the path's segments. */
export function pathLane({ lanes, path }: PageHead): number | undefined {
  return path?.hasSegments ? lanes.find(({ kind }) => kind === 'path')?.index : undefined;
}

/** The key of the component that a resource is; the instruction memory has no lane. */
export function componentOf(resource: PathResource): string {
  switch (resource) {
    case 'peArray':
      return 'pe-array';
    case 'simdPipeline':
      return 'simd';
    case 'imem':
      return 'imem';
    default:
      return interfaceKey(resource);
  }
}

/** What a segment of the path goes through: the slice of its resource that ends with it. */
export function sliceOfSegment({ head, slices }: PageData, lane: number, place: number): SlicePlace | undefined {
  const { kind, tensor } = head.whats[slices[lane]!.whats[place]!]!;
  if (kind !== 'path') return undefined;
  const component = componentOf(tensor as PathResource);
  const last = slices[lane]!.ends[place]! - 1;
  for (const { key, index } of head.lanes) {
    if (key !== component) continue;
    const found = sliceAt(slices[index]!, last);
    if (found >= 0) return { lane: index, place: found };
  }
  return undefined;
}
