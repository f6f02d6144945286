/** A workload as the text of a file: a line per layer, as the presets have it. */
import type { Workload } from '../../model/schemas/workload.ts';

type Layer = Workload['layers'][number];

/** JSON on one line, with the spaces that somebody who reads it wants. */
function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return `{ ${fields.map(([key, field]) => `${JSON.stringify(key)}: ${spaced(field)}`).join(', ')} }`;
}

/** A layer without what says nothing. */
function layerText({ name, op, inputs, ...rest }: Layer): string {
  return spaced({ name, op, ...(inputs.length > 0 ? { inputs } : {}), ...rest });
}

/** The file's text; it is read back as the same workload. */
export function workloadText({ $schema, name, description, parameters, macs, graph, input, layers }: Workload): string {
  const head = { $schema, name, description, parameters, macs, graph, input };
  const lines = Object.entries(head).flatMap(([key, value]) =>
    value === undefined ? [] : [`  ${JSON.stringify(key)}: ${spaced(value)},`],
  );
  const list = layers.map((layer) => `    ${layerText(layer)}`).join(',\n');
  return `{\n${lines.join('\n')}\n  "layers": [\n${list}\n  ]\n}\n`;
}
