/** Which channel a DRAM file asks for. */
import type { DramSpec } from '../schemas/dram.ts';
import type { ChannelClient, DramChannel } from './channel.ts';
import type { ChannelListener } from './channelListener.ts';
import { SharedBusChannel } from './sharedBusChannel.ts';
import { SplitActivateChannel } from './splitActivateChannel.ts';
import { TwoBusChannel } from './twoBusChannel.ts';

/** A channel of a memory at time 0. With a `listener` it tells what its bus does. */
export function openChannel(spec: DramSpec, client: ChannelClient, listener?: ChannelListener): DramChannel {
  if (spec.commandBus === 'row and column') return new TwoBusChannel(spec, client, listener);
  const isPlain = spec.activate === 'at once' && spec.dataClock !== 'on demand';
  return isPlain ? new SharedBusChannel(spec, client, listener) : new SplitActivateChannel(spec, client, listener);
}
