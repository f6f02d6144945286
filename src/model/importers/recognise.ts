/** What kind of workload file some bytes are. */
import { isScaleSimTopology } from './scaleSimHeader.ts';

export type WorkloadFileKind = 'json' | 'onnx' | 'scale-sim';

/** As much of a file as its kind shows in. */
export const HEAD_BYTES = 4096;

/** Tabs, line ends and form feeds are in texts; below them is nothing that a text holds. */
const FIRST_TEXT_BYTE = 9;

/**
 * The kind of a file by its first bytes (at most `HEAD_BYTES` matter) and, where those leave it open, by what its name
 * ends with. What is nothing else is taken for JSON, whose reader says best what is wrong with it.
 */
export function kindOfFile(head: Uint8Array, path: string): WorkloadFileKind {
  const text = new TextDecoder().decode(head.subarray(0, HEAD_BYTES));
  if (/^\uFEFF?\s*[{[]/.test(text)) return 'json';
  if (path.endsWith('.onnx')) return 'onnx';
  if (head.subarray(0, HEAD_BYTES).some((byte) => byte < FIRST_TEXT_BYTE)) return 'onnx';
  return path.endsWith('.csv') || isScaleSimTopology(text) ? 'scale-sim' : 'json';
}
