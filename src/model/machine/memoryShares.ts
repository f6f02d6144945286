/** Which memories stand for a banked model, and whose each is. */
import type { DramModel } from '../dram/model.ts';
import { INTERFACES, type InterfaceName } from './observer.ts';

/** A memory with banks and channels. */
export type BankedModel = Extract<DramModel, { kind: 'banked' }>;

/** A memory, the interfaces at it, its channels, and the number of the first among those of all memories. */
export interface MemoryShare {
  readonly names: readonly InterfaceName[];
  readonly channels: number;
  readonly firstChannel: number;
}

/** The memories that a banked model stands for: one that the interfaces share, or one for each. */
export function memorySharesOf({ spec, sharing }: BankedModel): MemoryShare[] {
  const all = spec.organization.channels;
  if (sharing === 'shared') return [{ names: INTERFACES, channels: all, firstChannel: 0 }];
  const channels = sharing === 'split' ? all / INTERFACES.length : all;
  return INTERFACES.map((name, place) => ({ names: [name], channels, firstChannel: place * channels }));
}

/** The channels of all memories that a banked model stands for. */
export function channelsOf(dram: BankedModel): number {
  return memorySharesOf(dram).reduce((sum, { channels }) => sum + channels, 0);
}
