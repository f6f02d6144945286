/** The DRAM file: organisation, timing and controller of one memory, in memory clock cycles. */
import { z } from 'zod';
import { BOUNDS, type Bound, countUpTo, naturalUpTo, numberWithin, positiveUpTo } from './bounds.ts';
import { Problems } from './inputError.ts';
import { validate } from './parse.ts';

const queue = countUpTo(BOUNDS.queue);
const cycles = naturalUpTo(BOUNDS.timing);
const powerOfTwo = (bound: Bound) =>
  countUpTo(bound).refine((value) => Number.isInteger(Math.log2(value)), { error: 'a power of two' });

export const dramSchema = z
  .strictObject({
    $schema: z.string().optional().describe('Where editors find this schema.'),
    name: z.string().min(1).describe('Name shown in results.'),
    description: z.string().optional(),
    isValidated: z.boolean().describe('Whether the controller has been compared with a reference on these numbers.'),
    commandBus: z
      .enum(['row and column', 'shared'])
      .describe('HBM issues a row and a column command in one cycle (ACT takes two); DDR one command in all.'),
    clockPicoseconds: numberWithin(BOUNDS.memoryClockPicoseconds).describe(
      'Period of the memory clock in picoseconds.',
    ),
    organization: z
      .strictObject({
        channels: powerOfTwo(BOUNDS.channelsOfMemory),
        bankGroups: powerOfTwo(BOUNDS.ofGroup).describe('Per channel; one rank is modelled.'),
        banksPerGroup: powerOfTwo(BOUNDS.ofGroup),
        rowsPerBank: powerOfTwo(BOUNDS.accesses),
        accessesPerRow: powerOfTwo(BOUNDS.accesses).describe('Bursts in a row buffer.'),
        bytesPerAccess: powerOfTwo(BOUNDS.accessBytes).describe('Bytes per burst.'),
      })
      .describe('Powers of two.'),
    mapping: z
      .string()
      .describe('Address fields, most significant first: ro, ra, bg, ba, ch, co. The offset in a burst lies below.'),
    queues: z
      .strictObject({
        read: queue,
        write: queue,
        drainAbove: numberWithin(BOUNDS.share).describe('Share of the write queue above which writes go first.'),
        drainBelow: positiveUpTo(BOUNDS.share).describe('Share below which waiting reads take over again.'),
      })
      .describe('Request queues of a channel.'),
    timing: z
      .strictObject({
        burst: countUpTo(BOUNDS.timing).describe('Cycles that a burst takes on the data bus.'),
        CL: cycles,
        CWL: cycles,
        RCD_RD: cycles,
        RCD_WR: cycles,
        RP: cycles,
        RAS: cycles,
        RC: cycles,
        WR: cycles,
        RTP: cycles,
        CCD_S: cycles,
        CCD_L: cycles,
        RRD_S: cycles,
        RRD_L: cycles,
        WTR_S: cycles,
        WTR_L: cycles,
        RTW: cycles.describe('Gap from a read burst to a write burst.'),
        FAW: cycles,
        REFI: naturalUpTo(BOUNDS.refreshInterval).describe('0: no refresh.'),
        RFC: cycles,
      })
      .describe('JEDEC timing in memory clock cycles.'),
  })
  .meta({ title: 'Systole DRAM specification' });

/** A validated DRAM file. */
export type DramSpec = Readonly<z.infer<typeof dramSchema>>;

/** The fields of a mapping string: row, rank (one only), bank group, bank, channel, column. */
export const ADDRESS_FIELDS = ['ro', 'ra', 'bg', 'ba', 'ch', 'co'] as const;
export type AddressField = (typeof ADDRESS_FIELDS)[number];

/** `rorabgbachco` → its fields, most significant first. */
export function fieldsOf(mapping: string): AddressField[] {
  return (mapping.match(/../g) ?? []) as AddressField[];
}

/** All queue entries of all channels. */
const MOST_ENTRIES = 2 ** 20;

/** Validates a parsed DRAM file; throws an InputError that names everything that is wrong. */
export function parseDram(value: unknown, file: string): DramSpec {
  const spec = validate(dramSchema, value, file);
  const { mapping, organization: org, queues, timing } = spec;
  const problems = new Problems();
  const expect = (holds: boolean, path: string, found: unknown, expected: string): void => {
    if (!holds) problems.add({ file, path, value: found, expected });
  };
  const fields = fieldsOf(mapping);
  const isMapping =
    mapping.length === 2 * ADDRESS_FIELDS.length && ADDRESS_FIELDS.every((each) => fields.includes(each));
  expect(isMapping, 'mapping', mapping, `${ADDRESS_FIELDS.join(', ')}, each once`);
  const banks = org.bankGroups * org.banksPerGroup;
  const mostBanks = BOUNDS.banks.most;
  expect(banks <= mostBanks, 'organization.banksPerGroup', org.banksPerGroup, `at most ${mostBanks} banks per channel`);
  const accesses = org.channels * banks * org.rowsPerBank * org.accessesPerRow;
  expect(accesses <= BOUNDS.accesses.most, 'organization', accesses, 'at most 2³¹ bursts in all');
  const entries = org.channels * (queues.read + queues.write);
  expect(entries <= MOST_ENTRIES, 'queues', entries, 'at most 2²⁰ entries in the queues of all channels');
  const { drainAbove, drainBelow } = queues;
  expect(drainBelow <= drainAbove, 'queues.drainBelow', drainBelow, `at most drainAbove (${drainAbove})`);
  // Else a refresh is due before the one before it has ended, and nothing else ever happens.
  const { REFI, RFC, RP } = timing;
  const room = `0, or more than ${RFC + RP}, to leave room for RFC (${RFC}) and the precharge before it (RP, ${RP})`;
  expect(REFI === 0 || REFI > RFC + RP, 'timing.REFI', REFI, room);
  problems.throwIfAny();
  return spec;
}
