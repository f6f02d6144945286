/** What a banked memory's commands cost, recounted from the currents of its datasheet. */
import { describe, expect, it } from 'vitest';
import { dramCosts, dramEnergyOf } from '../../src/model/energy/dramEnergy.ts';
import { sumOf } from '../../src/model/layers/result.ts';
import { parseDramEnergy } from '../../src/model/schemas/dramEnergy.ts';
import { InputError } from '../../src/model/schemas/inputError.ts';
import type { RunReport } from '../../src/views/report/runReport.ts';
import { SMALL_NETWORKS } from '../fuzz/seeds.ts';
import { file } from '../readme/outputs.ts';
import { systole, temporaryFile } from '../support/cli.ts';
import { dramPreset } from '../support/dram.ts';

/** One device of 1 V, whose currents are as many amperes as are easily multiplied. */
const EASY = {
  name: 'easy',
  source: 'made up',
  volts: 1,
  devices: 2,
  milliamperes: { IDD0: 60, IDD2N: 10, IDD3N: 20, IDD4R: 120, IDD4W: 220, IDD5AB: 270 },
};
const ddr4 = dramPreset('DDR4-2400');
/** Ticks of 1 ns: burst 4, RAS 39, RC 56, RFC 420. */
const slow = { ...ddr4, clockPicoseconds: 1000 };

describe('the energy of a banked memory', () => {
  it('is that of its commands and of standby', () => {
    const costs = dramCosts(slow, parseDramEnergy(EASY, 'easy.json'));
    // Two devices: ACT 2·(60·56 − 20·39 − 10·17) pJ = 4820 pJ; RD 2·100·4 = 800; WR 2·200·4 = 1600; REF 2·250·420.
    expect(costs.activateJoules / 1e-12).toBeCloseTo(4820, 6);
    expect(costs.readJoules / 1e-12).toBeCloseTo(800, 6);
    expect(costs.writeJoules / 1e-12).toBeCloseTo(1600, 6);
    expect(costs.refreshJoules / 1e-12).toBeCloseTo(210_000, 6);
    expect(costs.watts).toBeCloseTo(0.04, 12);
    // 10 reads and 5 writes in 3 rows and one refresh, within 1 µs of two ranks: 2 · 40 mW · 1 µs = 80,000 pJ.
    const counts = { activates: 3, readCommands: 10, writeCommands: 5, refreshes: 1 };
    const energy = dramEnergyOf(counts, 1e-6, 2, costs);
    expect(energy.totalJoules / 1e-12).toBeCloseTo(3 * 4820 + 10 * 800 + 5 * 1600 + 210_000 + 80_000, 3);
  });

  it('has currents for what refreshes one by one', () => {
    const lpddr5 = { ...dramPreset('LPDDR5-6400'), refresh: 'per-bank' as const, clockPicoseconds: 1000 };
    const milliamperes = { ...EASY.milliamperes, IDD5PB: 120 };
    // RFCpb is 96 ticks: 2 · (120 − 20) · 96 pJ.
    expect(dramCosts(lpddr5, parseDramEnergy({ ...EASY, milliamperes }, 'x')).refreshJoules / 1e-12).toBeCloseTo(
      19_200,
    );
  });

  it('is refused where a command would take less than standby', () => {
    const wrong = { ...EASY, milliamperes: { ...EASY.milliamperes, IDD3N: 5, IDD4R: 1 } };
    expect(() => parseDramEnergy(wrong, 'x.json')).toThrow(InputError);
    expect(() => parseDramEnergy(wrong, 'x.json')).toThrow(/milliamperes\.IDD3N: got 5, expected at least IDD2N, 10/);
  });
});

describe('run --dram-energy', () => {
  const network = temporaryFile('network.json', SMALL_NETWORKS.plain);
  const args = ['run', '-c', 'HI3', '-t', network, '--dram', 'DDR4-2400'];

  it('prices the commands of the run, layer by layer', () => {
    const { stdout } = systole(...args, '--dram-energy', 'DDR4-2400', '--format', 'json');
    const { dramEnergy, totals, layers } = JSON.parse(stdout) as RunReport;
    const { activates, readCommands, writeCommands, refreshes, bursts, forwarded } = totals.all.simulated.memory!;
    const currents = parseDramEnergy(JSON.parse(file('hw/energy/dram/DDR4-2400.json')), 'DDR4-2400');
    const costs = dramCosts(ddr4, currents);
    const { total } = dramEnergy!;
    expect(total.activateJoules).toBeCloseTo(activates * costs.activateJoules, 12);
    expect(total.readJoules).toBeCloseTo(readCommands * costs.readJoules, 12);
    expect(total.writeJoules).toBeCloseTo(writeCommands * costs.writeJoules, 12);
    expect(total.refreshJoules).toBeCloseTo(refreshes * costs.refreshJoules, 12);
    const sum = dramEnergy!.layers.reduce((joules, layer) => joules + layer.totalJoules, 0);
    expect(sum).toBeCloseTo(total.totalJoules, 12);
    expect(dramEnergy!.layers.length).toBe(layers.length);
    expect(writeCommands).toBeGreaterThan(0);
    // But for what still waits to be written when the run is over.
    const waiting = bursts - forwarded - readCommands - writeCommands;
    expect(waiting).toBeGreaterThanOrEqual(0);
    expect(waiting).toBeLessThanOrEqual(ddr4.queues.write * ddr4.organization.channels);
    expect(dramEnergy!.averageWatts).toBeGreaterThan(0.4);
    // A burst is 64 bytes.
    const perBit = (bits: number): number => total.totalJoules / 1e-12 / bits;
    expect(dramEnergy!.picojoulesPerBit.bus).toBeCloseTo(perBit((readCommands + writeCommands) * 512), 9);
    expect(dramEnergy!.picojoulesPerBit.asked).toBeCloseTo(perBit(sumOf(totals.all.simulated.dramBits)), 9);
    expect(dramEnergy!.picojoulesPerBit.useful).toBeCloseTo(perBit(sumOf(totals.all.simulated.useful.dramBits)), 9);
  });

  it('says where its currents come from', () => {
    const { stdout } = systole(...args, '--dram-energy', 'DDR4-2400', '--summary');
    const table = systole(...args, '--dram-energy', 'DDR4-2400').stdout;
    expect(stdout).not.toContain('MT40A1G8PM');
    expect(table.replaceAll(/\s+/g, ' ')).toContain('Micron MT40A1G8PM-083E');
  });

  it.each([
    [['--dram', 'ideal'], 'banked DRAM, whose commands it prices'],
    [['--dram', 'LPDDR5-6400', '--refresh', 'per-bank'], 'milliamperes.IDD5PB'],
  ])('is refused with %s', (dram, expected) => {
    const wrong = systole('run', '-c', 'HI3', '-t', network, ...dram, '--dram-energy', 'DDR4-2400');
    expect([wrong.status, wrong.stdout]).toEqual([2, '']);
    expect(wrong.stderr).toContain(expected);
  });

  it('says what is wrong with a file', () => {
    const path = temporaryFile('currents.json', { ...EASY, volts: -1, devices: 0 });
    const { status, stderr } = systole(...args, '--dram-energy', path);
    expect(status).toBe(2);
    expect(stderr).toContain('volts');
    expect(stderr).toContain('devices');
  });
});
