import { readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EXAMPLES } from '../../src/doors/cli/examples.ts';
import { shellWords } from '../../src/doors/cli/shellWords.ts';
import { systole, temporaryFolder } from '../support/cli.ts';
import { exampleAsRun, SMALLER } from '../support/examples.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const examples = [...readme.matchAll(/^npx systole (.+?)(?:\s+#.*)?$/gm)].map(([, args]) => args!);

/** Where the examples write to /tmp, which other runs of these tests may be doing too. */
const folder = `${temporaryFolder()}/`;

/** What the README says that a command prints, behind a prompt. */
const outputs = [...readme.matchAll(/^```\n\$ npx systole (.+)\n([\s\S]*?)^```$/gm)];

describe('what the README shows of a command', () => {
  it.each(outputs.map(([, args, output]) => [args!, output!] as const))('is what it prints: %s', (args, output) => {
    expect(systole(...args.split(' ')).stdout).toBe(output);
  });

  it('is there', () => {
    expect(outputs.length).toBeGreaterThan(0);
  });
});

describe('the table of what can be asked', () => {
  const rows = [...readme.matchAll(/^\| .* \| (`.*`) \| \[(.*)\]\(#(.*)\) \|$/gm)];

  it('names every command', () => {
    const named = rows.flatMap(([, asked]) => [...asked!.matchAll(/`([a-z-]+)/g)].map(([, command]) => command!));
    expect(new Set(named)).toEqual(new Set(Object.keys(EXAMPLES)));
  });

  it('leads to sections that there are', () => {
    const anchors = [...readme.matchAll(/^##+ (.*)$/gm)].map(([, title]) =>
      title!
        .toLowerCase()
        .replaceAll(/[^a-z -]/g, '')
        .replaceAll(' ', '-'),
    );
    for (const [, , , anchor] of rows) expect(anchors).toContain(anchor);
    expect(rows.length).toBeGreaterThan(10);
  });
});

describe('the examples in the README', () => {
  it('are there', () => {
    expect(examples.length).toBeGreaterThan(3);
    for (const [pattern] of SMALLER) expect(examples.filter((args) => pattern.test(args))).not.toEqual([]);
  });

  it.each(examples)('npx systole %s', (args) => {
    const here = exampleAsRun(args).replaceAll('/tmp/', folder);
    const { status, stdout, stderr } = systole(...shellWords(here, 'README.md'));
    expect([status, stderr]).toEqual([0, '']);
    const output = /-o (\S+)/.exec(here)?.[1];
    // A folder of results comes with a summary on stdout.
    const isFile = output !== undefined && statSync(output).isFile();
    const result = isFile ? readFileSync(output, 'utf8') : stdout;
    expect(result.length).toBeGreaterThan(100);
  });
});
