/** What a user may choose of a memory, beside what its file says. */
import { LAYOUTS, type Layout } from '../../model/dram/layout.ts';
import { SHARINGS, type Sharing } from '../../model/dram/model.ts';
import { INTERFACES } from '../../model/machine/observer.ts';
import type { DramSpec } from '../../model/schemas/dram.ts';
import { REFRESHES } from '../../model/schemas/dramNames.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import { count, type KindsOf, positive, text, word } from './kinds.ts';

/** What a memory would need to be shared like that; undefined if it has it. */
export function neededToShare(sharing: Sharing, { name, organization: { channels } }: DramSpec): string | undefined {
  if (sharing !== 'split' || channels >= INTERFACES.length) return undefined;
  return `a memory with at least ${INTERFACES.length} channels (${name} has ${channels})`;
}

/** What a user changes in the data of a banked memory. */
export interface DramChanges {
  /** Channels, a power of two. */
  readonly channels?: number | undefined;
  /** Address fields, most significant first, such as `rorabgbachco`. */
  readonly mapping?: string | undefined;
  /** Ranks of each channel, a power of two. */
  readonly ranks?: number | undefined;
  /** All banks of a rank at once, one by one, or never. */
  readonly refresh?: DramSpec['refresh'] | undefined;
  /** Period of its clock in picoseconds; every time in cycles stays. */
  readonly clock?: number | undefined;
  /** The data clock of LPDDR5 need not be started again. */
  readonly wck?: 'always-on' | undefined;
}

/** How a memory is used. */
export interface DramChoice extends DramChanges {
  /** How tensors lie in banked memory: `tiles` unless given. */
  readonly layout?: Layout | undefined;
  /** The channels of banked memory: `shared` by the interfaces (unless given), `split`, or a copy each (`private`). */
  readonly sharing?: Sharing | undefined;
  /** Seed of the jitter of a memory with latency; `1` unless given. */
  readonly seed?: string | undefined;
}

/** What these may be; whether they go with the memory is for whoever reads its file. */
export const DRAM_CHOICE: KindsOf<DramChoice> = {
  layout: word(LAYOUTS),
  sharing: word(SHARINGS),
  seed: text,
  channels: count,
  mapping: text,
  ranks: count,
  refresh: word(REFRESHES),
  clock: positive,
  wck: word(['always-on']),
};

/** What messages call a choice, and the memory with the choices. */
export interface DramWords {
  readonly choice: (name: keyof DramChoice) => string;
  /** The data with their changes. */
  readonly changed: string;
  /** What takes banked memory. */
  readonly needsBanked: string;
}

/** Throws an InputError about a choice that is made where it can change nothing. */
export function refuse(file: string, value: unknown, needs: string): void {
  if (value === undefined) return;
  throw new InputError({ file, path: '', value, expected: `${needs}, without which it changes nothing` });
}

/** What only banked memory has. */
const BANKED_CHOICES = ['layout', 'sharing', 'channels', 'mapping', 'ranks', 'refresh', 'clock', 'wck'] as const;

/** Throws an InputError for a seed where nothing is random: only the jitter of a memory with latency is. */
export function refuseSeed({ seed }: DramChoice, words: DramWords): void {
  refuse(words.choice('seed'), seed, 'a memory with latency');
}

/** Throws an InputError for the first choice that only banked memory has. */
export function refuseBankedChoices(choice: DramChoice, words: DramWords): void {
  for (const name of BANKED_CHOICES) refuse(words.choice(name), choice[name], words.needsBanked);
}
