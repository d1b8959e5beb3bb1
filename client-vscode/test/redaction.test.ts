import assert from 'node:assert/strict';
import { test } from 'node:test';
import { originOf, shownOrigin } from '../src/origins';
import { redact } from '../src/redaction';
import { childEnvironment } from '../src/setup/processes';

const NOTHING = { secrets: [], folders: {} };

/** Texts with a secret that nobody has named, and what must be gone from them. */
const TOLD: [text: string, gone: string][] = [
  ['Authorization: Bearer abc.def-ghi123456', 'abc.def-ghi123456'],
  ['{"api_key": "qwertzuiop"}', 'qwertzuiop'],
  ['x-api-key=qwertzuiop&more=1', 'qwertzuiop'],
  ['password: hunter2hunter2', 'hunter2hunter2'],
  ['using sk-proj-abcdefghijklmnop now', 'abcdefghijklmnop'],
  ['ghp_abcdefghijklmnopqrst', 'abcdefghijklmnopqrst'],
  ['token eyJhbGciOiJIUzI1.eyJzdWIiOiIx.sig', 'eyJzdWIiOiIx'],
  ['proxy http://me:pass@proxy.example:3128 used', 'me:pass'],
];

for (const [text, gone] of TOLD) {
  test(`a secret is blanked out of: ${text.slice(0, 24)}`, () => {
    assert.ok(!redact(text, NOTHING).includes(gone));
  });
}

test('a known secret goes in every form it is written in', () => {
  const secret = 'a"b/c d';
  const text = `${secret} ${JSON.stringify({ value: secret })} ${encodeURIComponent(secret)}`;
  assert.equal(redact(text, { secrets: [secret], folders: {} }), '… {"value":"…"} …');
  assert.equal(redact('abc', { secrets: ['', 'b'], folders: {} }), 'abc');
});

test('folders become words, inner ones first', () => {
  const folders = { '/home/ada': '~', '/home/ada/shop': '<folder 1>' };
  assert.equal(redact('/home/ada/shop/a.py in /home/ada', { secrets: [], folders }), '<folder 1>/a.py in ~');
});

test('ordinary words stay', () => {
  const text = 'the server ended by itself, starting it again in 4 s; 371 tokens in, 23 tokens out, key bound to https://api.example';
  assert.equal(redact(text, NOTHING), text);
});

test('an origin is written as the server writes it', () => {
  assert.equal(originOf('https://api.example/v1'), 'https://api.example:443');
  assert.equal(originOf('http://127.0.0.1:8080/v1'), 'http://127.0.0.1:8080');
  assert.equal(originOf('HTTPS://API.Example'), 'https://api.example:443');
  for (const none of ['', 'api.example', 'file:///etc/passwd', 'https://']) assert.equal(originOf(none), undefined);
  assert.equal(shownOrigin('https://api.example:443'), 'https://api.example');
  assert.equal(shownOrigin('https://api.example:8443'), 'https://api.example:8443');
});

test('a child gets a proxy and no secrets of other programs', () => {
  const env = { PATH: '/bin', OPENAI_API_KEY: 'x', AWS_SECRET: 'x', NPM_TOKEN: 'x', PYTHONPATH: '/evil', VIRTUAL_ENV: '/v', UV_INDEX_PASSWORD: 'p' };
  const proxied = { PATH: '/bin', UV_INDEX_PASSWORD: 'p', HTTP_PROXY: 'http://p:1', HTTPS_PROXY: 'http://p:1' };
  assert.deepEqual(childEnvironment(env, 'http://p:1'), proxied);
  const own = { https_proxy: 'http://q:2' };
  assert.deepEqual(childEnvironment(own, 'http://p:1'), own);
});
