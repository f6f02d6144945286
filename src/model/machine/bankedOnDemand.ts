/** Banked memory in a file of its own, which is fetched for the first run that has one: what `bankedMemory.ts` is elsewhere. */
import type * as Banked from './bankedSide.ts';

/** Undefined until it is at hand. */
export let BankedSide: typeof Banked.BankedSide;

/** Fetches banked memory; ends when it is at hand. */
export async function bankedAtHand(): Promise<void> {
  ({ BankedSide } = await import('./bankedSide.ts'));
}
