/** The thread in which `systole` (cli.ts) has the built command line called: its modules are loaded once. */
import fs from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { workerData } from 'node:worker_threads';

const { root, port, signal } = workerData;
createRequire(import.meta.url)('./startedProcess.cjs');
const { runCommandLine } = await import(`${root}/dist/cli/commandLine.js`);

const said = { stdout: [], stderr: [] };
const NAMES = { 1: 'stdout', 2: 'stderr' };
const { writeSync } = fs;
fs.writeSync = (descriptor, data, from = 0, ...rest) => {
  const name = NAMES[descriptor];
  if (name === undefined) return writeSync(descriptor, data, from, ...rest);
  said[name].push(Buffer.from(data.subarray(from)));
  return data.length - from;
};
syncBuiltinESMExports();

for (const name of ['stdout', 'stderr']) {
  process[name].write = (chunk, encoding, done) => {
    said[name].push(Buffer.from(chunk, typeof encoding === 'string' ? encoding : undefined));
    (typeof encoding === 'function' ? encoding : done)?.();
    return true;
  };
}

const flag = new Int32Array(signal);
const environment = { ...process.env };
delete environment.COLUMNS; // No terminal's width decides what tests see.
port.on('message', async ({ args, env }) => {
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, environment, env);
  said.stdout = [];
  said.stderr = [];
  const status = await runCommandLine(args);
  const [stdout, stderr] = [said.stdout, said.stderr].map((pieces) => Buffer.concat(pieces).toString('utf8'));
  port.postMessage({ status, stdout, stderr });
  Atomics.store(flag, 0, 1);
  Atomics.notify(flag, 0);
});
