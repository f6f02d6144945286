/**
 * A channel that tells what its bus does. A memory that nobody watches is made of plain channels: watching costs it
 * nothing.
 */
import type { DramSpec } from '../schemas/dram.ts';
import { type ChannelClient, DramChannel } from './channel.ts';

/** How a burst was served: its row was open, it had to be opened, or a waiting write answered or absorbed it. */
export type BurstService = 'row hit' | 'row miss' | 'forwarded';

/** Hears of the bursts and refreshes of one channel, in memory cycles. */
export interface ChannelListener {
  /** A burst's data is on the bus up to `endCycle`, where a forwarded one is answered; `tag` as it was offered with. */
  served(tag: number, isWrite: boolean, endCycle: number, service: BurstService): void;
  /** A refresh has begun. */
  refreshed(cycle: number): void;
}

/** Passes on what a channel tells, and works out how it served each burst. */
class ServiceTeller implements ChannelClient {
  channel: DramChannel | undefined;
  private readonly client: ChannelClient;
  private readonly listener: ChannelListener;
  private rowHits = 0;
  private rowMisses = 0;

  constructor(client: ChannelClient, listener: ChannelListener) {
    this.client = client;
    this.listener = listener;
  }

  dataScheduled(tag: number, isWrite: boolean, endCycle: number): void {
    const { rowHits, rowMisses } = this.channel!;
    const service = rowHits > this.rowHits ? 'row hit' : rowMisses > this.rowMisses ? 'row miss' : 'forwarded';
    this.rowHits = rowHits;
    this.rowMisses = rowMisses;
    this.listener.served(tag, isWrite, endCycle, service);
    this.client.dataScheduled(tag, isWrite, endCycle);
  }
}

export class WatchedChannel extends DramChannel {
  private readonly listener: ChannelListener;

  constructor(spec: DramSpec, client: ChannelClient, listener: ChannelListener) {
    const teller = new ServiceTeller(client, listener);
    super(spec, teller);
    teller.channel = this;
    this.listener = listener;
  }

  override look(cycle: number): void {
    const { refreshes } = this;
    super.look(cycle);
    if (this.refreshes > refreshes) this.listener.refreshed(cycle);
  }
}
