/** Reading files: presets by name, and those of the user. */
import { existsSync, readdirSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { InputError } from '../../model/schemas/inputError.ts';
import { parseJson } from '../../model/schemas/parse.ts';
import { readInput } from './inputs.ts';
import { PACKAGE_ROOT } from './packageRoot.ts';

/** A parsed JSON file with the name to call it by in messages and results. */
export interface JsonFile {
  readonly value: unknown;
  readonly file: string;
  readonly name: string;
}

function presetNames(folder: string): string[] {
  return readdirSync(join(PACKAGE_ROOT, folder))
    .filter((entry) => entry.endsWith('.json') && !entry.endsWith('.schema.json'))
    .map((entry) => basename(entry, '.json'));
}

/** Reads a preset of `folder` (`hw`, `workloads`) or, if there is none of that name, a file of the user's. */
export function readJson(nameOrPath: string, folder: string, option: string): JsonFile {
  const preset = join(PACKAGE_ROOT, folder, `${nameOrPath}.json`);
  const isPreset = /^[\w-]+$/.test(nameOrPath) && existsSync(preset);
  const path = isPreset ? preset : nameOrPath;
  return readJsonFile(path, option, `a preset (${presetNames(folder).join(', ')}) or a file that can be read`);
}

/** Reads a JSON file of the user's. */
export function readJsonFile(path: string, option: string, expected = 'a file that can be read'): JsonFile {
  let text: string;
  try {
    text = readInput(path);
  } catch {
    throw new InputError({ file: option, path: '', value: path, expected });
  }
  return { value: parseJson(text, path), file: path, name: basename(path, extname(path)) };
}
