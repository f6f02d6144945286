import { readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { systole } from './support/cli.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const examples = [...readme.matchAll(/^npx systole (.+?)(?:\s+#.*)?$/gm)].map(([, args]) => args!);

/** What a run of more than a second says on stderr. */
const ONLY_PROGRESS = /^(systole: .*\d+ of \d+.*\n)*$/;

describe('the examples in the README', () => {
  it('are there', () => {
    expect(examples.length).toBeGreaterThan(3);
  });

  it.each(examples)('npx systole %s', (args) => {
    const { status, stdout, stderr } = systole(...args.split(/\s+/));
    expect(status).toBe(0);
    expect(stderr).toMatch(ONLY_PROGRESS);
    const output = /-o (\S+)/.exec(args)?.[1];
    // A folder of results comes with a summary on stdout.
    const isFile = output !== undefined && statSync(output).isFile();
    const result = isFile ? readFileSync(output, 'utf8') : stdout;
    expect(result.length).toBeGreaterThan(100);
  });
});
