/** The timing of a DRAM file that states none of its own. */
import type { Command, Level } from './dramNames.ts';
import type { Constraint } from './dramRowSchema.ts';

const row = (
  level: Level,
  from: Command[],
  to: Command[],
  cycles: string,
  more: Partial<Constraint> = {},
): Constraint => ({
  level,
  from,
  to,
  cycles,
  ...more,
});

/** What DDR4 and HBM2 have in common. */
export const COMMON_CONSTRAINTS: readonly Constraint[] = [
  row('channel', ['RD'], ['RD'], 'burst'),
  row('channel', ['WR'], ['WR'], 'burst'),
  row('rank', ['RD'], ['RD'], 'CCD_S'),
  row('rank', ['WR'], ['WR'], 'CCD_S'),
  row('rank', ['RD'], ['WR'], 'CL + burst + RTW - CWL'),
  row('rank', ['WR'], ['RD'], 'CWL + burst + WTR_S'),
  row('rank', ['RD'], ['PREab'], 'RTP'),
  row('rank', ['WR'], ['PREab'], 'CWL + burst + WR'),
  row('rank', ['ACT'], ['ACT'], 'RRD_S'),
  row('rank', ['ACT'], ['ACT'], 'FAW', { window: 4 }),
  row('rank', ['ACT'], ['PREab'], 'RAS'),
  row('rank', ['PREab'], ['ACT'], 'RP'),
  row('rank', ['ACT'], ['REFab'], 'RC'),
  row('rank', ['PREpb', 'PREab'], ['REFab'], 'RP'),
  row('rank', ['REFab'], ['ACT', 'PREab'], 'RFC'),
  row('bank group', ['RD'], ['RD'], 'CCD_L'),
  row('bank group', ['WR'], ['WR'], 'CCD_L'),
  row('bank group', ['WR'], ['RD'], 'CWL + burst + WTR_L'),
  row('bank group', ['ACT'], ['ACT'], 'RRD_L'),
  row('bank', ['ACT'], ['ACT'], 'RC'),
  row('bank', ['ACT'], ['RD'], 'RCD_RD'),
  row('bank', ['ACT'], ['WR'], 'RCD_WR'),
  row('bank', ['ACT'], ['PREpb'], 'RAS'),
  row('bank', ['PREpb'], ['ACT'], 'RP'),
  row('bank', ['RD'], ['PREpb'], 'RTP'),
  row('bank', ['WR'], ['PREpb'], 'CWL + burst + WR'),
];
