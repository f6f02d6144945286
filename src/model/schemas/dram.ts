/** The DRAM file: organisation, timing and controller of one memory, in memory clock cycles. */
import { z } from 'zod';
import { InputError } from './inputError.ts';
import { validate } from './parse.ts';

const count = z.int().positive();
const cycles = z.int().nonnegative();
const powerOfTwo = count.refine((value) => Number.isInteger(Math.log2(value)), { error: 'a power of two' });

export const dramSchema = z
  .strictObject({
    $schema: z.string().optional().describe('Where editors find this schema.'),
    name: z.string().min(1).describe('Name shown in results.'),
    description: z.string().optional(),
    isValidated: z.boolean().describe('Whether the controller has been compared with a reference on these numbers.'),
    commandBus: z
      .enum(['row and column', 'shared'])
      .describe('HBM issues a row and a column command in one cycle (ACT takes two); DDR one command in all.'),
    clockPicoseconds: z.number().positive().describe('Period of the memory clock in picoseconds.'),
    organization: z
      .strictObject({
        channels: powerOfTwo,
        bankGroups: powerOfTwo.describe('Per channel; one rank is modelled.'),
        banksPerGroup: powerOfTwo,
        rowsPerBank: powerOfTwo,
        accessesPerRow: powerOfTwo.describe('Bursts in a row buffer.'),
        bytesPerAccess: powerOfTwo.describe('Bytes per burst.'),
      })
      .describe('Powers of two.'),
    mapping: z
      .string()
      .describe('Address fields, most significant first: ro, ra, bg, ba, ch, co. The offset in a burst lies below.'),
    queues: z
      .strictObject({
        read: count,
        write: count,
        drainAbove: z.number().min(0).max(1).describe('Share of the write queue above which writes go first.'),
        drainBelow: z.number().positive().max(1).describe('Share below which waiting reads take over again.'),
      })
      .describe('Request queues of a channel.'),
    timing: z
      .strictObject({
        burst: count.describe('Cycles that a burst takes on the data bus.'),
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
        REFI: cycles.describe('0: no refresh.'),
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

/** What the controller keeps of banks fits in the bits of one word. */
const MOST_BANKS = 32;
/** Addresses are decoded with 32-bit arithmetic. */
const MOST_ACCESSES = 2 ** 31;

/** Validates a parsed DRAM file; throws an InputError that names the first thing wrong. */
export function parseDram(value: unknown, file: string): DramSpec {
  const spec = validate(dramSchema, value, file);
  const { mapping, organization: org, queues } = spec;
  const fields = fieldsOf(mapping);
  if (mapping.length !== 2 * ADDRESS_FIELDS.length || !ADDRESS_FIELDS.every((field) => fields.includes(field))) {
    throw new InputError({
      file,
      path: 'mapping',
      value: mapping,
      expected: `${ADDRESS_FIELDS.join(', ')}, each once`,
    });
  }
  const banks = org.bankGroups * org.banksPerGroup;
  if (banks > MOST_BANKS) {
    throw new InputError({
      file,
      path: 'organization.banksPerGroup',
      value: org.banksPerGroup,
      expected: `at most ${MOST_BANKS} banks per channel`,
    });
  }
  const accesses = org.channels * org.bankGroups * org.banksPerGroup * org.rowsPerBank * org.accessesPerRow;
  if (accesses > MOST_ACCESSES) {
    throw new InputError({ file, path: 'organization', value: accesses, expected: 'at most 2³¹ bursts in all' });
  }
  if (queues.drainBelow > queues.drainAbove) {
    throw new InputError({
      file,
      path: 'queues.drainBelow',
      value: queues.drainBelow,
      expected: `at most drainAbove (${queues.drainAbove})`,
    });
  }
  return spec;
}
