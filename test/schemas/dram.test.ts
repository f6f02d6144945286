import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { COMMON_CONSTRAINTS } from '../../src/model/schemas/commonConstraints.ts';
import { parseDram } from '../../src/model/schemas/dram.ts';
import { parseLatency } from '../../src/model/schemas/latency.ts';
import { parseRequestFile } from '../../src/model/schemas/requestRule.ts';
import { DRAM_PRESETS } from '../support/dram.ts';

const preset = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(new URL(`../../hw/dram/${name}.json`, import.meta.url), 'utf8')) as Record<string, unknown>;

/** The HBM2 preset with one field changed. */
function changed(path: string, value: unknown): unknown {
  const copy = structuredClone(preset('HBM2'));
  const keys = path.split('.');
  const holder = keys.slice(0, -1).reduce((at, key) => at[key] as Record<string, unknown>, copy);
  holder[keys.at(-1)!] = value;
  return copy;
}

describe('a DRAM file', () => {
  it.each([
    ['organization.channels', 3, 'mine.json: organization.channels: got 3, expected a power of two'],
    [
      'organization.banksPerGroup',
      512,
      'mine.json: organization.banksPerGroup: got 512, expected at most 1024 banks per channel',
    ],
    ['timing.CL', -1, 'mine.json: timing.CL: got -1, expected a number ≥ 0'],
    ['timing.burst', 0, 'mine.json: timing.burst: got 0, expected a number > 0'],
    ['mapping', 'rorabgbach', 'mine.json: mapping: got "rorabgbach", expected a place for co too'],
    [
      'mapping',
      'rorarobachcobg',
      'mine.json: mapping: got "rorarobachcobg", expected fields of two letters: ro, pc, ra, ',
    ],
    [
      'mapping',
      'rorabgbachcox',
      'mine.json: mapping: got "rorabgbachcox", expected fields of two letters: ro, pc, ra, ',
    ],
    ['queues.drainBelow', 0, 'mine.json: queues.drainBelow: got 0, expected a number > 0'],
    ['queues.drainBelow', 0.9, 'mine.json: queues.drainBelow: got 0.9, expected at most drainAbove (0.8)'],
    ['commandBus', 'both', 'mine.json: commandBus: got "both", expected one of row and column, shared'],
    [
      'organization.rowsPerBank',
      2 ** 26,
      'mine.json: organization: got 274877906944, expected at most 2³¹ bursts in all',
    ],
    [
      'constraints.3.cycles',
      'CCDS',
      'mine.json: constraints[3].cycles: got "CCDS", expected cycles by timing parameters (there is no CCDS; did you mean CCD_S?)',
    ],
    [
      'constraints.3.cycles',
      'CCD_S +',
      'mine.json: constraints[3].cycles: got "CCD_S +", expected cycles by timing parameters',
    ],
    [
      'constraints.3.cycles',
      'CCD_S / 3',
      'mine.json: constraints[3].cycles: got "CCD_S / 3", expected cycles by timing parameters (a whole number of cycles)',
    ],
    [
      'constraints.3.cycles',
      'CCD_S < 3',
      'mine.json: constraints[3].cycles: got "CCD_S < 3", expected cycles by timing parameters (a whole number of cycles)',
    ],
    [
      'constraints.3.level',
      'row',
      'mine.json: constraints[3].level: got "row", expected one of channel, pseudo channel, rank',
    ],
    ['constraints.3.from', ['MRS'], 'mine.json: constraints[3].from[0]: got "MRS", expected one of ACT, PREpb, PREab'],
    [
      'constraints.9.other',
      true,
      'mine.json: constraints[9].window: got 4, expected none where the other node is meant',
    ],
    [
      'constraints.25.other',
      true,
      'mine.json: constraints[25].level: got "bank", expected pseudo channel, rank, stack, bank group where the other node is meant',
    ],
    [
      'timing.RFC',
      3900,
      'mine.json: timing.REFI: got 3900, expected 0, or more than 3914, to leave room for 1 times a precharge (14) and a refresh (3900)',
    ],
    ['activate', 'split', 'mine.json: activate: got "split", expected at once: this command bus knows no other'],
    [
      'dataClock',
      'on demand',
      'mine.json: dataClock: got "on demand", expected always on: this command bus knows no other',
    ],
    [
      'organization.ranks',
      2,
      'mine.json: organization.ranks: got 2, expected 1: no constraint says what another rank has to wait',
    ],
    ['refresh', 'per-bank', 'mine.json: timing.REFIpb: expected a number > 0 for a refresh of single banks'],
    ['colour', 'red', 'mine.json: colour: got "red", expected no such field'],
  ])('with a wrong %s is refused', (path, value, message) => {
    expect(() => parseDram(changed(path, value), 'mine.json')).toThrow(message);
  });

  it('in which the refreshes of its nodes keep each other waiting beyond REFI is refused: nothing else would happen', () => {
    const file = preset('HBM3-6400') as { constraints: unknown[]; timing: Record<string, number> };
    const { REFI, RFC, RP } = file.timing as { REFI: number; RFC: number; RP: number };
    const between = REFI - RFC - 2 * RP;
    // Two pseudo channels: each is precharged, the second one's refresh comes `between` cycles behind the first's.
    const behind = (cycles: number) => ({ level: 'channel', from: ['REFab'], to: ['REFab'], cycles: `${cycles}` });
    expect(() =>
      parseDram({ ...file, constraints: [...file.constraints, behind(between - 1)] }, 'mine.json'),
    ).not.toThrow();
    expect(() => parseDram({ ...file, constraints: [...file.constraints, behind(between)] }, 'mine.json')).toThrow(
      `mine.json: timing.REFI: got ${REFI}, expected 0, or more than ${REFI}, to leave room for 2 times a precharge (${RP}) and a refresh (${RFC})`,
    );
  });

  it('that states no constraints needs the parameters of the common ones', () => {
    const file = preset('HBM2') as { constraints?: unknown; timing: Record<string, number> };
    delete file.constraints;
    expect(parseDram(file, 'mine.json').constraints).toBe(COMMON_CONSTRAINTS);
    delete file.timing['FAW'];
    expect(() => parseDram(file, 'mine.json')).toThrow('mine.json: timing.FAW: expected a number ≥ 0 (it is missing)');
  });

  it.each([
    ['LPDDR5-6400', 'AAD'],
    ['LPDDR5-6400', 'WCKPST'],
    ['LPDDR5-6400', 'burst'],
    ['HBM3-6400', 'CWL'],
  ])('of a standard needs what its control needs: %s without %s', (name, parameter) => {
    const file = preset(name) as { timing: Record<string, number> };
    delete file.timing[parameter];
    expect(() => parseDram(file, 'mine.json')).toThrow(
      new RegExp(`timing.${parameter}: expected .* \\(it is missing\\)`),
    );
  });

  it.each(DRAM_PRESETS)('of the presets is right, and compared with a reference: %s', (name) => {
    const { name: own, isValidated } = parseDram(preset(name), name);
    expect([own, isValidated]).toEqual([name, true]);
  });
});

