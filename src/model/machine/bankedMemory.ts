/** Banked memory, at hand from the start. The file for a browser's worker has `bankedOnDemand.ts` in place of this one. */
export { BankedSide } from './bankedSide.ts';

/** Ends when banked memory is at hand. */
export const bankedAtHand = async (): Promise<void> => {};
