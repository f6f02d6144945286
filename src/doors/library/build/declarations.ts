/**
 * The library's declarations: what tsc emits, without zod. Users need not install the library that checks files in order
 * to know their types, and editors show what each field means.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { dramEnergySchema } from '../../../model/schemas/dramEnergySchema.ts';
import { constraintSchema } from '../../../model/schemas/dramRowSchema.ts';
import { dramSchema } from '../../../model/schemas/dramSchema.ts';
import { energySchema } from '../../../model/schemas/energySchema.ts';
import { hardwareSchema } from '../../../model/schemas/hardwareSchema.ts';
import { huntBoundsSchema } from '../../../model/schemas/huntBounds.ts';
import { latencySchema } from '../../../model/schemas/latency.ts';
import { workloadSchema } from '../../../model/schemas/workload.ts';
import { layerSchema } from '../../../model/schemas/workloadLayers.ts';
import { sweepSchema } from '../../../studies/sweep/sweepSpec.ts';
import { type JsonSchema, typeText } from './typeText.ts';

/** The schemas whose types the library's own types are made of, by the names that declarations use. */
const SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  constraintSchema,
  dramEnergySchema,
  dramSchema,
  energySchema,
  hardwareSchema,
  huntBoundsSchema,
  latencySchema,
  layerSchema,
  sweepSchema,
  workloadSchema,
};

/** `z.infer<typeof hardwareSchema>` and `z.output<…>`. */
const INFERRED = /z\.(?:infer|output)<typeof (\w+)>/g;

function inferred(name: string): string {
  const schema = SCHEMAS[name];
  if (schema === undefined) throw new Error(`declarations need the type of ${name}, which is no schema known here`);
  return typeText(z.toJSONSchema(schema, { io: 'output' }) as JsonSchema);
}

/** Declarations without the statements that declare something of zod's; a statement ends where a line begins with its end. */
function withoutZod(text: string): string {
  const kept: string[] = [];
  let isSchema = false;
  for (const line of text.split('\n')) {
    if (/^import (type )?\{ z \} from 'zod';/.test(line)) continue;
    isSchema ||= /^(export )?declare (const \w+|function \w+.*\)): z\./.test(line);
    if (!isSchema) kept.push(line);
    else if (/^\S.*;$/.test(line)) isSchema = false;
  }
  return kept.join('\n').replace(INFERRED, (_, name: string) => inferred(name));
}

const IMPORTED = /(from |import\()'(\.{1,2}\/[^']*)\.ts'/g;

/** Emits the declarations of the entries and of all that they import into dist/types/. */
export function writeDeclarations(root: string, entries: readonly string[]): void {
  const types = join(root, 'dist/types');
  rmSync(types, { recursive: true, force: true });
  const compiler = createRequire(import.meta.url).resolve('typescript/package.json');
  const tsc = join(dirname(compiler), 'bin/tsc');
  const emitted = join(root, 'dist/types.emitted');
  rmSync(emitted, { recursive: true, force: true });
  const project = join(root, 'src/doors/library/build/tsconfig.json');
  execFileSync(process.execPath, [tsc, '-p', project, '--outDir', emitted], { stdio: 'inherit' });
  const queue = entries.map((entry) => resolve(emitted, 'doors/library', `${entry}.d.ts`));
  const files = new Map<string, string>();
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (files.has(file)) continue;
    const text = withoutZod(readFileSync(file, 'utf8'));
    for (const [, , path] of text.matchAll(IMPORTED)) queue.push(resolve(dirname(file), `${path}.d.ts`));
    if (/\bz\./.test(text.replace(/\/\*[\s\S]*?\*\//g, ''))) throw new Error(`${file} still needs zod`);
    files.set(file, text.replace(IMPORTED, "$1'$2.js'"));
  }
  for (const [file, text] of files) {
    const target = join(types, relative(emitted, file));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
  }
  rmSync(emitted, { recursive: true });
}
