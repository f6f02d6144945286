/** JSON files as the command line reads them: it notes which, and announces the large ones. */
import { type JsonFile, readJsonFile as readFile, readJson as readPreset } from '../library/files.ts';
import { NOTED_ACCESS } from './inputs.ts';

export { presetMeant, presetNames, presetPath } from '../library/files.ts';

/** Reads a preset of a folder or, if there is none of that name, a file of the user's. */
export function readJson(nameOrPath: string, folder: string, option: string): JsonFile {
  return readPreset(nameOrPath, folder, option, NOTED_ACCESS);
}

/** Reads a JSON file of the user's. */
export function readJsonFile(path: string, option: string, expected = 'a file that can be read'): JsonFile {
  return readFile(path, { option, expected }, NOTED_ACCESS);
}
