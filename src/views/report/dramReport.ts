/** A replay of memory requests as data: what `systole dram` prints as JSON, and what its table and CSV are made from. */
import { peakBitsPerCycle } from '../../model/dram/model.ts';
import type { ReplayResult } from '../../model/dram/replay.ts';
import { dramCosts, dramEnergyOf } from '../../model/energy/dramEnergy.ts';
import type { DramSpec } from '../../model/schemas/dram.ts';
import type { DramEnergyFile } from '../../model/schemas/dramEnergy.ts';
import {
  type AskedReport,
  added,
  askedReport,
  type Both,
  type ChannelReport,
  channelReport,
} from './dramCountsReport.ts';
import { type DramEnergySum, dramEnergySum } from './dramEnergySum.ts';

/** The requests of a port. */
export interface PortReport extends Both<AskedReport> {
  /** The interface's name, where the requests are those of a run. */
  readonly interface?: string;
  /** End of its last data. */
  readonly finishCycle: number;
}

/** Those settings of a memory that options change. */
export interface MemorySettings extends Pick<DramSpec, 'mapping' | 'refresh' | 'dataClock' | 'clockPicoseconds'> {
  readonly channels: number;
  /** Of each channel. */
  readonly ranks: number;
}

/** A replay and the memory that it ran on. Each count adds up to that of `all`, over ports and over channels. */
export interface DramReport extends Omit<ReplayResult, 'ports' | 'channels'> {
  readonly preset: string;
  /** Whether the preset's numbers have been compared with a reference controller. */
  readonly isValidated: boolean;
  /** What of the preset can be changed for a run. */
  readonly memory: MemorySettings;
  /** Bits that were asked for over those that the data buses could have carried. */
  readonly askedBandwidthFraction: number;
  /** What every data bus busy in every cycle would be, in 10⁹ bytes a second. */
  readonly peakGigabytesPerSecond: number;
  readonly all: Both<AskedReport>;
  readonly ports: readonly PortReport[];
  readonly channels: readonly ChannelReport[];
  /** With data of the memory's energy only. */
  readonly dramEnergy?: DramEnergySum;
}

const PICO = 1e-12;
const PICOSECONDS_PER_NANOSECOND = 1000;
const BITS_PER_BYTE = 8;

/** What is known of a replay beside its result. */
export interface ReplaySettings {
  readonly spec: DramSpec;
  /** Names of the ports, where they have any. */
  readonly portNames?: readonly string[] | undefined;
  /** What the memory's commands cost, where that is asked for. */
  readonly dramEnergy?: DramEnergyFile | undefined;
}

function settingsOf({ organization, mapping, refresh, dataClock, clockPicoseconds }: DramSpec): MemorySettings {
  const { channels, ranks } = organization;
  return { channels, ranks, mapping, refresh, dataClock, clockPicoseconds };
}

/** Puts a replay's result together with its settings. */
export function dramReport(result: ReplayResult, { spec, portNames, dramEnergy }: ReplaySettings): DramReport {
  const { ports, channels, commands, bandwidthFraction, ...figures } = result;
  const { organization, clockPicoseconds } = spec;
  const burstBits = BITS_PER_BYTE * organization.bytesPerAccess;
  const all = askedReport(added(ports), burstBits);
  const askedBits = all.read.askedBits + all.write.askedBits;
  const peakBits = result.cycles * peakBitsPerCycle(spec, clockPicoseconds);
  const { requests, reads, writes, cycles, ...counts } = figures;
  return {
    preset: spec.name,
    isValidated: spec.isValidated,
    memory: settingsOf(spec),
    ...{ requests, reads, writes, cycles, bandwidthFraction },
    askedBandwidthFraction: peakBits === 0 ? 0 : askedBits / peakBits,
    peakGigabytesPerSecond: peakBitsPerCycle(spec, PICOSECONDS_PER_NANOSECOND) / BITS_PER_BYTE,
    ...counts,
    commands,
    all,
    ports: ports.map(({ finishCycle, ...port }, place) => ({
      ...(portNames === undefined ? {} : { interface: portNames[place]! }),
      finishCycle,
      ...askedReport(port, burstBits),
    })),
    channels: channels.map((done, channel) => channelReport(done, channel, burstBits)),
    ...(dramEnergy === undefined ? {} : { dramEnergy: energyOf(result, all, spec, dramEnergy) }),
  };
}

function energyOf(
  { cycles, activates, refreshes, commands }: ReplayResult,
  { read, write }: Both<AskedReport>,
  spec: DramSpec,
  file: DramEnergyFile,
): DramEnergySum {
  const { channels, pseudoChannels, ranks } = spec.organization;
  const seconds = cycles * spec.clockPicoseconds * PICO;
  const issued = { activates, refreshes, readCommands: commands['RD'] ?? 0, writeCommands: commands['WR'] ?? 0 };
  const total = dramEnergyOf(issued, seconds, channels * pseudoChannels * ranks, dramCosts(spec, file));
  const bits = { bus: read.busBits + write.busBits, asked: read.askedBits + write.askedBits };
  return dramEnergySum(file, total, seconds, bits);
}