describe('a latency file', () => {
  it('with an efficiency above 1 is refused', () => {
    const file = structuredClone(preset('latency')) as { interfaces: { psum: { efficiency: number } } };
    file.interfaces.psum.efficiency = 1.5;
    expect(() => parseLatency(file, 'mine.json')).toThrow(
      'mine.json: interfaces.psum.efficiency: got 1.5, expected a number ≤ 1',
    );
  });
});

describe('a rule file', () => {
  const linear = { kind: 'linear', base: 128, stride: 64, count: 2, op: 'R' };

  it('is offered in order, one request a cycle, unless it says otherwise', () => {
    expect(parseRequestFile({ rule: linear }, 'rule.json').inject).toEqual({ mode: 'inorder', max_per_cycle: 1 });
  });

  it.each([
    [{ rule: { ...linear, kind: 'zigzag' } }, 'rule.json: rule.kind: got "zigzag"'],
    [{ rule: { ...linear, count: 0 } }, 'rule.json: rule.count: got 0, expected a number > 0'],
    [{ rule: { ...linear, op: 'X' } }, 'rule.json: rule.op: got "X", expected one of R, W'],
    [{ rule: { ...linear, stride: -256 } }, 'rule.json: rule.stride: got -256, expected addresses ≥ 0'],
    [
      {
        rule: { kind: 'streams', streams: Array(1025).fill({ base: 0, op: 'R' }), bursts_per_stream: 1, gran: 1 },
        inject: { mode: 'ports', max_per_cycle: 1 },
      },
      'rule.json: rule.streams: got 1025, expected at most 1024 streams, each at a port of its own',
    ],
    [{ rule: linear, inject: { mode: 'all', max_per_cycle: 1 } }, 'rule.json: inject.mode: got "all"'],
  ])('with a mistake is refused: %j', (file, message) => {
    expect(() => parseRequestFile(file, 'rule.json')).toThrow(message);
  });
});
