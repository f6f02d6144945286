import { readdirSync, readFileSync } from 'node:fs';
import seedrandom from 'seedrandom';
import { describe, expect, it } from 'vitest';
import { choose } from '../../src/model/engine/random.ts';
import { sourceOfBytes } from '../../src/model/importers/byteSource.ts';
import type { ImportedNetwork } from '../../src/model/importers/importedNetwork.ts';
import { importOnnx } from '../../src/model/importers/onnx/importOnnx.ts';
import { skeletonOf } from '../../src/model/importers/onnx/skeleton.ts';
import { importScaleSim } from '../../src/model/importers/scaleSim.ts';
import { InputError } from '../../src/model/schemas/inputError.ts';
import { parseWorkload } from '../../src/model/schemas/workload.ts';
import { workloadText } from '../../src/views/report/workloadText.ts';
import { mutateBytes, mutateModel, mutateText } from '../support/mutations.ts';
import { attentionModel, exportedGraph, MOBILE_MODEL, onnxBytes, ROWS_MODEL } from '../support/onnx.ts';

const CASES = process.env['SYSTOLE_VERIFY'] === '1' ? 20_000 : 1000;

/** Small graphs, without weights. */
const EXPORTED = ['unet_small', 'lenet5'].map((name) => skeletonOf(sourceOfBytes(exportedGraph(name)), name));
const GRAPHS = [...EXPORTED, ...[attentionModel(1), attentionModel(2), MOBILE_MODEL, ROWS_MODEL].map(onnxBytes)];
const FOLDER = new URL('./scalesim/', import.meta.url);
const TABLES = readdirSync(FOLDER)
  .filter((file) => file.startsWith('scalesim_'))
  .map((file) => readFileSync(new URL(file, FOLDER), 'utf8'));

/** An import ends with a network that is right in itself, or with what is wrong with the input. */
function outcomeOf(run: () => ImportedNetwork): 'imported' | 'refused' {
  try {
    const { workload, graph } = run();
    // It is a workload file like any other, of the same network.
    expect(parseWorkload(JSON.parse(workloadText(workload)), 'again')).toEqual(workload);
    expect(graph.nodes).toHaveLength(workload.layers.length);
    return 'imported';
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return 'refused';
  }
}

/** How many of the cases were imported and refused; each is named by its seed. */
function outcomes(kind: string, count: number, run: (random: seedrandom.PRNG) => ImportedNetwork) {
  const found = { imported: 0, refused: 0 };
  for (let seed = 0; seed < count; seed++) {
    try {
      found[outcomeOf(() => run(seedrandom.alea(`${kind} ${seed}`)))]++;
    } catch (error) {
      throw new Error(`${kind} ${seed}`, { cause: error });
    }
  }
  return found;
}

describe('a file that is broken somewhere', () => {
  it('is imported or refused: bytes of ONNX models', () => {
    const { imported, refused } = outcomes('bytes', CASES / 4, (random) =>
      importOnnx(sourceOfBytes(mutateBytes(random, choose(random, GRAPHS))), 'x.onnx', 'x'),
    );
    expect(Math.min(imported, refused)).toBeGreaterThan(CASES / 100);
  });

  it('is imported or refused: nodes, tensors and sizes of ONNX models', () => {
    const { imported, refused } = outcomes('model', CASES / 2, (random) =>
      importOnnx(sourceOfBytes(mutateModel(random, choose(random, GRAPHS))), 'x.onnx', 'x'),
    );
    expect(Math.min(imported, refused)).toBeGreaterThan(CASES / 100);
  });

  it('is imported or refused: lines and cells of topologies', () => {
    const { imported, refused } = outcomes('table', CASES / 4, (random) =>
      importScaleSim(mutateText(random, choose(random, TABLES)), 'x.csv', 'x'),
    );
    expect(Math.min(imported, refused)).toBeGreaterThan(CASES / 100);
  });
});
