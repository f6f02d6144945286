/** The channels of a memory and when each is worth a look: what the arbiter and the replay of requests share. */
import type { DramSpec } from '../schemas/dram.ts';
import type { Traffic, TrafficLatencies } from './burstCounts.ts';
import type { BurstSources } from './burstSources.ts';
import type { ChannelClient, DramChannel } from './channel.ts';
import type { ChannelListener } from './channelListener.ts';
import { openChannel } from './openChannel.ts';

const NEVER = Number.POSITIVE_INFINITY;

/** What a channel has done. */
export interface ChannelDone extends Traffic {
  readonly refreshes: number;
  /** Where they are counted. */
  readonly latencies?: TrafficLatencies;
}

export class Channels {
  readonly all: readonly DramChannel[];
  /** The next cycle in which any channel is worth a look, as `look` has left them: what comes since then may make it earlier. */
  next: number;
  /** Per channel the next cycle worth a look: the channels' own. */
  readonly wakes: Float64Array;

  /** `sources`: who offers bursts, and where all channels count them. */
  constructor(
    spec: DramSpec,
    client: ChannelClient,
    sources: BurstSources,
    listenerOf?: (channel: number) => ChannelListener | undefined,
  ) {
    const { channels } = spec.organization;
    const bySource = sources.counts;
    this.wakes = new Float64Array(channels);
    this.all = Array.from({ length: channels }, (_, channel) =>
      openChannel(spec, client, { wakes: this.wakes, channel, bySource, listener: listenerOf?.(channel) }),
    );
    this.next = Math.min(...this.wakes);
  }

  /** Does what cycle `c`, no later than any wake, allows; returns whether a place in a queue has become free. */
  look(c: number): boolean {
    const { all, wakes } = this;
    let hasRoom = false;
    let next = NEVER;
    for (let channel = 0; channel < wakes.length; channel++) {
      if (wakes[channel] === c && all[channel]!.look(c)) hasRoom = true;
      const wake = wakes[channel]!;
      if (wake < next) next = wake;
    }
    this.next = next;
    return hasRoom;
  }

  /** The next cycle in which any channel but one is worth a look. */
  nextBeside(channel: number): number {
    const { wakes } = this;
    let next = NEVER;
    for (let other = 0; other < wakes.length; other++) {
      if (other !== channel && wakes[other]! < next) next = wakes[other]!;
    }
    return next;
  }

  /** Looks at every cycle before `until` that is worth it; until then nothing arrives. */
  rest(until: number): void {
    let next = NEVER;
    for (const channel of this.all) {
      channel.rest(until);
      next = Math.min(next, channel.wake);
    }
    this.next = next;
  }

  /** What each has done so far; also makes what is counted by source complete. */
  done(): ChannelDone[] {
    return this.all.map((channel) => {
      channel.settleLatencies();
      const { refreshes, bursts } = channel;
      const latencies = bursts.latenciesOf(0);
      return { refreshes, ...bursts.traffic(0), ...(latencies && { latencies }) };
    });
  }

  /** Whether no request is queued or active anywhere. */
  isIdle(): boolean {
    return this.all.every((channel) => channel.isIdle());
  }
}
