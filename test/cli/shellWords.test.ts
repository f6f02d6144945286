import { describe, expect, it } from 'vitest';
import { shellWords } from '../../src/doors/cli/shellWords.ts';

describe('an argument that is a command line', () => {
  it.each([
    ['-c HI3  -t\tresnet18 ', ['-c', 'HI3', '-t', 'resnet18']],
    ["-c '/my files/a.json'", ['-c', '/my files/a.json']],
    ['-c "/my files/a.json"', ['-c', '/my files/a.json']],
    ['-c /my\\ files/a.json', ['-c', '/my files/a.json']],
    [`-c "o'clock" 'say "hi"'`, ['-c', "o'clock", 'say "hi"']],
    ['--hardware="my file".json', ['--hardware=my file.json']],
    ['"a \\"b\\" \\\\ \\n"', ['a "b" \\ \\n']],
    ["'' x", ['', 'x']],
    ['', []],
  ])('%j is split as a shell would', (line, words) => {
    expect(shellWords(line, 'systole diff')).toEqual(words);
  });

  it.each([["-c 'HI3"], ['-c "HI3'], ["-c HI3 '"], ['-c HI3 \\'], ['"a\\"']])('%j is refused', (line) => {
    expect(() => shellWords(line, 'systole diff')).toThrow('expected quotes in pairs');
  });
});
