/** A DRAM file's data → the memory behind the off-chip interfaces, with what a user changes in it. */

import { LAYOUTS, type Layout } from '../../model/dram/layout.ts';
import { type DramModel, SHARINGS, type Sharing } from '../../model/dram/model.ts';
import { INTERFACES } from '../../model/machine/observer.ts';
import { type DramSpec, parseDram as parseDramFile } from '../../model/schemas/dram.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import { isLatencyFile, parseLatency } from '../../model/schemas/latency.ts';

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

/** What messages call a choice, and the memory with the choices. */
export interface DramWords {
  readonly choice: (name: keyof DramChoice) => string;
  /** The data with their changes. */
  readonly changed: string;
  /** What takes banked memory. */
  readonly needsBanked: string;
}

function refuse(file: string, value: unknown, needs: string): void {
  if (value === undefined) return;
  throw new InputError({ file, path: '', value, expected: `${needs}, without which it changes nothing` });
}

/** The data of a banked memory with changes, validated as a whole; throws an InputError where that is no memory. */
export function changedDram(value: unknown, file: string, changes: DramChanges, words: DramWords): DramSpec {
  const spec = parseDramFile(value, file);
  const { channels, mapping, ranks, refresh, clock = spec.clockPicoseconds, wck } = changes;
  if (spec.dataClock === 'always on') refuse(words.choice('wck'), wck, 'a memory whose data clock stops');
  const changed: DramSpec = {
    ...spec,
    name: clock === spec.clockPicoseconds ? spec.name : `${spec.name} at ${clock} ps`,
    clockPicoseconds: clock,
    mapping: mapping ?? spec.mapping,
    refresh: refresh ?? spec.refresh,
    dataClock: wck === undefined ? spec.dataClock : 'always on',
    organization: {
      ...spec.organization,
      channels: channels ?? spec.organization.channels,
      ranks: ranks ?? spec.organization.ranks,
    },
  };
  return parseDramFile(changed, words.changed);
}

/** What only banked memory has. */
const BANKED_CHOICES = ['layout', 'sharing', 'channels', 'mapping', 'ranks', 'refresh', 'clock', 'wck'] as const;

/** Throws an InputError for the first choice that only banked memory has. */
export function refuseBankedChoices(choice: DramChoice, words: DramWords): void {
  for (const name of BANKED_CHOICES) refuse(words.choice(name), choice[name], words.needsBanked);
}

/** The memory of a file's data: banked, or a pipe with latency. Throws an InputError for the first thing wrong. */
export function dramModelOf(value: unknown, file: string, choice: DramChoice, words: DramWords): DramModel {
  const { layout = 'tiles', sharing = 'shared', seed = '1' } = choice;
  if (isLatencyFile(value)) {
    refuseBankedChoices(choice, words);
    return { kind: 'latency', spec: parseLatency(value, file), seed };
  }
  const spec = changedDram(value, file, choice, words);
  const complain = (name: 'layout' | 'sharing', expected: string): never => {
    throw new InputError({ file: words.choice(name), path: '', value: choice[name], expected });
  };
  if (!LAYOUTS.includes(layout)) complain('layout', LAYOUTS.join(', '));
  if (!SHARINGS.includes(sharing)) complain('sharing', SHARINGS.join(', '));
  if (sharing === 'split' && spec.organization.channels < INTERFACES.length) {
    const expected = `a memory with at least ${INTERFACES.length} channels (${spec.name} has ${spec.organization.channels})`;
    complain('sharing', expected);
  }
  return { kind: 'banked', spec, layout, sharing };
}
