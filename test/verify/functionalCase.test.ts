import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LAYOUTS } from '../../src/model/dram/layout.ts';
import { parseDram } from '../../src/model/schemas/dram.ts';
import { CORRUPTIONS, type CorruptionName } from '../../src/studies/verify/corruptions.ts';
import { runCase } from '../../src/studies/verify/drawnCase.ts';
import { drawFunctionalCase, FUNCTIONAL_OPERATIONS, functionalCase } from '../../src/studies/verify/functionalCase.ts';
import { caseRandom } from '../../src/studies/verify/verification.ts';

const SEED = 'functional';
const CASES = process.env['SYSTOLE_VERIFY'] === '1' ? 10_000 : 300;
const draw = (index: number) => drawFunctionalCase(caseRandom(SEED, 'functional', index));
const indices = Array.from({ length: CASES }, (_, index) => index);

describe('random layers with real data', () => {
  it(`give what a direct computation gives, ${CASES} of ${CASES}`, () => {
    const failures = indices.map((index) => functionalCase(caseRandom(SEED, 'functional', index)));
    expect(failures.filter((failure) => failure !== undefined)).toEqual([]);
  });

  it('are of every operation, in any loop order, with and without each assumption, with 1 to 16 slots, on both memories', () => {
    const cases = Array.from({ length: 1500 }, (_, index) => draw(index));
    expect(new Set(cases.map(({ operation }) => operation))).toEqual(new Set(FUNCTIONAL_OPERATIONS));
    const seen = (of: (drawn: (typeof cases)[number]) => unknown): number => new Set(cases.map(of)).size;
    expect(seen(({ assumptions }) => JSON.stringify(assumptions))).toBe(8);
    expect(cases.some(({ assumptions }) => assumptions.noPsumHazard)).toBe(false);
    expect(seen(({ hardware }) => hardware.slots.obuf)).toBeGreaterThan(8);
    expect(seen(({ dram }) => dram.kind)).toBe(2);
    expect(seen(({ layer }) => (layer.unit === 'SA' ? layer.loopOrder.join() : ''))).toBeGreaterThan(50);
  });

  it('are the same again with the same seed, kind and index', () => {
    expect(JSON.stringify(draw(7))).toBe(JSON.stringify(draw(7)));
    expect(JSON.stringify(draw(7))).not.toBe(JSON.stringify(draw(8)));
  });
});

describe('random layers on banked memory', () => {
  const text = readFileSync(new URL('../../hw/dram/DDR4-2400.json', import.meta.url), 'utf8');
  const spec = parseDram(JSON.parse(text), 'DDR4-2400.json');

  it.each(['shared', 'private'] as const)('come out right too, its channels %s', (sharing) => {
    const failures = indices.slice(0, 100).map((index) => {
      const layout = LAYOUTS[index % LAYOUTS.length]!;
      return runCase({ ...draw(index), dram: { kind: 'banked', spec, layout, sharing } });
    });
    expect(failures.filter((failure) => failure !== undefined)).toEqual([]);
  });
});

describe('a corruption', () => {
  /** How many of 300 cases it makes fail. */
  const failures = (name: CorruptionName): number =>
    indices.slice(0, 300).filter((index) => runCase(draw(index), CORRUPTIONS[name]) !== undefined).length;

  it.each(['skip-load', 'skip-store'] as const)('makes every case fail: %s', (name) => {
    expect(failures(name)).toBe(300);
  });

  it.each(['stale-psum', 'early-psum'] as const)('makes cases fail that load psums: %s', (name) => {
    expect(failures(name)).toBeGreaterThan(5);
  });

  it('is named in words that describe the case', () => {
    const message = runCase(draw(0), CORRUPTIONS['skip-store'])!;
    expect(message).toMatch(/^\w+\[\d+,\d+,\d+,\d+\] is NaN, not -?[\d.]+\. Case: /);
    for (const parameter of ['sizes', 'tile', 'array', 'slots', 'bitsPerCycle', 'dram', 'assumptions'])
      expect(message).toContain(`"${parameter}":{`);
  });
});
