/** Workloads by name or file: presets, files of ours, SimDIT's, ONNX models, SCALE-Sim topologies. */
import { statSync } from 'node:fs';
import { basename, extname } from 'node:path';
import type { ByteSource } from '../../model/importers/byteSource.ts';
import type { ImportedNetwork } from '../../model/importers/importedNetwork.ts';
import { HEAD_BYTES, kindOfFile, type WorkloadFileKind } from '../../model/importers/recognise.ts';
import type { FileWords } from '../../model/schemas/fileWords.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { InputError, InternalError } from '../../model/schemas/inputError.ts';
import { parseJson } from '../../model/schemas/parse.ts';
import { isSimditWorkload, parseSimditWorkload, type TileSource } from '../../model/schemas/simditWorkload.ts';
import { parseWorkload, type Workload } from '../../model/schemas/workload.ts';
import { withFileSource } from './fileSource.ts';
import { presetOrPath } from './files.ts';
import { type FileAccess, PLAIN_ACCESS } from './textFile.ts';

/** How a compiler's tiles are cut. */
export interface Cutting {
  readonly tiles: TileSource;
  readonly array: Hardware['array'];
}

/** Where SimDIT's tiles are left to the generator, the array does not matter. */
export const NO_TILES: Cutting = { tiles: 'generator', array: { rows: 1, columns: 1 } };

/** A file's layers: what they are called in it, for messages. */
interface Source {
  readonly file: string;
  readonly list?: string;
  /** Where its values stand in it, if it is not one of ours. */
  readonly words?: FileWords;
}

/** A workload file that has been read: a workload, or a network that was imported as one. */
export type ReadWorkload = { readonly isSimdit?: true } & (
  | { readonly kind: 'ours'; readonly workload: Workload; readonly source: Source }
  | { readonly kind: 'imported'; readonly network: ImportedNetwork }
);

type Reader = (source: ByteSource, file: string, name: string) => ImportedNetwork;

const textOf = (source: ByteSource): string => new TextDecoder().decode(source.read(0, source.size));

/** How files of other kinds are read. With their libraries the readers are larger than what a short run loads otherwise. */
const READERS: Readonly<Record<Exclude<WorkloadFileKind, 'json'>, () => Promise<Reader>>> = {
  onnx: async () => (await import('../../model/importers/onnx/importOnnx.ts')).importOnnx,
  'scale-sim': async () => {
    const { importScaleSim } = await import('../../model/importers/scaleSim.ts');
    return (source, file, name) => importScaleSim(textOf(source), file, name);
  },
};

/** The readers that are loaded. */
const ready = new Map<WorkloadFileKind, Reader>();

const kindOf = (source: ByteSource, path: string): WorkloadFileKind =>
  kindOfFile(source.read(0, Math.min(source.size, HEAD_BYTES)), path);

/** The kinds that a file may be: of what is no regular file it can only be told while it is read. */
function possibleKinds(path: string): readonly WorkloadFileKind[] {
  try {
    if (!statSync(path).isFile()) return ['onnx', 'scale-sim'];
    return [withFileSource(path, (source) => kindOf(source, path))];
  } catch {
    // Whoever loads it says what is wrong.
    return [];
  }
}

/** Gets ready to read a workload, whatever it is; must come before the functions that load one. */
export async function prepareWorkload(nameOrPath: string): Promise<void> {
  const { path } = presetOrPath(nameOrPath, 'workloads');
  for (const kind of possibleKinds(path)) {
    if (kind !== 'json' && !ready.has(kind)) ready.set(kind, await READERS[kind]());
  }
}

function read(source: ByteSource, file: string, { tiles, array }: Cutting): ReadWorkload {
  const name = basename(file, extname(file));
  const kind = kindOf(source, file);
  if (kind !== 'json') {
    const reader = ready.get(kind);
    if (reader === undefined) throw new InternalError(`nobody got ready to read ${file}`);
    return { kind: 'imported', network: reader(source, file, name) };
  }
  const value = parseJson(textOf(source), file);
  if (!isSimditWorkload(value)) return { kind: 'ours', workload: parseWorkload(value, file), source: { file } };
  const { workload, words } = parseSimditWorkload(value, file, name, tiles, array);
  return { kind: 'ours', isSimdit: true, workload, source: { file, list: 'program', words } };
}

/**
 * Reads a workload preset or a file of any kind that `prepareWorkload` has got ready for. Throws an InputError for
 * whatever is wrong with it; `option` is what messages call a name that leads to no file.
 */
export function readWorkload(
  nameOrPath: string,
  option: string,
  cutting: Cutting,
  access: FileAccess = PLAIN_ACCESS,
): ReadWorkload {
  const { path, expected } = presetOrPath(nameOrPath, 'workloads');
  try {
    return withFileSource(path, (source) => read(source, path, cutting), access);
  } catch (error) {
    // A file that cannot be opened or read, or is a folder; or a name that no file can have.
    const isName = error instanceof Error && ('syscall' in error || path.includes('\0'));
    if (!isName) throw error;
    throw new InputError({ file: option, path: '', value: path, expected });
  }
}
