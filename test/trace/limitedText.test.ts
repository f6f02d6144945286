import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/model/schemas/inputError.ts';
import { LimitedText } from '../../src/views/trace/limitedText.ts';
import { utf8Bytes } from '../../src/views/trace/utf8.ts';

describe('bytes of a text', () => {
  it('are those of UTF-8', () => {
    for (const text of ['', 'plain', 'µs × ß', 'K–J … 1×1', '日本', '𝒳 and 🙂', '\u007f\u0080\u07ff\u0800\uffff']) {
      expect([text, utf8Bytes(text)]).toEqual([text, Buffer.byteLength(text)]);
    }
  });
});

describe('a text of at most a megabyte', () => {
  const million = 1_000_000;

  it('takes what fits beside what is reserved, and nothing after what did not', () => {
    const written: string[] = [];
    const text = new LimitedText((piece) => written.push(piece), 1);
    text.write('head');
    text.reserve(100);
    expect(text.tryWrite('x'.repeat(million - 104 - 10))).toBe(true);
    // Ten bytes are left: eleven do not fit, and five no more after that.
    expect(text.tryWrite(`${'µ'.repeat(5)}x`)).toBe(false);
    expect(text.tryWrite('12345')).toBe(false);
    text.write('t'.repeat(100));
    expect(Buffer.byteLength(written.join(''))).toBe(million - 10);
  });

  it('is refused where its head and its end are longer', () => {
    const text = new LimitedText(() => {}, 1);
    text.write('x'.repeat(600_000));
    expect(() => text.reserve(1_500_000)).toThrow(InputError);
    expect(() => text.reserve(0)).toThrow('--max-size: got 1, expected at least 3');
  });
});
