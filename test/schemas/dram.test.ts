import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseDram } from '../../src/model/schemas/dram.ts';
import { parseLatency } from '../../src/model/schemas/latency.ts';
import { parseRequestFile } from '../../src/model/schemas/requestRule.ts';

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
      64,
      'mine.json: organization.banksPerGroup: got 64, expected at most 32 banks per channel',
    ],
    ['timing.CL', -1, 'mine.json: timing.CL: got -1, expected a number ≥ 0'],
    ['timing.burst', 0, 'mine.json: timing.burst: got 0, expected a number > 0'],
    ['mapping', 'rorabgbach', 'mine.json: mapping: got "rorabgbach", expected ro, ra, bg, ba, ch, co, each once'],
    ['mapping', 'rorarobachco', 'mine.json: mapping: got "rorarobachco", expected ro, ra, bg, ba, ch, co, each once'],
    ['queues.drainBelow', 0, 'mine.json: queues.drainBelow: got 0, expected a number > 0'],
    ['queues.drainBelow', 0.9, 'mine.json: queues.drainBelow: got 0.9, expected at most drainAbove (0.8)'],
    ['commandBus', 'both', 'mine.json: commandBus: got "both", expected one of row and column, shared'],
    [
      'organization.rowsPerBank',
      2 ** 26,
      'mine.json: organization: got 274877906944, expected at most 2³¹ bursts in all',
    ],
    ['colour', 'red', 'mine.json: colour: got "red", expected no such field'],
  ])('with a wrong %s is refused', (path, value, message) => {
    expect(() => parseDram(changed(path, value), 'mine.json')).toThrow(message);
  });

  it.each(['HBM2', 'DDR4-2400', 'LPDDR4', 'HBM1'])('of the presets is right: %s', (name) => {
    expect(parseDram(preset(name), name).name).toBe(name);
  });

  it.each(['HBM2', 'DDR4-2400', 'LPDDR4', 'HBM1'])('of the presets is compared with a reference: %s', (name) => {
    expect(parseDram(preset(name), name).isValidated).toBe(true);
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
