/** How commands name a memory, and what their options change in it. */
import { InvalidArgumentError, Option } from '@commander-js/extra-typings';
import type { Layout } from '../../model/dram/layout.ts';
import { type DramModel, IDEAL, type Sharing } from '../../model/dram/model.ts';
import { BOUNDS } from '../../model/schemas/bounds.ts';
import type { DramSpec } from '../../model/schemas/dram.ts';
import { REFRESHES } from '../../model/schemas/dramNames.ts';
import { type DramChanges, type DramChoice, type DramWords, refuseBankedChoices } from '../library/dramChoice.ts';
import { presetNames } from './files.ts';
import { countOption } from './options.ts';

/** What the command line changes in a DRAM preset or file. */
export interface DramOverrides extends Omit<DramChanges, 'refresh' | 'clock'> {
  /** False: never, as `off`. */
  readonly refresh?: DramSpec['refresh'] | boolean | undefined;
  /** Period of its clock in picoseconds. */
  readonly dramClock?: number | undefined;
}

/** How a network command names its DRAM. */
export interface DramOptions extends Omit<DramOverrides, 'channels' | 'mapping'> {
  readonly dram: string;
  /** `tiles` unless given. */
  readonly dramLayout?: Layout | undefined;
  /** `shared` unless given. */
  readonly dramSharing?: Sharing | undefined;
  readonly dramChannels?: number | undefined;
  readonly dramMapping?: string | undefined;
  readonly seed: string;
}

/** Where the presets of memories lie, and the one of them that has no banks. */
export const DRAM_FOLDER = 'hw/dram';
export const WITHOUT_BANKS = 'latency';

/** The banked memories by name, as help lists them. */
export function bankedInWords(): string {
  return presetNames(DRAM_FOLDER)
    .filter((name) => name !== WITHOUT_BANKS)
    .join(', ');
}

/** The options of every command that takes a banked memory, but for those that go by other names. */
export const ranksOption = () =>
  new Option('--ranks <n>', 'ranks of each channel of banked DRAM, a power of two').argParser(
    countOption(BOUNDS.ofGroup),
  );
export const refreshOption = () =>
  new Option('--refresh <mode>', 'of banked DRAM: all banks of a rank at once, one by one, or never').choices(
    REFRESHES,
  );
export const clockOption = () =>
  new Option('--dram-clock <ps>', 'period of the clock of banked DRAM, in picoseconds').argParser((text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (Number.isFinite(value)) return value;
    throw new InvalidArgumentError('expected a number of picoseconds.');
  });
export const wckOption = () =>
  new Option('--wck <mode>', 'data clock of LPDDR5: it need not be started again').choices(['always-on'] as const);

/** The options by the names of what they choose. */
const OPTIONS: Readonly<Record<keyof DramChoice, string>> = {
  layout: '--dram-layout',
  sharing: '--dram-sharing',
  channels: '--dram-channels',
  mapping: '--dram-mapping',
  ranks: '--ranks',
  refresh: '--refresh',
  clock: '--dram-clock',
  wck: '--wck',
  seed: '--seed',
};

/** What messages call the choices of a memory. */
export const wordsFor = (dram: string, option: string): DramWords => ({
  choice: (name) => OPTIONS[name],
  changed: `${option} ${dram} with the other options`,
  needsBanked: `banked DRAM, not --dram ${dram}`,
});

/** What is left of `--refresh` and `--no-refresh`. */
export function refreshMeant({ refresh }: Pick<DramOverrides, 'refresh'>): DramSpec['refresh'] | undefined {
  if (refresh === false) return 'off';
  return refresh === true ? undefined : refresh;
}

/** What the options choose of a memory, but for the seed: that is of everything random in a run. */
export function choiceOf(options: DramOptions): DramChoice {
  const { dramLayout, dramSharing, dramChannels, dramMapping, dramClock: clock, ranks, wck } = options;
  const banked = { layout: dramLayout, sharing: dramSharing, channels: dramChannels, mapping: dramMapping };
  return { ...banked, ranks, refresh: refreshMeant(options), clock, wck };
}

/** The ideal memory, if that is what the options name: it has no file, and nothing to choose. */
export function idealModel(options: DramOptions, option = '--dram'): DramModel | undefined {
  if (options.dram.toLowerCase() !== 'ideal') return undefined;
  refuseBankedChoices(choiceOf(options), wordsFor(options.dram, option));
  return IDEAL;
}
