/** Memories by name or file, with what the command line changes in them. */
import type { DramModel } from '../../model/dram/model.ts';
import type { DramSpec } from '../../model/schemas/dram.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import { isLatencyFile } from '../../model/schemas/latency.ts';
import { changedDram, dramModelOf } from '../library/dram.ts';
import {
  bankedInWords,
  choiceOf,
  DRAM_FOLDER,
  type DramOptions,
  type DramOverrides,
  idealModel,
  refreshMeant,
  WITHOUT_BANKS,
  wordsFor,
} from './dramOptions.ts';
import { readJson } from './files.ts';

/** `ideal`, a preset or a file, banked or with latency. */
export function loadDramModel(options: DramOptions, option = '--dram'): DramModel {
  const ideal = idealModel(options, option);
  if (ideal !== undefined) return ideal;
  const { value, file } = readJson(options.dram, DRAM_FOLDER, option);
  const choice = { ...choiceOf(options), seed: isLatencyFile(value) ? options.seed : undefined };
  return dramModelOf(value, file, choice, wordsFor(options.dram, option));
}

/** A DRAM preset or a file, with the command line's changes, validated as a whole. */
export function loadDram(nameOrPath: string, overrides: DramOverrides, option = '--dram'): DramSpec {
  if (nameOrPath.toLowerCase() === WITHOUT_BANKS) {
    const expected = `banked DRAM: ${bankedInWords()}, or a JSON file`;
    throw new InputError({ file: option, path: '', value: nameOrPath, expected });
  }
  const { value, file } = readJson(nameOrPath, DRAM_FOLDER, option);
  const changes = { ...overrides, refresh: refreshMeant(overrides), clock: overrides.dramClock };
  return changedDram(value, file, changes, wordsFor(nameOrPath, option));
}
