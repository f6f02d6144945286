/** What a trace consists of, and who takes it. */
import type { Layer } from '../../model/layers/layer.ts';
import type { WaitingCause } from '../../model/machine/waiting.ts';
import type { Lane } from './lanes.ts';
import { tileCoordinates } from './tileCoordinates.ts';

/**
 * `hold`: a tile, or a step's working set, occupies a slot. `read`, `write`: a DRAM channel serves bursts of a tensor;
 * `refresh`: it serves nobody. `pass`, `instruction`: what is in a row, a column or a stage of a unit that is stepped
 * cycle by cycle.
 */
export type SliceKind =
  | 'layer'
  | 'compute'
  | 'wait'
  | 'load'
  | 'store'
  | 'hold'
  | 'read'
  | 'write'
  | 'refresh'
  | 'pass'
  | 'instruction';

/** A layer of the run. */
export interface TracedLayer {
  /** Place in the program, from 0. */
  readonly index: number;
  readonly layer: Layer;
}

/** Something that occupies a lane from one network cycle to another, at least one cycle later. */
export interface Slice {
  readonly lane: Lane;
  readonly kind: SliceKind;
  readonly traced: TracedLayer;
  /** The step that computes or waits, or identifies the tile: the first of its use. 0 on a DRAM channel. */
  readonly step: number;
  /** The last step of the tile's use. */
  readonly lastStep: number;
  /** The tensor moved or held, or what an instruction does; empty for others. */
  readonly tensor: string;
  /** Bits of the tile moved or held, or of the whole bursts that a DRAM channel serves, else 0. */
  readonly bits: number;
  readonly start: number;
  readonly end: number;
  /** Of a wait only. */
  readonly cause: WaitingCause | '';
  /** Of a read or a write only. */
  readonly bursts?: ChannelBursts;
}

/** Bursts of a DRAM channel by how they were served. A miss opens its row: activates are as many. */
export interface ChannelBursts {
  readonly rowHits: number;
  readonly rowMisses: number;
  /** Answered or absorbed by a write that waited in the queue: never on the bus. */
  readonly forwarded: number;
}

/** What the fields of a slice come from. */
export type SliceFacts = Pick<Slice, 'kind' | 'traced' | 'step' | 'tensor' | 'bits' | 'start' | 'end' | 'cause'> &
  Partial<Pick<Slice, 'bursts'>>;

/** An arrow from one slice to another: load → compute, or compute → store; both were taken by the sink. */
export interface Flow {
  readonly from: { readonly lane: Lane; readonly cycle: number };
  readonly to: { readonly lane: Lane; readonly cycle: number };
}

/** A quantity that changes in steps. */
export interface Counter {
  readonly name: string;
  readonly unit: string;
  /** The key of the lanes that it belongs to. */
  readonly key: string;
}

/** From `cycle` on the counter has this value. */
export interface CounterSample {
  readonly counter: Counter;
  readonly layer: Layer;
  readonly cycle: number;
  readonly value: number;
}

/**
 * Takes a trace piece by piece: the slices of a lane and the samples of a counter in order of time, a flow after both
 * of its slices. Each method returns whether the piece is taken; nothing may refer to a slice that is not.
 */
export interface TraceSink {
  /** Whether anything of a layer that runs from one cycle of the network to another may be taken; if not there, all. */
  wants?(layer: Layer, start: number, end: number): boolean;
  /** Whether counters count what is done for a layer; if not there, for all. */
  counts?(layer: Layer): boolean;
  slice(slice: Slice): boolean;
  flow(flow: Flow): boolean;
  counter(sample: CounterSample): boolean;
}

/** What a slice is called. */
export function sliceName({
  kind,
  tensor,
  cause,
  traced,
}: Pick<Slice, 'kind' | 'tensor' | 'cause' | 'traced'>): string {
  switch (kind) {
    case 'layer':
      return traced.layer.name;
    case 'compute':
    case 'pass':
      return kind;
    case 'instruction':
      return tensor;
    case 'refresh':
      return 'refresh';
    case 'wait':
      return `wait: ${cause}`;
    case 'load':
    case 'store':
    case 'hold':
    case 'read':
    case 'write':
      return `${kind} ${tensor}`;
  }
}

/** Whether a slice of this kind is about a step: not what a layer's lane or a DRAM channel shows. */
export function hasStep(kind: SliceKind): boolean {
  return kind !== 'layer' && kind !== 'read' && kind !== 'write' && kind !== 'refresh';
}

/** Every field of a slice under its name, as files and the page show it. */
export function sliceFields(slice: SliceFacts): Record<string, string | number> {
  const { kind, traced, step, tensor, bits, start, end, cause, bursts } = slice;
  const { layer } = traced;
  const fields: Record<string, string | number> = { layer: layer.name, op: layer.op, unit: layer.unit };
  if (hasStep(kind)) {
    fields['step'] = step;
    Object.assign(fields, tileCoordinates(layer, step, kind === 'instruction' ? '' : tensor));
  }
  if (tensor !== '' && kind !== 'instruction') fields['tensor'] = tensor;
  if (bits > 0) fields['bits'] = bits;
  if (bursts !== undefined) Object.assign(fields, bursts);
  if (cause !== '') fields['cause'] = cause;
  fields['cycles'] = end - start;
  return fields;
}
