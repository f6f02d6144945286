/** Which channel a DRAM file asks for. */
import type { DramSpec } from '../schemas/dram.ts';
import { BurstCounts } from './burstCounts.ts';
import type { ChannelClient, ChannelPlace, DramChannel } from './channel.ts';
import { SharedBusChannel } from './sharedBusChannel.ts';
import { SplitActivateChannel } from './splitActivateChannel.ts';
import { TwoBusChannel } from './twoBusChannel.ts';

/** A channel of a memory at time 0. */
export function openChannel(
  spec: DramSpec,
  client: ChannelClient,
  place: ChannelPlace = { channel: 0, wakes: new Float64Array(1), bySource: new BurstCounts(2, false) },
): DramChannel {
  if (spec.commandBus === 'row and column') return new TwoBusChannel(spec, client, place);
  const isPlain = spec.activate === 'at once' && spec.dataClock !== 'on demand';
  return isPlain ? new SharedBusChannel(spec, client, place) : new SplitActivateChannel(spec, client, place);
}
