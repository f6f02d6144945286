/** What a DRAM file holds: organisation, timing and controller of one memory, in ticks of its clock. */
import { z } from 'zod';
import { BOUNDS, type Bound, countUpTo, naturalUpTo, numberWithin, positiveUpTo } from './bounds.ts';
import { COMMANDS, type Command, REFRESH_LEVELS, REFRESHES } from './dramNames.ts';
import { type Constraint, constraintSchema } from './dramRowSchema.ts';

const queue = countUpTo(BOUNDS.queue);
const cycles = naturalUpTo(BOUNDS.timing);
const interval = naturalUpTo(BOUNDS.refreshInterval);
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
      .describe('HBM issues a row and a column command in one cycle, DDR one command in all.'),
    commandCycles: z
      .partialRecord(z.enum(COMMANDS), countUpTo(BOUNDS.commandCycles))
      .readonly()
      .optional()
      .describe('Cycles that commands take on their bus, 1 if not named; latencies count from the last of them.'),
    clockPicoseconds: numberWithin(BOUNDS.memoryClockPicoseconds).describe(
      'Period of a tick of the memory clock in picoseconds.',
    ),
    ticksPerClock: countUpTo(BOUNDS.ticksPerClock)
      .default(1)
      .describe('2: all cycles are half clocks; but for precharges commands issue in odd ones.'),
    activate: z
      .enum(['at once', 'split'])
      .default('at once')
      .describe('split: ACT is two commands, the second at most AAD cycles after the first.'),
    dataClock: z
      .enum(['always on', 'on demand'])
      .default('always on')
      .describe('on demand: it stops WCKPST cycles after the last data, and a CAS before a column command starts it.'),
    refresh: z
      .enum(REFRESHES)
      .default('all-bank')
      .describe('All banks of a node each REFI cycles, or one bank each REFIpb cycles.'),
    refreshLevel: z.enum(REFRESH_LEVELS).default('rank').describe('What REFab refreshes at once.'),
    organization: z
      .strictObject({
        channels: powerOfTwo(BOUNDS.channelsOfMemory),
        pseudoChannels: powerOfTwo(BOUNDS.ofGroup).default(1).describe('Per channel, with a data bus each.'),
        ranks: powerOfTwo(BOUNDS.ofGroup).default(1).describe('Per pseudo channel.'),
        stacks: powerOfTwo(BOUNDS.ofGroup).default(1).describe('Stack ids per rank.'),
        bankGroups: powerOfTwo(BOUNDS.ofGroup).default(1).describe('Per stack id.'),
        banksPerGroup: powerOfTwo(BOUNDS.ofGroup),
        rowsPerBank: powerOfTwo(BOUNDS.accesses),
        accessesPerRow: powerOfTwo(BOUNDS.accesses).describe('Bursts in a row buffer.'),
        bytesPerAccess: powerOfTwo(BOUNDS.accessBytes).describe('Bytes per burst.'),
      })
      .describe('Powers of two.'),
    mapping: z
      .string()
      .describe(
        'Address fields, most significant first, of ro, ra, bg, ba, ch, co, pc and si. The offset in a burst lies below.',
      ),
    queues: z
      .strictObject({
        read: queue,
        write: queue,
        drainAbove: numberWithin(BOUNDS.share).describe('Share of the write queue above which writes go first.'),
        drainBelow: positiveUpTo(BOUNDS.share).describe('Share below which waiting reads take over again.'),
      })
      .describe('Request queues of a channel.'),
    timing: z
      .object({
        burst: countUpTo(BOUNDS.timing).describe('Cycles that a burst takes on the data bus.'),
        CL: cycles,
        CWL: cycles,
        REFI: interval.optional().describe('0: no refresh.'),
        RFC: cycles.optional(),
        REFIpb: interval.optional(),
        RFCpb: cycles.optional(),
        AAD: cycles.optional().describe('From the first half of a split ACT to the second at most.'),
        WCKPST: cycles.optional().describe('From the last data until the data clock stops.'),
      })
      .catchall(cycles)
      .describe('JEDEC timing in ticks, and whatever else constraints name.'),
    constraints: z
      .array(constraintSchema)
      .min(1)
      .readonly()
      .optional()
      .describe('What must be kept between commands; if there are none, what DDR4 and HBM2 have in common.'),
  })
  .meta({ title: 'Systole DRAM specification' });

/** A DRAM file as it is written, each field in its bounds. */
export type DramFile = Readonly<z.output<typeof dramSchema>>;

/** Timing parameters in ticks: those that the controller itself needs, and all that constraints name. */
export interface DramTiming {
  readonly [name: string]: number | undefined;
  readonly burst: number;
  readonly CL: number;
  readonly CWL: number;
  readonly REFI?: number | undefined;
  readonly RFC?: number | undefined;
  readonly REFIpb?: number | undefined;
  readonly RFCpb?: number | undefined;
  readonly AAD?: number | undefined;
  readonly WCKPST?: number | undefined;
}

/** A validated DRAM file; what it leaves out is filled in. */
export interface DramSpec extends Omit<DramFile, 'timing' | 'constraints' | 'commandCycles'> {
  readonly timing: DramTiming;
  readonly constraints: readonly Constraint[];
  readonly commandCycles: Readonly<Partial<Record<Command, number>>>;
}
