/**
 * Fused groups (FUSION.md, Groups): an SA layer and the SIMD layers behind it that take its tiles over from OBuf, one by
 * one, without the way through DRAM.
 */
import type { Layer, SaLayer, SimdLayer } from '../layers/layer.ts';
import type { Operand } from '../operations/simdRow.ts';
import { type SimdOp, simdOperation } from '../operations/simdTable.ts';
import { isPair } from './pairs.ts';

/** What is fused: nothing, the published tool's pairs, or as many SIMD layers as follow. */
export const FUSIONS = ['none', 'pairs', 'chains'] as const;
export type Fusion = (typeof FUSIONS)[number];

/** A SIMD layer of a group. */
export interface FusedMember {
  readonly layer: SimdLayer;
  /** The roles of its tensors that are the SA layer's tile, in OBuf. */
  readonly handedOver: ReadonlySet<string>;
  /** The roles of its tensors that an earlier member makes, in VMem. */
  readonly inside: ReadonlySet<string>;
}

/** A group by its layers' places in the program, which are neighbours. */
export interface FusedGroup {
  readonly first: number;
  readonly last: number;
  readonly sa: SaLayer;
  readonly members: readonly FusedMember[];
  /** A layer outside of the group reads the SA layer's ofmap too: it is stored as well. */
  readonly isSumStored: boolean;
}

/** The group that a program runs as one, by its layers' names. */
export function nameOfGroup({ sa, members }: FusedGroup): string {
  return [sa.name, ...members.map(({ layer }) => layer.name)].join(' + ');
}

const PLANE = ['c', 'n', 'h', 'w'];

function isPlain({ dims, adds }: Operand): boolean {
  return dims.length === PLANE.length && PLANE.every((dim) => (dims as readonly string[]).includes(dim)) && !adds;
}

/** Whether each element of an operation's result comes from the same element of its operands. */
export function isElementwise(op: SimdOp): boolean {
  const { parts } = simdOperation(op);
  const [part] = parts;
  return parts.length === 1 && part!.per === 'tile' && [...part!.loads, ...part!.stores].every(isPlain);
}

/** Whether the completing visits to an oc tile follow each other: no reduction loop lies outside of a position's. */
export function completesChannelByChannel({ sizes, tile, loopOrder }: SaLayer): boolean {
  const loops = loopOrder.filter((dim) => sizes[dim] > tile[dim]);
  const firstPosition = loops.findIndex((dim) => dim === 'n' || dim === 'oh' || dim === 'ow');
  const oc = loops.indexOf('oc');
  return oc < 0 || firstPosition < 0 || oc < firstPosition;
}

/** Who reads what each layer makes, by place. */
function readersOf(layers: readonly Layer[]): number[][] {
  const places = new Map(layers.map(({ name }, place) => [name, place] as const));
  const readers = layers.map((): number[] => []);
  for (const [place, { producers = {} }] of layers.entries()) {
    for (const name of Object.values(producers).flat()) {
      const maker = places.get(name);
      if (maker !== undefined) readers[maker]!.push(place);
    }
  }
  return readers;
}

/** The roles of a layer's tensors that lie as one of these layers has made them. */
function rolesMadeBy({ producers = {}, asMade = [] }: Layer, makers: ReadonlySet<string>): Set<string> {
  return new Set(asMade.filter((role) => producers[role]!.length === 1 && makers.has(producers[role]![0]!)));
}

/**
 * The groups of a program. A SIMD layer joins where it reads what the layer before it makes and works element by element;
 * statistics end a group, as does a result that others need. An SA layer that no SIMD layer follows is no group.
 */
export function fusedGroups(layers: readonly Layer[], fusion: Fusion): FusedGroup[] {
  if (fusion === 'none') return [];
  const readers = readersOf(layers);
  const groups: FusedGroup[] = [];
  for (const [first, sa] of layers.entries()) {
    if (sa.unit !== 'SA') continue;
    const members: FusedMember[] = [];
    let last = first;
    for (let place = first + 1; place < layers.length; place++) {
      const [before, layer] = [layers[place - 1]!, layers[place]!];
      if (layer.unit !== 'SIMD' || rolesMadeBy(layer, new Set([before.name])).size === 0) break;
      if (fusion === 'pairs' && !isPair(before, layer)) break;
      // An intermediate result does not leave the chip.
      if (last > first && readers[last]!.some((reader) => reader !== place)) break;
      const isStatistics = layer.op === 'bn-statistics';
      if (isStatistics ? !completesChannelByChannel(sa) : !isElementwise(layer.op)) break;
      members.push({
        layer,
        handedOver: rolesMadeBy(layer, new Set([sa.name])),
        inside: rolesMadeBy(layer, new Set(members.map((member) => member.layer.name))),
      });
      last = place;
      if (isStatistics || fusion === 'pairs') break;
    }
    if (members.length === 0) continue;
    groups.push({ first, last, sa, members, isSumStored: readers[first]!.some((reader) => reader > last) });
  }
  return groups;
}
