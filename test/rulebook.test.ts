/**
 * The rulebook stands beside the code that follows it, and every citation leads there: to a section by its number (§), to a
 * heading, or to what begins with words in bold.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from './support/cli.ts';

/** All files below a folder. */
function filesIn(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesIn(path) : [path];
  });
}

const files = ['src', 'test', 'bench'].flatMap((folder) => filesIn(join(root, folder)));
const paths = files.filter((path) => /\/src\/.*\/[A-Z]+\.md$/.test(path));
const pages = new Map(paths.map((path) => [basename(path), readFileSync(path, 'utf8')]));
const comments = files
  .filter((path) => path.endsWith('.ts'))
  .map((path) => {
    const lines = readFileSync(path, 'utf8').split('\n');
    const own = lines.filter((line) => /^\s*(\/\*\*|\*|\/\/)|\s\/\/ /.test(line));
    return {
      path: relative(root, path),
      text: own.map((line) => line.replace(/^\s*(\/\*\*|\*|\/\/)\s?/, '')).join(' '),
    };
  });

const NAMES = 'MODEL|SEMANTICS|OPERATIONS|FUSION|CONTROLLER';

/** What is cited: the page, its sections by number, and the words after a comma. */
const citations = comments.flatMap(({ path, text }) =>
  [...text.matchAll(new RegExp(`\\b(${NAMES})\\.md((?: (?:and )?§\\d+)*)(?:, ([^.:;,)]+))?`, 'g'))].map(
    ([, page, sections, words]) => ({
      path,
      page: `${page}.md`,
      sections: [...sections!.matchAll(/§(\d+)/g)].map(([, number]) => number!),
      words,
    }),
  ),
);

describe('the rulebook', () => {
  it('is five pages, each beside the code that follows it', () => {
    const pages = files.map((path) => relative(root, path)).filter((path) => /^src\/.*\/[A-Z]+\.md$/.test(path));
    // Findings are no rules.
    const found = pages.filter((path) => !path.endsWith('/FINDINGS.md'));
    expect(found.sort()).toEqual([
      'src/model/analytical/MODEL.md',
      'src/model/dram/CONTROLLER.md',
      'src/model/fusion/FUSION.md',
      'src/model/machine/SEMANTICS.md',
      'src/model/operations/OPERATIONS.md',
    ]);
  });

  it('is cited by the names of its pages', () => {
    expect(citations.length).toBeGreaterThan(40);
    const nameless = comments.filter(({ text }) =>
      new RegExp(`[( ](${NAMES}|OVERLAP|DESIGN)(?:,| sections?\\b|'s\\b|\\))`).test(text),
    );
    expect(nameless.map(({ path }) => path)).toEqual([]);
  });

  it('has what is cited', () => {
    const lost = citations.filter(({ page, sections, words }) => {
      const text = pages.get(page)!;
      if (!sections.every((number) => text.includes(`\n## ${number}. `))) return true;
      if (words === undefined || sections.length > 0 || new RegExp(`\\b(${NAMES})\\.md`).test(words)) return false;
      // A heading, or what begins with words in bold or in code.
      const first = words.trim().replace(/[`*]/g, '');
      return ![`## ${first}`, `**${first}`, `\`${first}\``].some((place) => text.includes(place));
    });
    expect(lost).toEqual([]);
  });

  it.each(paths.map((path) => relative(root, path)))('%s links to pages that are there', (page) => {
    const path = join(root, page);
    for (const [, target] of readFileSync(path, 'utf8').matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)) {
      expect([page, target, files.includes(join(dirname(path), target!))]).toEqual([page, target, true]);
    }
  });
});
