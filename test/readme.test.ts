import { readFileSync } from 'node:fs';
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
    const result = output === undefined ? stdout : readFileSync(output, 'utf8');
    expect(result.length).toBeGreaterThan(100);
  });
});
