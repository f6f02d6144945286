/** How commands name a memory, and what their options change in it. */
import { Option } from '@commander-js/extra-typings';
import type { DramModel, Sharing } from '../../model/dram/model.ts';
import type { Layout } from '../../model/dram/placement.ts';
import { INTERFACES } from '../../model/machine/observer.ts';
import { BOUNDS } from '../../model/schemas/bounds.ts';
import { type DramSpec, parseDram, REFRESHES } from '../../model/schemas/dram.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import { isLatencyFile, parseLatency } from '../../model/schemas/latency.ts';
import { presetNames, readJson } from './files.ts';
import { countOption, refuseWithoutEffect } from './options.ts';

/** What the command line changes in a DRAM preset or file. */
export interface DramOverrides {
  readonly channels?: number | undefined;
  readonly mapping?: string | undefined;
  readonly ranks?: number | undefined;
  /** False: never, as `off`. */
  readonly refresh?: DramSpec['refresh'] | boolean | undefined;
  readonly wck?: 'always-on' | undefined;
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
const WITHOUT_BANKS = 'latency';

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
export const wckOption = () =>
  new Option('--wck <mode>', 'data clock of LPDDR5: it need not be started again').choices(['always-on'] as const);

/** Refuses what only banked memory has. */
function refuseBankedOptions(options: DramOptions): void {
  const needs = `banked DRAM, not --dram ${options.dram}`;
  refuseWithoutEffect('--dram-layout', options.dramLayout, needs);
  refuseWithoutEffect('--dram-sharing', options.dramSharing, needs);
  refuseWithoutEffect('--dram-channels', options.dramChannels, needs);
  refuseWithoutEffect('--dram-mapping', options.dramMapping, needs);
  refuseWithoutEffect('--ranks', options.ranks, needs);
  refuseWithoutEffect('--refresh', options.refresh, needs);
  refuseWithoutEffect('--wck', options.wck, needs);
}

/** `ideal`, a preset or a file, banked or with latency. */
export function loadDramModel(options: DramOptions, option = '--dram'): DramModel {
  const { dram, dramLayout: layout = 'tiles', dramSharing: sharing = 'shared', seed } = options;
  if (dram.toLowerCase() === 'ideal') {
    refuseBankedOptions(options);
    return { kind: 'ideal' };
  }
  const { value, file } = readJson(dram, DRAM_FOLDER, option);
  if (isLatencyFile(value)) {
    refuseBankedOptions(options);
    return { kind: 'latency', spec: parseLatency(value, file), seed };
  }
  const spec = loadDram(dram, { ...options, channels: options.dramChannels, mapping: options.dramMapping }, option);
  if (sharing === 'split' && spec.organization.channels < INTERFACES.length) {
    throw new InputError({
      file: '--dram-sharing',
      path: '',
      value: sharing,
      expected: `a memory with at least ${INTERFACES.length} channels (${spec.name} has ${spec.organization.channels})`,
    });
  }
  return { kind: 'banked', spec, layout, sharing };
}

/** A DRAM preset or a file, with the command line's changes, validated as a whole. */
export function loadDram(nameOrPath: string, overrides: DramOverrides, option = '--dram'): DramSpec {
  const { value, file } = readJson(nameOrPath, DRAM_FOLDER, option);
  const spec = parseDram(value, file);
  const { channels, mapping, ranks, refresh = spec.refresh, wck } = overrides;
  if (spec.dataClock === 'always on') refuseWithoutEffect('--wck', wck, 'a memory whose data clock stops');
  const changed: DramSpec = {
    ...spec,
    mapping: mapping ?? spec.mapping,
    refresh: refresh === true ? spec.refresh : refresh === false ? 'off' : refresh,
    dataClock: wck === undefined ? spec.dataClock : 'always on',
    organization: {
      ...spec.organization,
      channels: channels ?? spec.organization.channels,
      ranks: ranks ?? spec.organization.ranks,
    },
  };
  return parseDram(changed, `${option} ${nameOrPath} with the other options`);
}
