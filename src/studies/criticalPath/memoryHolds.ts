/**
 * What holds up a load in banked memory: refreshes, and rows that must be opened, in the channel that serves its last
 * burst. Between two of its bursts there a refresh counts first, then the opening of the next one's row, as far as the
 * channel's bus moves nothing else meanwhile. What of that the interface's own pace hides is for others to leave out.
 */
import type { BurstService } from '../../model/dram/channelListener.ts';
import type { ChannelObserver, TileMove } from '../../model/machine/observer.ts';

/** A stretch of a load's time in which nothing of it could travel. */
export interface Hold {
  readonly from: number;
  readonly to: number;
  readonly reason: 'row' | 'refresh';
}

/** Refreshes of a channel that are remembered: a load between whose bursts more of them lie waits for something else. */
const MOST_REFRESHES = 256;

interface Channel {
  readonly refreshes: { readonly from: number; readonly to: number }[];
  /** When its bus was last done with a burst. */
  busy: number;
}

/** The bursts of a tile in one channel. */
interface Served {
  /** When the last one's data was there. */
  end: number;
  readonly holds: Hold[];
}

export class MemoryHolds implements ChannelObserver {
  private readonly channels: Channel[] = [];
  private readonly served = new Map<TileMove, Map<number, Served>>();
  /** The machine's cycle, over all that it has run, at which the program began that runs now. */
  private begin = 0;

  /** Another program begins, at a cycle of all that has run so far; returns itself. */
  startingAt(begin: number): this {
    this.begin = begin;
    this.served.clear();
    return this;
  }

  refreshed(number: number, from: number, to: number): void {
    const { refreshes } = this.channelAt(number);
    refreshes.push({ from, to });
    if (refreshes.length > MOST_REFRESHES) refreshes.shift();
  }

  burstServed(number: number, _layer: number, move: TileMove, service: BurstService, start: number, end: number): void {
    const channel = this.channelAt(number);
    if (move.direction === 'load') {
      const served = this.servedIn(move, number);
      if (start > served.end) this.hold(served, channel, start, service);
      if (end > served.end) served.end = end;
    }
    if (end > channel.busy) channel.busy = end;
  }

  /** The holds of a load whose tiles these are, in its program's cycles; it is over. */
  holdsOf(moves: readonly TileMove[]): readonly Hold[] {
    const channels = moves.flatMap((move) => [...(this.served.get(move)?.values() ?? [])]);
    for (const move of moves) this.served.delete(move);
    const last = channels.reduce<Served | undefined>(
      (latest, served) => (latest === undefined || served.end > latest.end ? served : latest),
      undefined,
    );
    const { begin } = this;
    return (last?.holds ?? []).map(({ from, to, reason }) => ({ from: from - begin, to: to - begin, reason }));
  }

  /** From the tile's burst before to its next one, which begins at `start`. */
  private hold({ end, holds }: Served, { refreshes, busy }: Channel, start: number, service: BurstService): void {
    let from = end;
    for (const refresh of refreshes) {
      const [begin, over] = [Math.max(from, refresh.from), Math.min(start, refresh.to)];
      if (over <= begin) continue;
      holds.push({ from: begin, to: over, reason: 'refresh' });
      from = over;
    }
    from = Math.max(from, busy);
    if (service === 'row miss' && start > from) holds.push({ from, to: start, reason: 'row' });
  }

  private channelAt(number: number): Channel {
    this.channels[number] ??= { refreshes: [], busy: 0 };
    return this.channels[number];
  }

  private servedIn(move: TileMove, number: number): Served {
    const channels = this.served.get(move) ?? new Map<number, Served>();
    this.served.set(move, channels);
    const served = channels.get(number) ?? { end: this.begin, holds: [] };
    channels.set(number, served);
    return served;
  }
}
