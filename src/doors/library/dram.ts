/** A DRAM file's data → the memory behind the off-chip interfaces, with what a user changes in it. */
import { LAYOUTS } from '../../model/dram/layout.ts';
import { DEFAULT_SEED, type DramModel, SHARINGS } from '../../model/dram/model.ts';
import { type DramSpec, parseDram as parseDramFile } from '../../model/schemas/dram.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import { isLatencyFile, parseLatency } from '../../model/schemas/latency.ts';
import {
  type DramChanges,
  type DramChoice,
  type DramWords,
  neededToShare,
  refuse,
  refuseBankedChoices,
  refuseSeed,
} from './dramChoice.ts';

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

/** The memory of a file's data: banked, or a pipe with latency. Throws an InputError for the first thing wrong. */
export function dramModelOf(value: unknown, file: string, choice: DramChoice, words: DramWords): DramModel {
  const { layout = 'tiles', sharing = 'shared', seed = DEFAULT_SEED } = choice;
  if (isLatencyFile(value)) {
    refuseBankedChoices(choice, words);
    return { kind: 'latency', spec: parseLatency(value, file), seed };
  }
  refuseSeed(choice, words);
  const spec = changedDram(value, file, choice, words);
  const complain = (name: 'layout' | 'sharing', expected: string): never => {
    throw new InputError({ file: words.choice(name), path: '', value: choice[name], expected });
  };
  if (!LAYOUTS.includes(layout)) complain('layout', LAYOUTS.join(', '));
  if (!SHARINGS.includes(sharing)) complain('sharing', SHARINGS.join(', '));
  const needed = neededToShare(sharing, spec);
  if (needed !== undefined) complain('sharing', needed);
  const changes = changesInWords(choice);
  return { kind: 'banked', spec, layout, sharing, ...(changes.length > 0 && { changes }) };
}

/** What reports say of changes that do not show in what they say of every memory. */
function changesInWords({ mapping, wck }: DramChanges): string[] {
  return [...(mapping === undefined ? [] : [`mapping ${mapping}`]), ...(wck === undefined ? [] : [`WCK ${wck}`])];
}
