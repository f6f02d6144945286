/** The words of a DRAM file: levels, commands, fields of an address. */

/** The levels of a channel's tree, from the channel itself down to a bank. */
export const LEVELS = ['channel', 'pseudo channel', 'rank', 'stack', 'bank group', 'bank'] as const;
export type Level = (typeof LEVELS)[number];

/** The commands that rows are about; PREab and REFab act on all banks of a node, the others on one bank. */
export const COMMANDS = ['ACT', 'PREpb', 'PREab', 'RD', 'WR', 'REFab', 'REFpb'] as const;
export type Command = (typeof COMMANDS)[number];

/** When banks are refreshed, and which at once. */
export const REFRESHES = ['all-bank', 'per-bank', 'off'] as const;

/** What REFab may refresh at once. */
export const REFRESH_LEVELS = ['channel', 'pseudo channel', 'rank', 'stack'] as const satisfies readonly Level[];

/** The fields of a mapping string: row, pseudo channel, rank, stack id, bank group, bank, channel, column. */
export const ADDRESS_FIELDS = ['ro', 'pc', 'ra', 'si', 'bg', 'ba', 'ch', 'co'] as const;
export type AddressField = (typeof ADDRESS_FIELDS)[number];

/** `rorabgbachco` → its fields, most significant first. */
export function fieldsOf(mapping: string): AddressField[] {
  return (mapping.match(/../g) ?? []) as AddressField[];
}

/** What a memory is made of, as far as addresses go. */
type Organization = Readonly<
  Record<
    | 'rowsPerBank'
    | 'pseudoChannels'
    | 'ranks'
    | 'stacks'
    | 'bankGroups'
    | 'banksPerGroup'
    | 'channels'
    | 'accessesPerRow',
    number
  >
>;

/** How many values each field of an address takes. */
export function fieldSizes({
  organization: org,
}: {
  readonly organization: Organization;
}): Record<AddressField, number> {
  return {
    ro: org.rowsPerBank,
    pc: org.pseudoChannels,
    ra: org.ranks,
    si: org.stacks,
    bg: org.bankGroups,
    ba: org.banksPerGroup,
    ch: org.channels,
    co: org.accessesPerRow,
  };
}
