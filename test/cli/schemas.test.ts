import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SCHEMA_FILES, schemaText } from '../../src/doors/cli/writeSchemas.ts';

describe('the JSON Schemas for editors', () => {
  it.each(Object.entries(SCHEMA_FILES))('%s is what `npm run schemas` writes', (file, schema) => {
    expect(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')).toBe(schemaText(schema));
  });
});
