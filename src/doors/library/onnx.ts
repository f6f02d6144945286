/** ONNX models as workloads, wherever their bytes come from. */
import { sourceOfBytes } from '../../model/importers/byteSource.ts';
import { importOnnx } from '../../model/importers/onnx/importOnnx.ts';
import type { Workload } from '../../model/schemas/workload.ts';
import { expectInputs, kind, options as named, text } from './kinds.ts';

const INPUTS = {
  bytes: kind('a Uint8Array', (value) => Object.prototype.toString.call(value) === '[object Uint8Array]'),
  options: named<{ readonly name?: string }>({ name: text }),
};

/**
 * A network from the bytes of an ONNX model, whose weights may lie elsewhere or be missing. `name` is what it is called.
 * Throws an InputError that names everything that cannot be imported.
 */
export function parseOnnx(bytes: Uint8Array, options: { readonly name?: string } = {}): Workload {
  expectInputs(INPUTS, { bytes, options });
  const { name = 'onnx' } = options;
  return importOnnx(sourceOfBytes(bytes), name, name).workload;
}
