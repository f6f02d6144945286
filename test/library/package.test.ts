/** What `npm pack` packs, installed into an empty folder without a network: what is in it, that it works, its types. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { NODE_ARGUMENTS, root, temporaryFolder } from '../support/cli.ts';

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

/** An example of the README: its code, and what its comments say that it prints. */
interface Example {
  readonly code: string;
  readonly prints: readonly string[];
}

/** Comments behind a console.log, and those on lines of their own, are what is printed. */
function examples(): Example[] {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  return [...readme.matchAll(/^```js\n([\s\S]*?)^```/gm)].map(([, code]) => ({
    code: code!,
    prints: code!.split('\n').flatMap((line) => /(?:^|console\.log\(.*\); )\/\/ (.*)$/.exec(line)?.[1] ?? []),
  }));
}

let folder: string;
let files: readonly string[];

beforeAll(() => {
  folder = temporaryFolder();
  const npm = (cwd: string, ...args: string[]): string => execFileSync('npm', args, { cwd, encoding: 'utf8' });
  // Building it anew would take the ground from under other tests.
  const packed = npm(root, 'pack', '--ignore-scripts', '--json', '--pack-destination', folder);
  const [{ filename, files: listed }] = JSON.parse(packed) as [
    { filename: string; files: readonly { path: string }[] },
  ];
  files = listed.map(({ path }) => path);
  writeFileSync(join(folder, 'package.json'), '{ "name": "user", "type": "module", "private": true }');
  npm(folder, 'install', '--offline', '--no-audit', '--no-fund', `./${filename}`);
});

/** Runs Node in the user's folder. */
function node(...args: string[]): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  return { status, stdout, stderr };
}

describe('the package', () => {
  it('holds what runs: no sources, tests or benchmarks, and nothing that only builds', () => {
    const folders = new Set(
      files.map((path) => (path.startsWith('dist/') ? path.split('/').slice(0, 2).join('/') : path.split('/')[0])),
    );
    expect([...folders].sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'dist/cli',
      'dist/library',
      'dist/page',
      'dist/types',
      'hw',
      'package.json',
      'workloads',
    ]);
    expect(files.filter((path) => /test|bench|write|(?<!\.d)\.ts$/i.test(path))).toEqual([]);
  });

  it('needs no other package, and carries the licences of those that it is made of', () => {
    expect(readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual(['systole']);
    for (const room of ['cli/LICENSES.md', 'library/LICENSES.md', 'library/LICENSES.simulate.md']) {
      expect(readFileSync(join(folder, 'node_modules/systole/dist', room), 'utf8')).toContain('## heap-js');
    }
  });

  it('brings the command line', () => {
    const main = join(folder, 'node_modules/.bin/systole');
    const { status, stdout } = node(...NODE_ARGUMENTS, main, 'run', '-c', 'HI3', '-t', 'alexnet', '--format', 'json');
    expect([status, (JSON.parse(stdout) as { version: string }).version]).toEqual([0, version]);
  });

  it('has the same error in every entry, and files and presets behind their names', () => {
    const code = `
      import { createRequire } from 'node:module';
      import { InputError } from 'systole';
      import { loadWorkload } from 'systole/node';
      import { parseOnnx } from 'systole/onnx';
      import { parseScaleSim } from 'systole/scale-sim';
      import { closedForm } from 'systole/simulate';
      const isOurs = (job) => { try { job(); } catch (error) { return error instanceof InputError; } };
      const hardware = createRequire(import.meta.url)('systole/hw/HI3.json');
      const { totals } = closedForm(await loadWorkload('resnet50'), hardware);
      console.log(isOurs(() => parseOnnx(new Uint8Array(9))), isOurs(() => parseScaleSim('')), totals.all.totalCycles);
    `;
    // 4,403,046 is the published figure: test/golden/.
    expect(node('--input-type=module', '--eval', code)).toEqual({
      status: 0,
      stdout: 'true true 4403046\n',
      stderr: '',
    });
  });
});

describe('the examples of the README', () => {
  it('are three', () => {
    expect(examples().map(({ prints }) => prints.length)).toEqual([2, 2, 4]);
  });

  it.each(examples())('run, and print what stands beside them: $prints', ({ code, prints }) => {
    const { status, stdout } = node('--input-type=module', '--eval', code);
    expect([status, stdout.trimEnd().split('\n')]).toEqual([0, prints]);
  });

  it('pass a strict check of types, in Node and for a bundler, without any other types', () => {
    const sources = join(folder, 'types');
    mkdirSync(sources);
    examples().forEach(({ code }, place) => {
      writeFileSync(join(sources, `example${place}.mts`), code);
    });
    writeFileSync(
      join(sources, 'more.mts'),
      `import { type Formula, type Hardware, InputError, parseFormula, parseHardware, parseWorkload, run, type SweepSpec, sweep, validate } from 'systole';
      import { parseOnnx } from 'systole/onnx';
      import { parseScaleSim } from 'systole/scale-sim';
      import { simulate } from 'systole/simulate';
      const hardware: Hardware = parseHardware({});
      const wide: Hardware = { ...hardware, bitsPerCycle: { ...hardware.bitsPerCycle, weight: 1024 } };
      const report = await run(parseWorkload({}), wide, { signal: new AbortController().signal, assume: ['lockstep'] });
      const cycles: number = report.totals.all.simulated.totalCycles + report.layers[0]!.simulated.waiting.ifmap;
      const spec: SweepSpec | undefined = undefined;
      if (spec !== undefined) await sweep(spec, { hardware, workloads: { mine: parseOnnx(new Uint8Array(0)) } });
      await simulate(parseScaleSim(''), wide, { batch: cycles });
      // @ts-expect-error the rows of the array are a number
      const wrong: Hardware = { ...hardware, array: { rows: '64', columns: 64 } };
      // @ts-expect-error there is no such assumption
      await simulate(parseScaleSim(''), wrong, { assume: ['optimism'] });
      const words: readonly string[] = new InputError([]).problems.map(({ expected }) => expected);
      const formula: Formula = parseFormula({});
      const { formulas } = await validate([formula], parseWorkload({}), [wide, hardware], { top: 3 });
      const error: number | undefined = formulas[0]?.byOperation['conv']?.meanAbsolute;
      console.log(words, error);
      `,
    );
    const check = (resolution: string, ...names: string[]): string => {
      const module = resolution === 'bundler' ? 'esnext' : 'nodenext';
      const options = ['--module', module, '--moduleResolution', resolution, '--lib', 'es2023,dom', '--types', ''];
      const strict = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--target', 'es2023'];
      const tsc = join(root, 'node_modules/typescript/bin/tsc');
      return node(tsc, ...options, ...strict, ...names.map((name) => join(sources, name))).stdout;
    };
    expect(check('nodenext', 'example0.mts', 'example1.mts', 'example2.mts', 'more.mts')).toBe('');
    expect(check('bundler', 'more.mts')).toBe('');
  });
});
