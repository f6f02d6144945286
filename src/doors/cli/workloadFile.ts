/** Workloads by name or file: presets, files of ours, SimDIT's, ONNX models, SCALE-Sim topologies. */
import { basename, extname } from 'node:path';
import type { ByteSource } from '../../model/importers/byteSource.ts';
import { type ImportedNetwork, importedNetwork } from '../../model/importers/importedNetwork.ts';
import { importOnnx } from '../../model/importers/onnx/importOnnx.ts';
import { HEAD_BYTES, kindOfFile } from '../../model/importers/recognise.ts';
import { importScaleSim } from '../../model/importers/scaleSim.ts';
import type { FileWords } from '../../model/schemas/fileWords.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import { parseJson } from '../../model/schemas/parse.ts';
import { isSimditWorkload, parseSimditWorkload, type TileSource } from '../../model/schemas/simditWorkload.ts';
import { parseWorkload, type Workload } from '../../model/schemas/workload.ts';
import { buildGraph, type Graph } from '../../model/workload/graph.ts';
import { withFileSource } from './fileSource.ts';
import { presetOrPath } from './files.ts';
import { refuseWithoutEffect } from './options.ts';
import { say } from './stderr.ts';

/** How a compiler's tiles are cut. */
interface Cutting {
  readonly tiles: TileSource;
  readonly array: Hardware['array'];
}

/** Where SimDIT's tiles are left to the generator, the array does not matter. */
const NO_TILES: Cutting = { tiles: 'generator', array: { rows: 1, columns: 1 } };

/** A file's layers: what they are called in it, for messages. */
interface Source {
  readonly file: string;
  readonly list?: string;
  /** Where its values stand in it, if it is not one of ours. */
  readonly words?: FileWords;
}

type Loaded = { readonly isSimdit?: true } & (
  | { readonly kind: 'ours'; readonly workload: Workload; readonly source: Source }
  | { readonly kind: 'imported'; readonly network: ImportedNetwork }
);

const textOf = (source: ByteSource): string => new TextDecoder().decode(source.read(0, source.size));

function read(source: ByteSource, file: string, { tiles, array }: Cutting): Loaded {
  const name = basename(file, extname(file));
  switch (kindOfFile(source.read(0, Math.min(source.size, HEAD_BYTES)), file)) {
    case 'onnx':
      return { kind: 'imported', network: importOnnx(source, file, name) };
    case 'scale-sim':
      return { kind: 'imported', network: importScaleSim(textOf(source), file, name) };
    case 'json': {
      const value = parseJson(textOf(source), file);
      if (!isSimditWorkload(value)) return { kind: 'ours', workload: parseWorkload(value, file), source: { file } };
      const { workload, words } = parseSimditWorkload(value, file, name, tiles, array);
      return { kind: 'ours', isSimdit: true, workload, source: { file, list: 'program', words } };
    }
  }
}

function load(nameOrPath: string, option: string, cutting: Cutting): Loaded {
  const { path, expected } = presetOrPath(nameOrPath, 'workloads');
  try {
    return withFileSource(path, (source) => read(source, path, cutting));
  } catch (error) {
    // A file that cannot be opened or read, or is a folder.
    if (!(error instanceof Error) || !('syscall' in error)) throw error;
    throw new InputError({ file: option, path: '', value: path, expected });
  }
}

/** Says on stderr what the user should know of how a file was read. */
function tell(notes: readonly string[], file: string): void {
  for (const note of notes) say(`systole: ${file}: ${note}\n`);
}

/** A workload preset or a file of any kind, as a checked graph; its tiles as the hardware's array cuts them. */
export function loadGraph(
  nameOrPath: string,
  tiles: TileSource | undefined,
  hardware: Hardware,
  option = '--workload',
): Graph {
  const loaded = load(nameOrPath, option, { tiles: tiles ?? 'generator', array: hardware.array });
  if (!loaded.isSimdit) refuseWithoutEffect('--tiles', tiles, `a workload of SimDIT's, not ${nameOrPath}`);
  if (loaded.kind === 'ours') {
    const { file, list, words } = loaded.source;
    return buildGraph(loaded.workload, file, list, words);
  }
  tell(loaded.network.notes, nameOrPath);
  return loaded.network.graph;
}

/** A workload preset or a file of any kind, as a workload of ours. */
export function loadNetworkFile(nameOrPath: string, option: string): ImportedNetwork {
  const loaded = load(nameOrPath, option, NO_TILES);
  if (loaded.kind === 'ours') return importedNetwork(loaded.workload, loaded.source);
  tell(loaded.network.notes, nameOrPath);
  return loaded.network;
}
