/** A stderr that nobody can read, or does, changes nothing: neither the result nor the exit code nor what is left. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systoleProcess as systole, temporaryFolder } from '../support/cli.ts';
import { shell } from '../support/faults.ts';

/** Says something on stderr: what the size limit leaves out. */
const TALKATIVE = 'trace -c HI3 -t resnet50 --format csv --max-size 1';
const REFUSED = 'run -c HI3 -t nowhere';

const said = systole(...TALKATIVE.split(' '), '-o', '-');

describe.each([
  ['full', '2> /dev/full'],
  ['closed', '2>&-'],
  ['a pipe whose reader is gone', '2> >(exec true)'],
  ['a pipe that is full and never read', '2>&3'],
])('stderr is %s', (_, redirection) => {
  // The pipe of the last is opened by the shell for reading too, so that there is a reader, and filled.
  const begin = 'mkfifo ../pipe-$$; exec 3<> ../pipe-$$; rm ../pipe-$$; head -c 65536 /dev/zero >&3; sleep 0.1';

  it('and the result is whole, with exit 0', () => {
    const folder = temporaryFolder();
    expect(said.stderr).toMatch(/^systole: .*left out/);
    const { status } = shell(`${begin}; systole ${TALKATIVE} -o trace.csv ${redirection}`, folder);
    expect([status, readdirSync(folder)]).toEqual([0, ['trace.csv']]);
    expect(readFileSync(join(folder, 'trace.csv'), 'utf8')).toBe(said.stdout);
  });

  it('and what is wrong is exit 2 still', () => {
    expect(shell(`${begin}; systole ${REFUSED} ${redirection}`)).toEqual({ status: 2, stdout: '', stderr: '' });
  });
});
