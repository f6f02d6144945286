/**
 * What follows the bursts of a banked memory where somebody watches its channels. The machine takes it from whoever does:
 * other runs do without.
 */
import { RecordedPort } from '../dram/recordedPort.ts';
import { ChannelWatch } from './channelWatch.ts';
import type { ChannelObserver } from './observer.ts';

/** Who watches, and what they need for it. */
export interface ChannelWatching {
  readonly observer: ChannelObserver;
  readonly ChannelWatch: typeof ChannelWatch;
  readonly RecordedPort: typeof RecordedPort;
}

/** For a machine whose channels an observer watches. */
export function watchedBy(observer: ChannelObserver): ChannelWatching {
  return { observer, ChannelWatch, RecordedPort };
}
