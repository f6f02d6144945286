/**
 * heap-js without what nobody calls. TypeScript has compiled it to ES5: its classes are functions to which methods are
 * assigned one by one, all of which a bundler keeps. The event queue needs five of some sixty.
 */
import type { Plugin } from 'vite';

/** What the queue calls (`EventHeap`). */
const CALLED = ['add', 'peek', 'pop', 'remove', 'replace'];

/** A class as it stands in the file, and one of its methods, on instances or on the class itself; each ends at the margin. */
const CLASS = /^var Heap = \/\*\* @class \*\/ \(function \(\) \{\n[\s\S]*?^\}\(\)\);\n/m;
const METHOD = /^ {4}Heap\.(?:prototype\.)?(?<name>\w+) = function \([\s\S]*?^ {4}\};\n/gm;

/** The class without the methods that are called neither from outside nor by those that are. */
function withoutUncalled(text: string): string {
  const methods = [...text.matchAll(METHOD)].map(([code, name]) => ({ code, name: name! }));
  if (CALLED.some((called) => methods.every(({ name }) => name !== called))) throw new Error('heap-js looks different');
  const always = text.replace(METHOD, '');
  const isNamed = (name: string, code: string): boolean => new RegExp(`\\b(?:_?this|Heap)\\.${name}\\b`).test(code);
  const kept = new Set(methods.filter(({ name }) => CALLED.includes(name) || isNamed(name, always)));
  // A set hands out what is added to it while it is gone through.
  for (const { code } of kept) for (const other of methods) if (isNamed(other.name, code)) kept.add(other);
  const names = new Set([...kept].map(({ name }) => name));
  return text.replace(METHOD, (code, name: string) => (names.has(name) ? code : ''));
}

/** Leaves out the methods that are never called, and lets a bundler leave out the other kind of heap. */
export const heapJs: Plugin = {
  name: 'heap-js',
  transform: (code, id) =>
    id.includes('/heap-js/')
      ? code.replace(CLASS, withoutUncalled).replaceAll('/** @class */', '/* @__PURE__ */')
      : undefined,
};
