/** Reading files in Node: presets by name, and those of the user. */
import { constants } from 'node:buffer';
import { closeSync, existsSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { InputError } from '../../model/schemas/inputError.ts';
import { didYouMean } from '../../model/schemas/nearest.ts';
import { parseJson } from '../../model/schemas/parse.ts';
import { PACKAGE_ROOT } from './packageRoot.ts';

/** What reads a file, and what was expected there, for messages. */
export interface Reading {
  readonly option: string;
  readonly expected: string;
}

/** Opens files to be read; the command line notes which. */
export interface FileAccess {
  /** The descriptor of a file; throws what the system says. */
  readonly open: (path: string) => number;
  /** Is told of a descriptor from which all will be read. */
  readonly reads?: (path: string, descriptor: number) => void;
}

/** Files as they are. */
export const PLAIN_ACCESS: FileAccess = { open: (path) => openSync(path, 'r') };

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
 * Where a preset of `folder` (`hw`, `workloads`) lies, whether letters are large or small, else the user's path; and
 * what to say if it cannot be read. A user's file goes before a preset whose name is spelt otherwise.
 */
export function presetOrPath(nameOrPath: string, folder: string): { readonly path: string; readonly expected: string } {
  const names = presetNames(folder);
  const asked = nameOrPath.toLowerCase();
  const preset =
    names.find((name) => name === nameOrPath) ??
    (existsSync(nameOrPath) ? undefined : names.find((name) => name.toLowerCase() === asked));
  if (preset !== undefined) return { path: presetPath(folder, preset), expected: 'a preset that can be read' };
  const isName = /^[\w-]+$/.test(nameOrPath);
  const meant = isName ? didYouMean(nameOrPath, names) : '';
  return { path: nameOrPath, expected: `a preset (${names.join(', ')}) or a file that can be read${meant}` };
}

/** Reads a whole text of the user's; throws an InputError where it cannot be read. */
export function readText(path: string, { option, expected }: Reading, access = PLAIN_ACCESS): string {
  try {
    const descriptor = access.open(path);
    try {
      access.reads?.(path, descriptor);
      return readFileSync(descriptor, 'utf8');
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const isTooLarge = code === 'ERR_STRING_TOO_LONG' || code === 'ERR_FS_FILE_TOO_LARGE';
    const most = `a text of at most ${Math.floor(constants.MAX_STRING_LENGTH / 1e6)} MB`;
    throw new InputError({ file: option, path: '', value: path, expected: isTooLarge ? most : expected });
  }
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
