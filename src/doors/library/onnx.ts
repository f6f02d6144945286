/** ONNX models as workloads, wherever their bytes come from. */
import { sourceOfBytes } from '../../model/importers/byteSource.ts';
import { importOnnx } from '../../model/importers/onnx/importOnnx.ts';
import type { Workload } from '../../model/schemas/workload.ts';

/**
 * A network from the bytes of an ONNX model, whose weights may lie elsewhere or be missing. `name` is what it is called.
 * Throws an InputError that names everything that cannot be imported.
 */
export function parseOnnx(bytes: Uint8Array, { name = 'onnx' }: { readonly name?: string } = {}): Workload {
  return importOnnx(sourceOfBytes(bytes), name, name).workload;
}
