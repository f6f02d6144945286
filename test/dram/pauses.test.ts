/** A replay pauses for Ctrl-C and progress by its work, whatever the memory is made of. */
import { describe, expect, it } from 'vitest';
import { replay } from '../../src/model/dram/replay.ts';
import { requestsOf } from '../../src/model/dram/requestRules.ts';
import { parseDram } from '../../src/model/schemas/dram.ts';
import { IN_ORDER } from '../../src/model/schemas/requestRule.ts';
import { dramPreset } from '../support/dram.ts';

/** How often a replay of reads far apart pauses, on a memory of so many channels. */
function pausesOf(count: number, channels: number): number {
  const preset = dramPreset('HBM2');
  const spec = parseDram({ ...preset, organization: { ...preset.organization, channels } }, 'HBM2');
  const rule = { kind: 'linear', base: 0, stride: 64, count, op: 'R', gap: 1000 } as const;
  const run = replay(spec, requestsOf(rule, spec, 'rule.json'), IN_ORDER);
  let pauses = 0;
  while (run.next().done !== true) pauses++;
  return pauses;
}

describe('a replay', () => {
  it('pauses at least every 65,536 looks at a channel: each request is one at all of them', () => {
    const [count, channels] = [20_000, 64];
    expect(pausesOf(count, channels)).toBeGreaterThanOrEqual(Math.floor((count * channels) / 65_536));
  });
});
