import { describe, expect, it } from 'vitest';
import { CORRUPTIONS, type CorruptionName } from '../../src/studies/verify/corruptions.ts';
import { runCase } from '../../src/studies/verify/drawnCase.ts';
import { drawFusedCase } from '../../src/studies/verify/fusedCase.ts';
import { caseRandom } from '../../src/studies/verify/verification.ts';

const CASES = process.env['SYSTOLE_VERIFY'] === '1' ? 10_000 : 500;
const draw = (index: number) => drawFusedCase(caseRandom('fused', 'fused', index));
const indices = Array.from({ length: CASES }, (_, index) => index);

describe('random fused groups with real data', () => {
  it(`leave in DRAM what a direct computation gives, ${CASES} of ${CASES}`, () => {
    const failures = indices.map((index) => runCase(draw(index)));
    expect(failures.filter((failure) => failure !== undefined)).toEqual([]);
  });

  it('are of every kind: residuals, several readers, updates behind gradients, statistics', () => {
    const cases = indices.slice(0, 500).map(draw);
    const having = (holds: (drawn: (typeof cases)[number]) => boolean): number => cases.filter(holds).length;
    const ends = (op: string) => having(({ group }) => group!.members.at(-1)!.layer.op === op);
    for (const op of ['bn-statistics', 'sgd-2d', 'sgd-4d']) expect(ends(op)).toBeGreaterThan(20);
    const isIn = (op: string) => having(({ group }) => group!.members.some(({ layer }) => layer.op === op));
    for (const op of ['relu', 'tensor-add', 'tensor-mul']) expect(isIn(op)).toBeGreaterThan(10);
    expect(having(({ group }) => group!.isSumStored)).toBeGreaterThan(100);
    expect(having(({ layer }) => layer.unit === 'SA' && layer.groups > 1)).toBeGreaterThan(50);
    expect(having(({ group }) => group!.members.length > 2)).toBeGreaterThan(50);
    // The sum, or what a member has made, is read twice.
    const readsTwice = having(({ group }) =>
      group!.members.some(({ handedOver, inside }) => handedOver.size + inside.size > 1),
    );
    expect(readsTwice).toBeGreaterThan(20);
    expect(having(({ assumptions }) => assumptions.fullEdgeTiles)).toBeGreaterThan(20);
  });
});

describe('a corruption of a fused group', () => {
  const failures = (name: CorruptionName): number =>
    indices.slice(0, 40).filter((index) => runCase(draw(index), CORRUPTIONS[name]) !== undefined).length;

  // A conditional move does not look at what it drops: a few cases come out right all the same.
  it.each(['skip-load', 'skip-store'] as const)('makes nearly every case fail: %s', (name) => {
    expect(failures(name)).toBeGreaterThan(36);
  });

  it.each(['stale-psum', 'early-psum'] as const)('makes cases fail that load psums: %s', (name) => {
    expect(failures(name)).toBeGreaterThan(1);
  });
});
