/** The house: four floors, each standing on those below it, and no circle among files, not even of types. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from './support/cli.ts';

const sources = join(root, 'src');

function filesIn(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return filesIn(path);
    return path.endsWith('.ts') ? [relative(sources, path)] : [];
  });
}

/** Per file, from `src/` on, what it imports from our own files, types included. */
const imports = new Map(
  filesIn(sources).map((file) => {
    const text = readFileSync(join(sources, file), 'utf8');
    const found = [...text.matchAll(/(?:\bfrom|\bimport\()\s*'(\.[^']+\.ts)'/g)];
    const targets = found.map(([, target]) => relative(sources, resolve(sources, dirname(file), target!)));
    return [file, targets] as const;
  }),
);

const FLOORS = ['model', 'studies', 'views', 'doors'];
const floorOf = (file: string): number => FLOORS.indexOf(file.split('/')[0]!);

/** Files on a way of imports from a file back to itself; none if there is none. */
function circleFrom(start: string): string[] {
  const seen = new Set<string>();
  const way: string[] = [];
  const isBack = (file: string): boolean => {
    way.push(file);
    for (const target of imports.get(file) ?? []) {
      if (target === start) return true;
      if (seen.has(target)) continue;
      seen.add(target);
      if (isBack(target)) return true;
    }
    way.pop();
    return false;
  };
  return isBack(start) ? way : [];
}

describe('the sources', () => {
  it('lie on four floors', () => {
    expect(
      readdirSync(sources)
        .filter((name) => !name.endsWith('.json'))
        .sort(),
    ).toEqual([...FLOORS].sort());
    expect([...imports.values()].flat().length).toBeGreaterThan(1000);
  });

  it('import nothing from above', () => {
    const up = [...imports].flatMap(([file, targets]) =>
      targets.filter((target) => floorOf(target) > floorOf(file)).map((target) => `${file} → ${target}`),
    );
    expect(up).toEqual([]);
  });

  it('have no study that needs another, but that tables VIII and X of the paper are sweeps', () => {
    const across = [...imports].flatMap(([file, targets]) =>
      targets
        .filter((target) => file.startsWith('studies/') && target.startsWith('studies/'))
        .map((target) => [file, target].map((each) => each.split('/')[1]!))
        .filter(([from, to]) => from !== to)
        .map((rooms) => rooms.join(' → ')),
    );
    expect([...new Set(across)]).toEqual(['paper → sweep']);
  });

  it('go in no circle', () => {
    expect([...imports.keys()].map(circleFrom).find((circle) => circle.length > 0) ?? []).toEqual([]);
  });
});
