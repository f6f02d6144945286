/**
 * What a banked memory costs by command and state, from the currents of a datasheet, as Micron's technical notes on memory
 * power count it (TN-40-07 for DDR4): a command takes what its current is above standby, for as long as the datasheet
 * repeats it.
 */
import type { DramSpec } from '../schemas/dram.ts';
import type { DramEnergyFile } from '../schemas/dramEnergy.ts';
import { InputError } from '../schemas/inputError.ts';

/** Joules by command and state. */
export interface DramEnergy {
  /** Of activates, and of the precharges that go with them. */
  activateJoules: number;
  readJoules: number;
  writeJoules: number;
  refreshJoules: number;
  /** Active standby of all ranks: rows stay open until another is needed, and nothing powers down. */
  backgroundJoules: number;
  totalJoules: number;
}

/** What one command, and a second of a rank, cost. */
export interface DramCosts {
  readonly activateJoules: number;
  readonly readJoules: number;
  readonly writeJoules: number;
  readonly refreshJoules: number;
  readonly watts: number;
}

/** How often a memory has issued what costs energy. */
export interface DramCommands {
  readonly activates: number;
  /** Column commands: a burst that a waiting write answers or absorbs is none. */
  readonly readCommands: number;
  readonly writeCommands: number;
  readonly refreshes: number;
}

const PICO = 1e-12;
const MILLI = 1e-3;

/** No energy. */
export function noDramEnergy(): DramEnergy {
  return {
    activateJoules: 0,
    readJoules: 0,
    writeJoules: 0,
    refreshJoules: 0,
    backgroundJoules: 0,
    totalJoules: 0,
  };
}

/**
 * The costs of a memory's commands: with the currents I of a device in amperes, V, and times in seconds
 * ACT (I0·tRC − I3N·tRAS − I2N·(tRC − tRAS))·V, RD (I4R − I3N)·V·burst, WR likewise, REF (I5 − I3N)·V·tRFC, each of all
 * devices of a rank.
 */
export function dramCosts({ timing, clockPicoseconds, refresh }: DramSpec, energy: DramEnergyFile): DramCosts {
  const { volts, devices } = energy;
  const { IDD0, IDD2N, IDD3N, IDD4R, IDD4W, IDD5AB, IDD5PB = IDD5AB } = energy.milliamperes;
  const watts = (milliamperes: number): number => milliamperes * MILLI * volts * devices;
  const seconds = (cycles: number | undefined): number => (cycles ?? 0) * clockPicoseconds * PICO;
  const { burst, RAS, RC, RFC, RFCpb } = timing;
  const [row, open] = [seconds(RC), seconds(RAS)];
  const [current, time] = refresh === 'per-bank' ? [IDD5PB, RFCpb] : [IDD5AB, RFC];
  return {
    activateJoules: watts(IDD0) * row - watts(IDD3N) * open - watts(IDD2N) * (row - open),
    readJoules: (watts(IDD4R) - watts(IDD3N)) * seconds(burst),
    writeJoules: (watts(IDD4W) - watts(IDD3N)) * seconds(burst),
    refreshJoules: (watts(current) - watts(IDD3N)) * seconds(time),
    watts: watts(IDD3N),
  };
}

/** Throws an InputError that names `option` where data lack a current that a memory needs. */
export function expectCurrents({ refresh }: DramSpec, { name, milliamperes }: DramEnergyFile, option: string): void {
  if (refresh !== 'per-bank' || milliamperes.IDD5PB !== undefined) return;
  const expected = 'milliamperes.IDD5PB, for a memory whose banks refresh one by one';
  throw new InputError({ file: option, path: '', value: name, expected });
}

/** What a memory of so many ranks in all has taken for the commands that it issued in some seconds. */
export function dramEnergyOf(
  { activates, readCommands, writeCommands, refreshes }: DramCommands,
  seconds: number,
  ranks: number,
  costs: DramCosts,
): DramEnergy {
  const parts = {
    activateJoules: activates * costs.activateJoules,
    readJoules: readCommands * costs.readJoules,
    writeJoules: writeCommands * costs.writeJoules,
    refreshJoules: refreshes * costs.refreshJoules,
    backgroundJoules: seconds * ranks * costs.watts,
  };
  return { ...parts, totalJoules: Object.values(parts).reduce((sum, joules) => sum + joules, 0) };
}
