/** What banked memory has done in a run, channel by channel, and for each tensor of each interface. */
import type { AskedTraffic } from '../dram/burstCounts.ts';
import type { ChannelDone } from '../dram/channels.ts';
import type { InterfaceName } from './observer.ts';

/** The bursts of one tensor of an interface: `weight`, `bias`, `ifmap`, `psum`, `ofmap`, or an operand of SIMD layers. */
export interface TensorBursts extends AskedTraffic {
  readonly interface: InterfaceName;
  readonly tensor: string;
}

/** The bursts of an interface. */
export interface InterfaceBursts {
  readonly interface: InterfaceName;
  /** All that the controllers have accepted: each goes over the interface, whole. */
  readonly accepted: number;
  /** Of those, the writes that had not been served when the run was over. */
  readonly waitingWrites: number;
}

/** All that banked memory has done. Channels add up to what tensors add up to. */
export interface DramCounts {
  /** Numbered through all memories, where interfaces have their own. */
  readonly channels: readonly ChannelDone[];
  /** In the order of the interfaces, and of each in that in which its tensors were first moved. */
  readonly tensors: readonly TensorBursts[];
  readonly interfaces: readonly InterfaceBursts[];
}
