/** Reading JSON files in Node: presets by name, and those of the user. */
import { existsSync, readdirSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { didYouMean } from '../../model/schemas/nearest.ts';
import { parseJson } from '../../model/schemas/parse.ts';
import { PACKAGE_ROOT } from './packageRoot.ts';
import { PLAIN_ACCESS, type Reading, readText } from './textFile.ts';

/** A parsed JSON file with the name to call it by in messages and results. */
export interface JsonFile {
  readonly value: unknown;
  readonly file: string;
  readonly name: string;
}

/** How the names of a folder's files end, where not in `.json`. */
const ENDINGS: Readonly<Record<string, string>> = { 'hw/formulas': '.formula.json' };

const endingIn = (folder: string): string => ENDINGS[folder] ?? '.json';

/** The presets of a folder by name, in the order of the letters. */
export function presetNames(folder: string): string[] {
  const ending = endingIn(folder);
  return readdirSync(join(PACKAGE_ROOT, folder))
    .filter((entry) => entry.endsWith(ending) && !entry.endsWith('.schema.json'))
    .map((entry) => basename(entry, ending))
    .sort();
}

/** Where the preset of a folder lies. */
export function presetPath(folder: string, name: string): string {
  return join(PACKAGE_ROOT, folder, `${name}${endingIn(folder)}`);
}

/**
 * The preset of a folder that a name means, whether letters are large or small; undefined where it means a file. A user's
 * file goes before a preset whose name is spelt otherwise.
 */
export function presetMeant(nameOrPath: string, folder: string): string | undefined {
  const names = presetNames(folder);
  const asked = nameOrPath.toLowerCase();
  return (
    names.find((name) => name === nameOrPath) ??
    (existsSync(nameOrPath) ? undefined : names.find((name) => name.toLowerCase() === asked))
  );
}

/**
 * Where a preset of `folder` (`hw`, `workloads`) lies as `presetMeant` finds it, else the user's path; and what to
 * say if it cannot be read.
 */
export function presetOrPath(nameOrPath: string, folder: string): { readonly path: string; readonly expected: string } {
  const preset = presetMeant(nameOrPath, folder);
  if (preset !== undefined) return { path: presetPath(folder, preset), expected: 'a preset that can be read' };
  const names = presetNames(folder);
  const isName = /^[\w-]+$/.test(nameOrPath);
  const meant = isName ? didYouMean(nameOrPath, names) : '';
  return { path: nameOrPath, expected: `a preset (${names.join(', ')}) or a file that can be read${meant}` };
}

/** Reads a preset of a folder or, if there is none of that name, a file of the user's. */
export function readJson(nameOrPath: string, folder: string, option: string, access = PLAIN_ACCESS): JsonFile {
  const { path, expected } = presetOrPath(nameOrPath, folder);
  return readJsonFile(path, { option, expected }, access);
}

/** Reads a JSON file of the user's. */
export function readJsonFile(path: string, reading: Reading, access = PLAIN_ACCESS): JsonFile {
  return { value: parseJson(readText(path, reading, access), path), file: path, name: basename(path, extname(path)) };
}
