/** Workloads by name or file, as the command line reads them: what the user should know of one is said on stderr. */
import { type ImportedNetwork, importedNetwork } from '../../model/importers/importedNetwork.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import type { TileSource } from '../../model/schemas/simditWorkload.ts';
import { buildGraph, type Graph } from '../../model/workload/graph.ts';
import type { WorkloadSource } from '../../studies/sweep/sweepInput.ts';
import { NO_TILES, prepareWorkload as prepare, readWorkload } from '../library/workloadFile.ts';
import { NOTED_ACCESS } from './inputs.ts';
import { refuseWithoutEffect } from './options.ts';
import { say } from './stderr.ts';

/** Files of which the user has been told what there is to know. */
const told = new Set<string>();

/** Gets ready to read a workload, whatever it is; must come before the functions that load one. */
export async function prepareWorkload(nameOrPath: string): Promise<void> {
  told.delete(nameOrPath);
  await prepare(nameOrPath);
}

/** Says on stderr what the user should know of how a file was read, once however often it is read. */
function tell(notes: readonly string[], file: string): void {
  for (const note of told.has(file) ? [] : notes) say(`systole: ${file}: ${note}\n`);
  told.add(file);
}

/** A workload preset or a file of any kind, as a checked graph; its tiles as the hardware's array cuts them. */
export function loadGraph(
  nameOrPath: string,
  tiles: TileSource | undefined,
  hardware: Hardware,
  option = '--workload',
): Graph {
  const loaded = readWorkload(nameOrPath, option, { tiles: tiles ?? 'generator', array: hardware.array }, NOTED_ACCESS);
  if (!loaded.isSimdit) refuseWithoutEffect('--tiles', tiles, `a workload of SimDIT's, not ${nameOrPath}`);
  if (loaded.kind === 'ours') {
    const { file, list, words } = loaded.source;
    return buildGraph(loaded.workload, file, list, words);
  }
  tell(loaded.network.notes, nameOrPath);
  return loaded.network.graph;
}

/** A workload preset or a file of any kind as plain data, which has passed all checks of a graph; SimDIT's tiles are left to the generator. */
export function loadWorkloadSource(nameOrPath: string, hardware: Hardware, option: string): WorkloadSource {
  const loaded = readWorkload(nameOrPath, option, { tiles: 'generator', array: hardware.array }, NOTED_ACCESS);
  if (loaded.kind === 'ours') {
    const { file, list, words } = loaded.source;
    buildGraph(loaded.workload, file, list, words); // for what it refuses
    return { file, workload: loaded.workload, ...(list !== undefined && { list }) };
  }
  tell(loaded.network.notes, nameOrPath);
  return { file: loaded.network.graph.file, workload: loaded.network.workload };
}

/** A workload preset or a file of any kind, as a workload of ours. */
export function loadNetworkFile(nameOrPath: string, option: string): ImportedNetwork {
  const loaded = readWorkload(nameOrPath, option, NO_TILES, NOTED_ACCESS);
  if (loaded.kind === 'ours') return importedNetwork(loaded.workload, loaded.source);
  tell(loaded.network.notes, nameOrPath);
  return loaded.network;
}
