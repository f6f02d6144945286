/** The command line's network around one of its layers or fused groups, where layers overlap. */
import { type FusedProgram, fuse } from '../../model/fusion/fuse.ts';
import type { FusedGroup, Fusion } from '../../model/fusion/groups.ts';
import type { Layer, SaLayer, SimdLayer } from '../../model/layers/layer.ts';
import { layersOf } from '../../model/schedule/fusedSchedule.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { tileProgram } from '../../model/tiling/tileProgram.ts';
import type { Retile } from '../../studies/explain/tileLevers.ts';
import { isGroup, type Surroundings, type Tried, type TriedProgram } from '../../studies/explain/trials.ts';
import { type LoadedNetwork, loadProgram, type NetworkOptions } from './networkCommand.ts';

/** The network for other arrays too: what it is tiled for, as the same options would tile it. */
export class NetworkAround implements Surroundings {
  private readonly options: NetworkOptions;
  private readonly network: LoadedNetwork;
  private readonly fusion: Fusion;
  /** By the array: other sizes of SRAMs are tried on one layer alone. */
  private readonly programs = new Map<string, FusedProgram>();

  constructor(options: NetworkOptions, network: LoadedNetwork, fusion: Fusion) {
    this.options = options;
    this.network = network;
    this.fusion = fusion;
    const { layers, settings } = network;
    this.programs.set(arrayOf(settings.hardware), fuse(layers, settings.hardware, fusion));
  }

  around(tried: Tried, hardware: Hardware): TriedProgram {
    const { layers, groups } = this.programOn(hardware);
    if (!isGroup(tried)) {
      return { layers: layers.map((layer) => (layer.name === tried.name ? inPlaceOf(layer, tried) : layer)), groups };
    }
    const { first, last } = tried;
    const own = layersOf(tried).map((layer, place) => inPlaceOf(layers[first + place]!, layer));
    const [sa, ...members] = own as [SaLayer, ...SimdLayer[]];
    const group = {
      ...tried,
      sa,
      members: tried.members.map((member, place) => ({ ...member, layer: members[place]! })),
    };
    return {
      layers: [...layers.slice(0, first), ...own, ...layers.slice(last + 1)],
      groups: groups.map((each) => (each.first === first ? group : each)),
    };
  }

  apart({ first, last }: FusedGroup): TriedProgram {
    const { layers: own, settings } = this.network;
    const { layers, groups } = this.programOn(settings.hardware);
    const isOwn = (place: number): boolean => first <= place && place <= last;
    return {
      layers: layers.map((layer, place) => (isOwn(place) ? own[place]! : layer)),
      groups: groups.filter((group) => group.first !== first),
    };
  }

  /** A retiler that also finds a point impossible where no tile of another layer fits. */
  checked<Tiled>(retile: Retile<Tiled>): Retile<Tiled> {
    return (hardware) => {
      this.programOn(hardware);
      return retile(hardware);
    };
  }

  /** Throws an InputError where no tile of a layer fits. */
  private programOn(hardware: Hardware): FusedProgram {
    const array = arrayOf(hardware);
    const known = this.programs.get(array);
    if (known !== undefined) return known;
    // A compiler's tiles are cut to the array: another array, another program.
    const program = this.options.tiles === 'file' ? loadProgram(this.options, hardware) : this.network.program;
    const tiled = fuse(tileProgram(program, hardware), hardware, this.fusion);
    this.programs.set(array, tiled);
    return tiled;
  }
}

/** What is tried with the tensors of the layer of the program: a layer that is tiled alone does not know who makes them. */
function inPlaceOf<Tiled extends Layer>({ producers, asMade }: Layer, tried: Tiled): Tiled {
  return { ...tried, ...(producers && { producers }), ...(asMade && { asMade }) };
}

function arrayOf({ array }: Hardware): string {
  return `${array.rows}×${array.columns}`;
}
