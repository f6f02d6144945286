/** What a channel tells whoever listens. Without a listener it costs nothing. */

/** How a burst was served: its row was open, it had to be opened, or a waiting write answered or absorbed it. */
export type BurstService = 'row hit' | 'row miss' | 'forwarded';

/** Hears of the bursts and refreshes of one channel, in memory cycles. */
export interface ChannelListener {
  /** A burst's data is on the bus up to `endCycle`, where a forwarded one is answered; `source` and `tag` as it was offered with. */
  served(source: number, tag: number, isWrite: boolean, endCycle: number, service: BurstService): void;
  /** A refresh has begun. */
  refreshed(cycle: number): void;
}
