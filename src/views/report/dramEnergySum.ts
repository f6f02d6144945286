/** The energy of a banked memory's commands and standby, in all, and in words. */

import type { DramEnergy } from '../../model/energy/dramEnergy.ts';
import { share } from '../../model/layers/share.ts';
import type { DramEnergyFile } from '../../model/schemas/dramEnergy.ts';
import { shownName } from '../../model/schemas/printable.ts';
import { percent } from './numbers.ts';

/** Of what energy per bit is said: bits on the data buses, those asked for, and those that are the network's own. */
export interface EnergyPerBit {
  readonly bus: number;
  readonly asked: number;
  /** Of a run. */
  readonly useful?: number;
}

/** The energy of a banked memory by command and state, and where its currents come from. */
export interface DramEnergySum {
  readonly name: string;
  readonly source: string;
  readonly total: DramEnergy;
  readonly averageWatts: number;
  /** All of it, standby included, per bit of each kind. */
  readonly picojoulesPerBit: EnergyPerBit;
}

const PICO = 1e-12;

/** What so much energy in so many seconds is per bit. */
export function dramEnergySum<Bits extends EnergyPerBit>(
  { name, source }: DramEnergyFile,
  total: DramEnergy,
  seconds: number,
  { bus, asked, useful }: Bits,
): DramEnergySum {
  const perBit = (bits: number): number => share(total.totalJoules / PICO, bits);
  return {
    name,
    source,
    total,
    averageWatts: share(total.totalJoules, seconds),
    picojoulesPerBit: {
      bus: perBit(bus),
      asked: perBit(asked),
      ...(useful === undefined ? {} : { useful: perBit(useful) }),
    },
  };
}

/** A line with what the energy goes into, and one with what it is per bit. */
export function dramEnergyInWords({ name, source, total, averageWatts, picojoulesPerBit }: DramEnergySum): string[] {
  const { totalJoules, activateJoules, readJoules, writeJoules, refreshJoules, backgroundJoules } = total;
  const part = (joules: number): string => percent(share(joules, totalJoules));
  const { bus, asked, useful } = picojoulesPerBit;
  const perBit = [
    `${bus.toFixed(2)} pJ per bit on the data buses`,
    `${asked.toFixed(2)} per bit asked for`,
    ...(useful === undefined ? [] : [`${useful.toFixed(2)} per useful bit`]),
  ];
  return [
    `DRAM energy: ${inUnits(totalJoules)}, ${averageWatts.toFixed(2)} W: activates ${part(activateJoules)}, reads ${part(readJoules)}, writes ${part(writeJoules)}, refreshes ${part(refreshJoules)}, active standby ${part(backgroundJoules)} (${shownName(name)}: ${shownName(source)})`,
    `  ${perBit.join(', ')}`,
  ];
}

/** Joules with three digits behind the point, in mJ or, where that is little, µJ. */
function inUnits(joules: number): string {
  return joules >= 1e-4 ? `${(1e3 * joules).toFixed(3)} mJ` : `${(1e6 * joules).toFixed(3)} µJ`;
}
