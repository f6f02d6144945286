/** What the resources and reasons of a critical path are called. */
import type { PathReason, PathResource } from '../../studies/criticalPath/dependencyGraph.ts';

const RESOURCES_IN_WORDS: Readonly<Record<PathResource, string>> = {
  peArray: 'PE array',
  simdPipeline: 'SIMD pipeline',
  weight: 'weight interface',
  ifmap: 'ifmap interface',
  psum: 'psum interface',
  vmem: 'vmem interface',
  imem: 'IMem',
};

/** Why something on the path began when it did. */
export const REASONS_IN_WORDS: Readonly<Record<PathReason, string>> = {
  first: 'nothing before it in its layer',
  unit: 'its unit computed the tile before',
  interface: 'its interface moved the tile before',
  operand: 'a tile that it needs arrived',
  slot: 'a slot came free',
  tile: 'the PE array handed its tile over',
  result: 'its tile was computed',
  hazard: 'the psum that it loads had to be stored',
  phase: 'the part of the operation before it ended',
  producer: 'the layer that makes its tensor ended',
  barrier: 'the segment before it ended (lockstep)',
  instructions: 'its instructions were loaded',
  order: 'another request went first',
  row: 'its row was opened in memory',
  refresh: 'the memory refreshed',
};

/** A resource as reports name it. */
export function resourceInWords(resource: PathResource): string {
  return RESOURCES_IN_WORDS[resource];
}
