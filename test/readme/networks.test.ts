import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

describe('what the README says of networks', () => {
  it('is as many presets as there are', () => {
    const files = readdirSync(new URL('../../workloads/', import.meta.url));
    const presets = files.filter((file) => !file.endsWith('.schema.json'));
    expect(readme).toContain(`The ${presets.length} presets`);
  });

  it('is what onnxFiles.test.ts shows of large models', () => {
    const test = readFileSync(new URL('../importers/onnxFiles.test.ts', import.meta.url), 'utf8');
    expect(test).toContain("['9 GB', 9 * 1024 ** 3]");
    expect(test).toContain('toBeLessThan(500_000)');
    expect(readme).toContain('of a model with 9 GB of them less than 500 kB are read');
  });
});
