/** Plants a fault into a source file on its way to the tests: on disk nothing changes. */
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import type { Fault } from './fault.ts';

const SOURCES = fileURLToPath(new URL('../../src/', import.meta.url));

/** The path of a fault's file. */
export function sourceOf({ floor = 'model', file }: Fault): string {
  return `${SOURCES}${floor}/${file}`;
}

/** How often a text stands in a source. */
export function occurrences(source: string, text: string): number {
  return source.split(text).length - 1;
}

/** The plugin that plants a fault. */
export function plantFault(fault: Fault): Plugin {
  return {
    name: 'plant-fault',
    enforce: 'pre',
    transform(code, id) {
      if (id !== sourceOf(fault)) return undefined;
      if (occurrences(code, fault.text) !== 1) throw new Error(`${fault.file}: expected once: ${fault.text}`);
      return { code: code.replace(fault.text, () => fault.becomes), map: null };
    },
  };
}
